"""A function or a tool runs once, after a person has agreed to these very arguments."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool, Tool, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.prebuilt import InjectedState, ToolRuntime
from langgraph.types import Command
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Respond,
    human_as_tool,
    pending,
    require_approval,
    resume,
)
from langgraph_hitl.errors import (
    GateError,
    InvalidDecision,
    NoCheckpointer,
    NotApproved,
    ReviewError,
    SubjectError,
)
from langgraph_hitl.triggers import over
from tests.tools.agents import Outbox, call, calls, mails, told, tool_node

CONFIG: Any = {"configurable": {"thread_id": "1"}}


class Payments:
    """What was paid."""

    def __init__(self) -> None:
        self.paid: list[int] = []

    def pay(self, amount: int) -> str:
        """Pay."""
        self.paid.append(amount)
        return f"paid {amount}"


class State(TypedDict, total=False):
    amounts: list[int]
    results: list[Any]


def in_a_node(function: Any) -> Any:
    """A graph whose node calls a function for each amount."""

    def node(state: State) -> State:
        return {"results": [function(amount) for amount in state["amounts"]]}

    builder = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    return builder.compile(checkpointer=InMemorySaver())


def test_a_function_waits_for_a_person_and_runs_once() -> None:
    payments = Payments()
    app = in_a_node(require_approval(payments.pay))
    app.invoke({"amounts": [5, 7]}, CONFIG)
    (first,) = pending(app, CONFIG)
    assert (first.action, first.subject, payments.paid) == ("pay", {"amount": 5}, [])
    app.invoke(resume(first, Approve()), CONFIG)
    (second,) = pending(app, CONFIG)
    assert (second.subject, payments.paid) == ({"amount": 7}, [5])
    done = app.invoke(resume(second, Edit({"amount": 6})), CONFIG)
    assert done["results"] == ["paid 5", "paid 6"]
    assert payments.paid == [5, 6]


def test_equal_calls_are_two_questions() -> None:
    payments = Payments()
    app = in_a_node(require_approval(payments.pay))
    app.invoke({"amounts": [5, 5]}, CONFIG)
    (first,) = pending(app, CONFIG)
    app.invoke(resume(first, Approve()), CONFIG)
    (second,) = pending(app, CONFIG)
    assert second.review_id != first.review_id
    app.invoke(resume(second, Approve()), CONFIG)
    assert payments.paid == [5, 5]


def test_a_function_that_is_refused_raises() -> None:
    payments = Payments()
    app = in_a_node(require_approval(payments.pay))
    app.invoke({"amounts": [5]}, CONFIG)
    with pytest.raises(NotApproved, match="too much"):
        app.invoke(resume(pending(app, CONFIG)[0], Reject("too much")), CONFIG)
    assert payments.paid == []
    with pytest.raises(NotApproved, match="too much"):  # and nobody is asked again
        app.invoke(None, CONFIG)


async def test_an_async_function() -> None:
    paid: list[int] = []

    @require_approval(when=over("amount", 10))
    async def pay(amount: int) -> str:
        await asyncio.sleep(0)
        paid.append(amount)
        return f"paid {amount}"

    async def node(state: State) -> State:
        return {"results": [await pay(amount) for amount in state["amounts"]]}

    builder = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    await app.ainvoke({"amounts": [5, 50]}, CONFIG)
    assert paid == [5]
    (request,) = pending(app, CONFIG)
    assert request.finding["sentence"] == "The amount 50 is over 10."
    done = await app.ainvoke(resume(request, Approve()), CONFIG)
    assert (done["results"], paid) == (["paid 5", "paid 50"], [5, 50])


def test_a_condition_of_the_arguments() -> None:
    payments = Payments()
    app = in_a_node(require_approval(payments.pay, when=lambda args: args["amount"] > 10))
    app.invoke({"amounts": [5, 50]}, CONFIG)
    assert payments.paid == [5]
    assert pending(app, CONFIG)[0].subject == {"amount": 50}


def test_a_condition_that_raises_asks() -> None:
    payments = Payments()
    app = in_a_node(require_approval(payments.pay, when=lambda args: args["price"] > 10))
    app.invoke({"amounts": [5]}, CONFIG)
    assert "reads 'price'" in pending(app, CONFIG)[0].finding["sentence"]
    assert payments.paid == []


@pytest.mark.parametrize("made", [lambda f: f, tool])
def test_outside_of_a_graph_nothing_runs(made: Any) -> None:
    payments = Payments()

    def pay(amount: int) -> str:
        """Pay."""
        return payments.pay(amount)

    reviewed = require_approval(made(pay))
    with pytest.raises(NoCheckpointer, match="'pay' needs an approval"):
        reviewed.invoke({"amount": 5}) if isinstance(reviewed, BaseTool) else reviewed(5)
    assert payments.paid == []


def test_without_a_checkpointer_nothing_runs() -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile()
    with pytest.raises(NoCheckpointer):
        app.invoke({"messages": [mails("ann")]})
    assert outbox.sent == []


@pytest.mark.parametrize("value", [{"amount": "5"}, {}, {"amount": 5, "to": "eve"}, [5], 5])
def test_an_edit_has_to_fit_the_arguments(value: Any) -> None:
    payments = Payments()
    app = in_a_node(require_approval(payments.pay))
    app.invoke({"amounts": [5]}, CONFIG)
    (request,) = pending(app, CONFIG)
    with pytest.raises((ValueError, InvalidDecision), match="does not fit"):
        app.invoke(resume(request, Edit(value)), CONFIG)
    assert payments.paid == []
    app.invoke(resume(request, Edit({"amount": 4})), CONFIG)
    assert payments.paid == [4]


def test_clients_edit_in_the_words_of_langchain() -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [mails("ann")]}, CONFIG)
    (interrupt,) = app.get_state(CONFIG).interrupts
    (action,) = interrupt.value["action_requests"]
    assert (action["name"], action["args"]) == ("mail", {"to": "ann"})
    edited = {"type": "edit", "edited_action": {"name": "mail", "args": {"to": "bob"}}}
    done = app.invoke(Command(resume={"decisions": [edited]}), CONFIG)
    assert outbox.sent == ["bob"]
    assert 'It ran with the arguments {"to": "bob"}' in told(done)["call-0"].text


def test_a_plain_answer_is_for_the_question_that_was_told() -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [mails("ann", "bob")]}, CONFIG)
    with pytest.raises(RuntimeError, match="multiple pending interrupts"):
        app.invoke(Command(resume={"type": "approve"}), CONFIG)
    (ann, bob) = sorted(pending(app, CONFIG), key=lambda request: request.subject["to"])
    app.invoke(resume(bob, Reject()), CONFIG)
    app.invoke(Command(resume={"type": "approve"}), CONFIG)
    assert (outbox.sent, ann.subject) == (["ann"], {"to": "ann"})


def test_the_model_is_told_why_it_did_not_run() -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [mails("ann")]}, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Reject("not her")), CONFIG)
    message = told(done)["call-0"]
    assert message.status == "error"
    assert message.text.startswith("A person refused this call of `mail`: not her")
    assert outbox.sent == []


def test_what_langgraph_injects_is_not_shown() -> None:
    seen: list[Any] = []

    @require_approval
    @tool
    def pay(
        amount: int,
        call_id: Annotated[str, InjectedToolCallId],
        state: Annotated[dict[str, Any], InjectedState],
        runtime: ToolRuntime,
    ) -> str:
        """Pay."""
        seen.append((amount, call_id, len(state["messages"]), runtime.tool_call_id))
        return "paid"

    app = tool_node([pay]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("pay", amount=5))]}, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.subject == {"amount": 5}
    app.invoke(resume(request, Edit({"amount": 4})), CONFIG)
    assert seen == [(4, "call-0", 1, "call-0")]


def test_a_tool_without_arguments_and_one_with_a_json_schema() -> None:
    ran: list[Any] = []

    @require_approval
    @tool
    def stop() -> str:
        """Stop."""
        ran.append("stop")
        return "stopped"

    def note_down(to: str) -> str:
        ran.append(to)
        return "ok"

    schema = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}
    note = StructuredTool(name="note", description="Note.", args_schema=schema, func=note_down)
    app = tool_node([stop, require_approval(note)]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("stop"), call("note", 1, to="ann"))]}, CONFIG)
    by_action = {request.action: request for request in pending(app, CONFIG)}
    app.invoke(resume(by_action["stop"], Approve()), CONFIG)
    with pytest.raises(ValueError, match="does not fit"):
        app.invoke(resume(by_action["note"], Edit({"to": 5})), CONFIG)
    app.invoke(resume(by_action["note"], Edit({"to": "bob"})), CONFIG)
    assert ran == ["stop", "bob"]


def test_a_tool_that_fails_is_run_again_and_nobody_asked_again() -> None:
    attempts: list[int] = []

    @require_approval
    @tool
    def pay(amount: int) -> str:
        """Pay."""
        attempts.append(amount)
        if len(attempts) == 1:
            raise ConnectionError("away")
        return "paid"

    app = tool_node([pay]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("pay", amount=5))]}, CONFIG)
    with pytest.raises(ConnectionError):
        app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    done = app.invoke(None, CONFIG)
    assert (told(done)["call-0"].text, attempts) == ("paid", [5, 5])


def test_a_result_that_cannot_be_kept_is_no_reason_to_run_again() -> None:
    ran: list[int] = []

    @require_approval
    def connect(amount: int) -> object:
        ran.append(amount)
        return object()

    app = in_a_node(connect)
    app.invoke({"amounts": [5]}, CONFIG)
    for given in (resume(pending(app, CONFIG)[0], Approve()), None, None):
        with pytest.raises(ReviewError, match="ran, once, and its result cannot be kept"):
            app.invoke(given, CONFIG)
    app.update_state(CONFIG, {"results": ["connected"]}, as_node="node")
    assert app.invoke(None, CONFIG)["results"] == ["connected"]
    assert ran == [5]


@pytest.mark.parametrize("result", [Payments, BaseModel, bytes, Decimal])
def test_a_result_that_could_not_be_kept_is_refused_before_anything_runs(result: Any) -> None:
    def connect(amount: int) -> Any:
        return amount

    connect.__annotations__["return"] = result
    with pytest.raises(GateError, match=f"'connect' gives {result.__name__}, which is no JSON"):
        require_approval(connect)


@pytest.mark.parametrize(
    "result", [str, None, bool, State, list[int], dict, tuple, Mapping, Any, object, int | None]
)
def test_a_result_that_can_be_kept(result: Any) -> None:
    def connect(amount: int) -> Any:
        return amount

    connect.__annotations__["return"] = result
    require_approval(connect)


def test_arguments_that_cannot_be_shown_are_refused() -> None:
    ran: list[Any] = []
    app = in_a_node(lambda amount: require_approval(ran.append)(object()))
    with pytest.raises(SubjectError, match="arguments are not JSON"):
        app.invoke({"amounts": [5]}, CONFIG)
    assert ran == []


def test_two_calls_with_one_id_do_not_share_an_approval() -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile(checkpointer=InMemorySaver())
    twice = calls(call("mail", to="ann"), call("mail", to="bob"))
    app.invoke({"messages": [twice]}, CONFIG)
    (request,) = pending(app, CONFIG)
    with pytest.raises(SubjectError, match="Two calls have the id"):
        app.invoke(resume(request, Approve()), CONFIG)
    assert set(outbox.sent) <= {request.subject["to"]}


def test_a_response_stands_for_the_result() -> None:
    outbox = Outbox()
    mail = require_approval(outbox.mail, allowed_decisions=["approve", "respond"])
    app = tool_node([mail]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [mails("ann")]}, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Respond("I sent it myself")), CONFIG)
    assert told(done)["call-0"].text.endswith("did not run.\nAnswer: I sent it myself")
    assert outbox.sent == []


def test_a_person_as_a_tool() -> None:
    app = tool_node([human_as_tool(name="ask")]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("ask", question="Which plan?"))]}, CONFIG)
    (request,) = pending(app, CONFIG)
    assert (request.kind, request.action, request.subject) == ("ask_human", "ask", "Which plan?")
    done = app.invoke(resume(request, Respond("the blue one")), CONFIG)
    assert told(done)["call-0"].text == "the blue one"


def test_a_person_may_decline_to_answer() -> None:
    app = tool_node([human_as_tool()]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("ask_human", question="Which plan?"))]}, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Reject("ask legal")), CONFIG)
    assert told(done)["call-0"].text == "The person declined to answer: ask legal"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"when": over("amuont", 5)}, "reads 'amuont', which is no argument"),
        ({"majority": True}, "takes the people by name"),
        ({"majority": True, "approvers": ["ann", "bob"]}, "takes the people by name"),
        ({"reviewers": "cfo"}, "approvers=, not reviewers="),
        ({"timeout": "1h"}, "no effect without inbox="),
        ({"on_recall": print}, "no effect"),
        ({"allowed_decisions": ["aprove"]}, "unknown decision"),
        ({"when": 5}, "when must be"),
        ({"context": ["who"]}, "context= names 'who', which is no argument"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], match: str) -> None:
    with pytest.raises(GateError, match=match):
        require_approval(Payments().pay, **options)


def test_an_unknown_option() -> None:
    with pytest.raises(GateError, match="'timout'; did you mean 'timeout'"):
        require_approval(Payments().pay, timout="1h")  # type: ignore[call-overload]


@pytest.mark.parametrize("target", [5, "pay", Payments])
def test_what_is_neither_a_function_nor_a_tool(target: Any) -> None:
    with pytest.raises(GateError, match="takes a function or a tool"):
        require_approval(target)


@pytest.mark.parametrize("target", [Outbox().mail, Payments().pay])
def test_one_approval_is_enough(target: Any) -> None:
    with pytest.raises(GateError, match="needs an approval already"):
        require_approval(require_approval(target))


def test_a_tool_of_a_function_that_needs_an_approval() -> None:
    made = tool(require_approval(Payments().pay))
    with pytest.raises(GateError, match="'pay' needs an approval already"):
        require_approval(made)


def test_the_tool_itself_stays_as_it_was() -> None:
    mail = Outbox().mail
    reviewed = require_approval(mail)
    assert isinstance(reviewed, type(mail))
    assert (reviewed.name, reviewed.args, reviewed.description) == (
        mail.name,
        mail.args,
        mail.description,
    )
    assert mail.invoke({"to": "ann"}) == "sent to ann"


async def test_no_call_goes_on_when_the_node_has_been_left() -> None:
    """On an event loop `ToolNode` leaves the others alone when the first one interrupts."""
    over_, running = asyncio.Event(), asyncio.Event()

    @require_approval(when=lambda args: args["amount"] > 10)
    @tool
    async def pay(amount: int) -> str:
        """Pay."""
        running.set()
        for _ in range(1000):
            await asyncio.sleep(0)
        over_.set()
        return "paid"

    app = tool_node([pay]).compile(checkpointer=InMemorySaver())
    both = calls(call("pay", amount=50), call("pay", 1, amount=5))
    await app.ainvoke({"messages": [both]}, CONFIG)
    assert running.is_set()
    assert over_.is_set()
    done = await app.ainvoke(resume(pending(app, CONFIG)[0], Reject()), CONFIG)
    assert told(done)["call-1"].text == "paid"


def test_each_call_of_a_node_asks_with_the_others() -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [mails("ann", "bob", "carl")]}, CONFIG)
    for left in (3, 2, 1):
        waiting = pending(app, CONFIG)
        assert len(waiting) <= left
        app.invoke(resume(waiting[-1], Approve()), CONFIG)
    assert sorted(outbox.sent) == ["ann", "bob", "carl"]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_what_ran_is_kept_whatever_the_durability(durability: Any) -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail)]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [mails("ann", "bob")]}, CONFIG, durability=durability)
    while waiting := pending(app, CONFIG):
        app.invoke(resume(waiting[-1], Approve()), CONFIG, durability=durability)
    assert sorted(outbox.sent) == ["ann", "bob"]


class Amount(BaseModel):
    """What a tool of a class takes, one part of it injected."""

    amount: int
    state: Annotated[dict[str, Any], InjectedState]


class Charge(BaseTool):
    """A tool that is a class."""

    name: str = "charge"
    description: str = "Charge."
    args_schema: Any = Amount

    def _run(self, amount: int, state: dict[str, Any]) -> str:
        return f"{amount} after {len(state['messages'])}"


def test_a_tool_that_is_a_class() -> None:
    app = tool_node([require_approval(Charge())]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("charge", amount=5))]}, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.subject == {"amount": 5}
    done = app.invoke(resume(request, Approve()), CONFIG)
    assert told(done)["call-0"].text == "5 after 1"


def test_a_tool_of_one_text() -> None:
    shout = require_approval(Tool(name="shout", description="Shout.", func=str.upper))
    app = in_a_node(lambda _amount: shout.invoke("hello"))
    app.invoke({"amounts": [1]}, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.subject == {"tool_input": "hello"}
    done = app.invoke(resume(request, Edit({"tool_input": "bye"})), CONFIG)
    assert done["results"] == ["BYE"]


def test_a_function_of_any_arguments() -> None:
    @require_approval
    def count(first: int, /, *rest: int, **named: int) -> int:
        return first + sum(rest) + sum(named.values())

    app = in_a_node(lambda amount: count(amount, 2, 3, four=4))
    app.invoke({"amounts": [1]}, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.subject == {"first": 1, "rest": [2, 3], "named": {"four": 4}}
    assert app.invoke(resume(request, Approve()), CONFIG)["results"] == [10]


def test_an_artifact_that_cannot_be_kept_is_left_out() -> None:
    @require_approval
    @tool(response_format="content_and_artifact")
    def draw(size: int) -> tuple[str, object]:
        """Draw."""
        return "a picture", object()

    app = tool_node([draw]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("draw", size=5))]}, CONFIG)
    message = told(app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG))["call-0"]
    assert (message.text, message.artifact) == ("a picture", None)


async def test_an_object_whose_call_is_async() -> None:
    class Pay:
        async def __call__(self, amount: int) -> str:
            return f"paid {amount}"

    pay = require_approval(Pay(), name="pay")

    async def node(state: State) -> State:
        return {"results": [await pay(amount) for amount in state["amounts"]]}

    builder = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    await app.ainvoke({"amounts": [5]}, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.action == "pay"
    assert (await app.ainvoke(resume(request, Approve()), CONFIG))["results"] == ["paid 5"]
