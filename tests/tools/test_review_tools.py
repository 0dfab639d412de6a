"""The calls of an agent are put before people, each on its own."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import InterruptOnConfig
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Respond,
    apending,
    pending,
    require_approval,
    resume,
    review_tools,
)
from langgraph_hitl.errors import GateError, ReviewError, SubjectError
from langgraph_hitl.triggers import over
from tests.tools.agents import Outbox, Scripted, agent, call, calls, mails, once, told

CONFIG: Any = {"configurable": {"thread_id": "1"}}
HELLO: Any = {"messages": [HumanMessage("hello")]}


def started(message: AIMessage, tools: Any, reviews: Any, **options: Any) -> Any:
    """An agent whose model has made its calls."""
    app = agent(
        once(message), tools, review_tools(reviews, **options), checkpointer=InMemorySaver()
    )
    app.invoke(HELLO, CONFIG)
    return app


def test_a_call_waits_and_runs_once() -> None:
    outbox = Outbox()
    app = started(mails("ann"), [outbox.mail], {"mail": True})
    (request,) = pending(app, CONFIG)
    assert (request.kind, request.action, request.subject) == ("tool_call", "mail", {"to": "ann"})
    assert request.allowed_decisions == ["approve", "edit", "reject", "respond"]
    assert request.context["tool_call_id"] == "call-0"
    done = app.invoke(resume(request, Approve()), CONFIG)
    assert outbox.sent == ["ann"]
    assert told(done)["call-0"].text == "sent to ann"
    assert done["messages"][-1].text == "done"


async def test_an_agent_on_an_event_loop() -> None:
    outbox = Outbox()
    app = agent(
        once(mails("ann", "bob")),
        [outbox.mail],
        review_tools({"mail": True}),
        checkpointer=InMemorySaver(),
    )
    await app.ainvoke(HELLO, CONFIG)
    for request in await apending(app, CONFIG):
        done = await app.ainvoke(resume(request, Approve()), CONFIG)
    assert sorted(outbox.sent) == ["ann", "bob"]
    assert len(told(done)) == 2


def test_an_edited_call_runs_edited_and_the_model_is_told() -> None:
    outbox = Outbox()
    app = started(mails("ann"), [outbox.mail], {"mail": True})
    done = app.invoke(resume(pending(app, CONFIG)[0], Edit({"to": "bob"})), CONFIG)
    assert outbox.sent == ["bob"]
    text = told(done)["call-0"].text
    assert 'It ran with the arguments {"to": "bob"}' in text
    assert text.endswith("Result: sent to bob")


def test_a_person_answers_in_place_of_the_tool() -> None:
    outbox = Outbox()
    app = started(mails("ann"), [outbox.mail], {"mail": True})
    done = app.invoke(resume(pending(app, CONFIG)[0], Respond("she knows")), CONFIG)
    message = told(done)["call-0"]
    assert message.text == (
        "A person answered this call of `mail`, which did not run.\nAnswer: she knows"
    )
    assert (message.status, outbox.sent) == ("success", [])


@pytest.mark.parametrize(
    ("decision", "told_of"),
    [
        (
            Approve("not again"),
            "A person approved this call of `mail` and says: not again\nResult: sent to ann",
        ),
        (Approve(), "sent to ann"),
        (Edit({"to": "bob"}, comment="he is in"), "They say: he is in\nResult: sent to bob"),
    ],
)
def test_the_model_is_told_what_a_person_says(decision: Any, told_of: str) -> None:
    app = started(mails("ann"), [Outbox().mail], {"mail": True})
    done = app.invoke(resume(pending(app, CONFIG)[0], decision), CONFIG)
    assert told(done)["call-0"].text.endswith(told_of)


@pytest.mark.parametrize(
    ("review", "asked"),
    [
        (False, []),
        (True, [5, 50]),
        (over("amount", 10), [50]),
        (lambda args: args["amount"] > 10, [50]),
        ({"when": over("amount", 10)}, [50]),
        ({"when": lambda request: request.tool_call["args"]["amount"] > 10}, [50]),
        ({"when": lambda args: args["amount"] > 10, "criteria": "Look."}, [50]),
        (InterruptOnConfig(allowed_decisions=["approve"]), [5, 50]),
        ({"when": lambda request: 1 / 0}, [5, 50]),
        (lambda args: 1 / 0, [5, 50]),
        (lambda args: None, [5, 50]),
    ],
)
def test_which_calls_wait(review: Any, asked: list[int]) -> None:
    paid: list[int] = []

    @tool
    def pay(amount: int) -> str:
        """Pay."""
        paid.append(amount)
        return "paid"

    app = started(calls(call("pay", amount=5), call("pay", 1, amount=50)), [pay], {"pay": review})
    assert sorted(request.subject["amount"] for request in pending(app, CONFIG)) == asked
    assert sorted([*paid, *asked]) == [5, 50]


@pytest.mark.parametrize(
    ("review", "why"),
    [
        (lambda args: 1 / 0, "ZeroDivisionError"),
        ({"when": lambda request: 1 / 0}, "ZeroDivisionError"),
        ({"when": lambda request: request.tool_call["args"]["amount"] > 5}, "'amount'"),
        (lambda args: "yes", "gave str instead of true or false"),
    ],
)
def test_where_a_condition_fails_people_are_told_why(review: Any, why: str) -> None:
    outbox = Outbox()
    app = started(mails("ann"), [outbox.mail], {"mail": review})
    (request,) = pending(app, CONFIG)
    assert why in request.finding["sentence"]
    assert outbox.sent == []


def test_a_condition_that_would_have_to_be_awaited() -> None:
    async def when(request: Any) -> bool:
        return False

    with pytest.raises(GateError, match="when"):
        review_tools({"mail": {"when": when}})
    with pytest.raises(GateError, match="when"):
        review_tools({"mail": when})


def test_a_condition_is_asked_once() -> None:
    outbox = Outbox()
    looks: list[Any] = []

    def when(request: Any) -> bool:
        looks.append(request.tool_call["id"])
        return len(looks) == 1

    app = started(mails("ann"), [outbox.mail], {"mail": {"when": when}})
    app.invoke(resume(pending(app, CONFIG)[0], Reject()), CONFIG)
    assert (looks, outbox.sent) == (["call-0"], [])


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("Look at the name.", "Look at the name."),
        (lambda tool_call, state, runtime: f"To {tool_call['args']['to']}", "To ann"),
        (lambda tool_call, state, runtime: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_description_is_shown(description: Any, shown: str) -> None:
    config = InterruptOnConfig(allowed_decisions=["approve", "reject"], description=description)
    app = started(mails("ann"), [Outbox().mail], {"mail": config})
    (request,) = pending(app, CONFIG)
    assert shown in request.criteria[0]
    assert request.allowed_decisions == ["approve", "reject"]


@pytest.mark.parametrize(
    ("reviews", "match"),
    [
        ({}, "takes the tools"),
        (None, "takes the tools"),
        ({"mail": {"allowed_decision": ["approve"]}}, "did you mean 'allowed_decisions'"),
        ({"mail": {"allowed_decisions": ["aprove"]}}, "unknown decision"),
        ({"mail": {"description": 5}}, "description is a text"),
        ({"mail": {"timeout": "1h"}}, "no effect without inbox="),
        ({"mail": None}, "takes True, False"),
        ({"mail": "yes"}, "takes True, False"),
        ({5: True}, "no name of a tool"),
        ({"mail": {"description": "a", "criteria": "b"}}, "as description or as criteria"),
        ({"mail": {"args_schema": {"type": "nonsense"}}}, "args_schema is not a JSON schema"),
    ],
)
def test_a_configuration_that_makes_no_sense(reviews: Any, match: str) -> None:
    with pytest.raises(GateError, match=match):
        review_tools(reviews)


def test_options_that_make_no_sense() -> None:
    with pytest.raises(GateError, match="max_repeats"):
        review_tools({"mail": True}, max_repeats=0)
    with pytest.raises(GateError, match="on_recall has no effect without inbox="):
        review_tools({"mail": True}, on_recall=print)
    with pytest.raises(GateError, match="'timout'; did you mean 'timeout'"):
        review_tools({"mail": True}, timout="1h")  # type: ignore[call-arg]


@pytest.mark.parametrize("review", [True, False])
def test_a_name_that_no_tool_has_is_an_error_before_anything_runs(review: bool) -> None:
    outbox = Outbox()
    reviews = {"mial": review, "mail": True}
    app = agent(once(mails("ann")), [outbox.mail], review_tools(reviews))
    with pytest.raises(GateError, match="no tool 'mial'; did you mean 'mail'"):
        app.invoke(HELLO, CONFIG)
    assert outbox.sent == []


def test_an_argument_that_the_tool_lacks_is_an_error_before_anything_runs() -> None:
    app = agent(once(mails("ann")), [Outbox().mail], review_tools({"mail": over("amount", 5)}))
    with pytest.raises(GateError, match="reads 'amount', which is no argument"):
        app.invoke(HELLO, CONFIG)


def test_a_call_without_an_id_is_refused() -> None:
    outbox = Outbox()
    nameless = AIMessage("", tool_calls=[{"name": "mail", "args": {"to": "ann"}, "id": None}])
    with pytest.raises(SubjectError, match="has no id"):
        started(nameless, [outbox.mail], {"mail": True})
    assert outbox.sent == []


class Stubborn:
    """A model that makes the same call whatever it is told."""

    def __init__(self) -> None:
        self.turns = 0

    def __call__(self, messages: list[BaseMessage]) -> AIMessage:
        self.turns += 1
        assert self.turns < 20
        return calls(call("mail", self.turns, to="ann"))


def test_a_refused_call_is_not_tried_for_ever() -> None:
    outbox, model = Outbox(), Stubborn()
    app = agent(model, [outbox.mail], review_tools({"mail": True}), checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Reject("not her")), CONFIG)
    assert pending(app, CONFIG) == []
    assert (model.turns, outbox.sent) == (4, [])
    assert "made again 3 times" in done["messages"][-1].text
    assert "was refused before" in told(done)["call-2"].text


def test_the_user_may_ask_for_a_refused_call() -> None:
    outbox = Outbox()
    counted = iter(range(10))

    def says(messages: list[BaseMessage]) -> AIMessage:
        if isinstance(messages[-1], ToolMessage):
            return AIMessage("done")
        return calls(call("mail", next(counted), to="ann"))

    app = agent(says, [outbox.mail], review_tools({"mail": True}), checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Reject()), CONFIG)
    app.invoke({"messages": [HumanMessage("do it")]}, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert outbox.sent == ["ann"]


def test_an_edit_is_for_the_same_tool() -> None:
    outbox = Outbox()
    app = started(mails("ann"), [outbox.mail], {"mail": True})
    edited = {"type": "edit", "edited_action": {"name": "delete", "args": {"to": "ann"}}}
    with pytest.raises(ValueError, match="the edit names the action 'delete'"):
        app.invoke(Command(resume={"decisions": [edited]}), CONFIG)
    assert outbox.sent == []


def test_subagents_keep_their_approvals() -> None:
    """An agent that is a tool of another one, twice at the same time."""
    outbox = Outbox()

    @tool
    def delegate(to: str) -> str:
        """Let another agent do it."""
        inner = agent(once(mails(to)), [outbox.mail], review_tools({"mail": True}))
        return str(inner.invoke(HELLO)["messages"][-2].text)

    both = calls(call("delegate", to="ann"), call("delegate", 1, to="bob"))
    app = create_agent(Scripted(says=once(both)), [delegate], checkpointer=InMemorySaver())
    app.invoke(HELLO, CONFIG)
    ann, bob = sorted(pending(app, CONFIG), key=lambda request: request.subject["to"])
    app.invoke(resume(bob, Edit({"to": "eve"})), CONFIG)
    assert outbox.sent == ["eve"]
    done = app.invoke(resume(ann, Approve()), CONFIG)
    assert outbox.sent == ["eve", "ann"]
    assert told(done)["call-0"].text == "sent to ann"


def test_a_subagent_behind_an_approval_keeps_those_of_its_own() -> None:
    outbox = Outbox()

    @require_approval
    @tool
    def delegate(to: str) -> str:
        """Let another agent do it."""
        inner = agent(once(mails(to, "carl")), [outbox.mail], review_tools({"mail": True}))
        return str(len(inner.invoke(HELLO)["messages"]))

    app = create_agent(
        Scripted(says=once(calls(call("delegate", to="ann")))),
        [delegate],
        checkpointer=InMemorySaver(),
    )
    app.invoke(HELLO, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    for request in pending(app, CONFIG):
        assert request.action == "mail"
        app.invoke(resume(request, Approve()), CONFIG)
    assert sorted(outbox.sent) == ["ann", "carl"]


def test_a_tool_that_writes_to_the_state_of_the_agent() -> None:
    @tool
    def mail(to: str) -> Any:
        """Send."""
        told = ToolMessage(f"to {to}", tool_call_id="call-0")
        return Command(update={"messages": [told]})

    app = started(mails("ann"), [mail], {"mail": True})
    done = app.invoke(resume(pending(app, CONFIG)[0], Edit({"to": "bob"})), CONFIG)
    assert told(done)["call-0"].text.endswith("Result: to bob")


def test_an_edit_fits_the_tool_and_the_schema_of_the_configuration() -> None:
    @tool
    def pay(amount: int) -> str:
        """Pay."""
        return "paid"

    schema = {"type": "object", "properties": {"amount": {"maximum": 9}}}
    config = InterruptOnConfig(allowed_decisions=["edit"], args_schema=schema)
    app = started(calls(call("pay", amount=50)), [pay], {"pay": config})
    (request,) = pending(app, CONFIG)
    for wrong in ({"amount": "5"}, {}, {"amount": 5, "to": "eve"}, {"amount": 10}):
        with pytest.raises(ValueError, match="does not fit"):
            app.invoke(resume(request, Edit(wrong)), CONFIG)
    done = app.invoke(resume(request, Edit({"amount": 5})), CONFIG)
    assert told(done)["call-0"].text.endswith("Result: paid")
    assert request.response_schema is not None
    (edit,) = request.response_schema["oneOf"]
    assert edit["properties"]["value"]["properties"]["amount"]["type"] == "integer"
    assert edit["properties"]["value"]["allOf"] == [schema]


def test_what_is_read_of_the_state_of_the_agent_is_there() -> None:
    with pytest.raises(GateError, match="'mail' needs the state key 'nokey', which the agent"):
        started(mails("ann"), [Outbox().mail], {"mail": {"context": ["nokey"]}})
    app = started(mails("ann"), [Outbox().mail], {"mail": {"context": ["messages"]}})
    assert pending(app, CONFIG)[0].context["messages"][0] == "hello"


def test_a_context_that_fails_says_of_which_call() -> None:
    def context(state: dict[str, Any]) -> dict[str, Any]:
        return {"who": state["nokey"]}

    reviews = {"mail": {"context": context, "reads": ["messages"]}}
    with pytest.raises(ReviewError, match=r"'mail'.*context= raised KeyError: 'nokey'"):
        started(mails("ann"), [Outbox().mail], reviews)
