"""What could get past the approvals of an agent: other middlewares, other tools, persistence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ToolRetryMiddleware
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import InjectedToolArg, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.prebuilt import InjectedState, ToolRuntime

from langgraph_hitl import Approve, Edit, Reject, pending, resume, review_tools
from langgraph_hitl.errors import GateError
from tests.tools.agents import Outbox, Scripted, agent, call, calls, mails, once, told

CONFIG: Any = {"configurable": {"thread_id": "1"}}
HELLO: Any = {"messages": [HumanMessage("hello")]}


class Changes(AgentMiddleware[Any, Any, Any]):
    """Makes another call of a call."""

    def __init__(self, **changed: Any) -> None:
        super().__init__()
        self._changed = changed

    def wrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        return handler(request.override(tool_call={**request.tool_call, **self._changed}))

    async def awrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        return await handler(request.override(tool_call={**request.tool_call, **self._changed}))


def behind(outbox: Outbox, *middleware: Any) -> Any:
    return create_agent(
        Scripted(says=once(mails("ann"))),
        [outbox.mail],
        middleware=middleware,
        checkpointer=InMemorySaver(),
    )


@pytest.mark.parametrize(
    "changed", [{"args": {"to": "eve"}}, {"args": {"to": "ann", "cc": "eve"}}, {"args": {}}]
)
def test_a_middleware_behind_the_approval_changes_nothing(changed: dict[str, Any]) -> None:
    outbox = Outbox()
    app = behind(outbox, review_tools({"mail": True}), Changes(**changed))
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    with pytest.raises(GateError, match="changed after they were approved"):
        app.invoke(resume(request, Approve()), CONFIG)
    assert outbox.sent == []


async def test_nor_on_an_event_loop() -> None:
    outbox = Outbox()
    app = behind(outbox, review_tools({"mail": True}), Changes(args={"to": "eve"}))
    await app.ainvoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    with pytest.raises(GateError, match="changed after they were approved"):
        await app.ainvoke(resume(request, Approve()), CONFIG)
    assert outbox.sent == []


def test_a_middleware_before_the_approval_is_shown_with_what_it_makes() -> None:
    outbox = Outbox()
    app = behind(outbox, Changes(args={"to": "eve"}), review_tools({"mail": True}))
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.subject == {"to": "eve"}
    app.invoke(resume(request, Approve()), CONFIG)
    assert outbox.sent == ["eve"]


@pytest.mark.parametrize("answer", [Approve(), Edit({"to": "bob"})])
def test_a_middleware_behind_the_approval_that_changes_nothing(answer: Any) -> None:
    outbox = Outbox()
    retry = ToolRetryMiddleware(max_retries=1, initial_delay=0)
    app = behind(outbox, review_tools({"mail": True}), retry, Changes())
    app.invoke(HELLO, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], answer), CONFIG)
    assert outbox.sent == ["bob" if isinstance(answer, Edit) else "ann"]


def test_what_is_injected_is_no_change() -> None:
    paid: list[Any] = []

    @tool
    def pay(
        amount: int,
        runtime: ToolRuntime,
        messages: Annotated[list[Any], InjectedState("messages")],
        account: Annotated[str, InjectedToolArg] = "ours",
    ) -> str:
        """Pay."""
        paid.append((amount, runtime.tool_call_id, len(messages), account))
        return "paid"

    claims = calls(call("pay", amount=5, account="eve", messages=[]))
    app = agent(once(claims), [pay], review_tools({"pay": True}), checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert paid == [(5, "call-0", 2, "ours")]


SEARCH = {"type": "web_search_20250305", "name": "search"}


def reviewing(given: Any, reviews: Any) -> Any:
    return agent(lambda messages: AIMessage("done"), [given], review_tools(reviews))


@pytest.mark.parametrize("given", [SEARCH, {"type": "mcp", "name": "search"}])
def test_a_tool_that_the_provider_runs_cannot_be_approved(given: Any) -> None:
    with pytest.raises(GateError, match="is run by the provider of the model"):
        reviewing(given, {"search": True}).invoke(HELLO)
    assert reviewing(given, {"search": False}).invoke(HELLO)["messages"][-1].text == "done"


@pytest.mark.parametrize(
    "given",
    [
        {"type": "function", "function": {"name": "search", "parameters": {}}},
        {"name": "search", "input_schema": {"type": "object"}},
        {"type": "custom", "name": "search"},
        {"type": "bash_20250124", "name": "search"},
    ],
)
def test_tools_in_the_words_of_a_provider_that_the_agent_runs(given: Any) -> None:
    done = reviewing(given, {"search": True}).invoke(HELLO)
    assert done["messages"][-1].text == "done"


class Persistent:
    """A model that makes a call that is refused with another space, whatever it is told."""

    def __init__(self) -> None:
        self.turns = 0

    def __call__(self, messages: list[BaseMessage]) -> AIMessage:
        self.turns += 1
        assert self.turns < 20
        return calls(call("mail", self.turns, to="ann" + " " * self.turns))


def refuse_all(app: Any) -> int:
    """How often people were asked until the agent ended."""
    asked = 0
    while waiting := pending(app, CONFIG):
        asked += 1
        app.invoke(resume(waiting[0], Reject()), CONFIG)
    return asked


@pytest.mark.parametrize(("options", "most"), [({}, 5), ({"max_refusals": 2}, 2)])
def test_people_are_not_asked_for_ever(options: Any, most: int) -> None:
    outbox, model = Outbox(), Persistent()
    reviews = review_tools({"mail": True}, **options)
    app = agent(model, [outbox.mail], reviews, checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    assert refuse_all(app) == most
    done = app.get_state(CONFIG).values
    assert f"refused calls of `mail` {most} times" in told(done)[f"call-{most + 1}"].text
    assert "made again 3 times" in done["messages"][-1].text
    assert outbox.sent == []
    app.invoke({"messages": [HumanMessage("go on")]}, CONFIG)
    assert refuse_all(app) == most


def test_many_refusals_at_once_are_one() -> None:
    outbox = Outbox()

    def says(messages: list[BaseMessage]) -> AIMessage:
        turn = sum(isinstance(message, AIMessage) for message in messages)
        made = [call("mail", 10 * turn + n, to=f"{turn} {n}") for n in range(3)]
        return calls(*made) if turn < 3 else AIMessage("done")

    reviews = review_tools({"mail": True}, max_refusals=3)
    app = agent(says, [outbox.mail], reviews, checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    assert refuse_all(app) == 9


def test_the_refusals_of_one_tool_are_not_those_of_another() -> None:
    outbox = Outbox()

    @tool
    def note(to: str) -> str:
        """Note."""
        return "noted"

    def says(messages: list[BaseMessage]) -> AIMessage:
        turn = sum(isinstance(message, AIMessage) for message in messages)
        names = ["mail", "note", "mail"]
        return calls(call(names[turn], turn, to=str(turn))) if turn < 3 else AIMessage("done")

    reviews = review_tools({"mail": True, "note": True}, max_refusals=1)
    app = agent(says, [outbox.mail, note], reviews, checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    assert refuse_all(app) == 2
    assert app.get_state(CONFIG).values["messages"][-1].text == "done"


@pytest.mark.parametrize("most", [0, -1, True, 1.5])
def test_a_bound_that_is_none(most: Any) -> None:
    with pytest.raises(GateError, match="max_refusals must be a whole number from 1"):
        review_tools({"mail": True}, max_refusals=most)
