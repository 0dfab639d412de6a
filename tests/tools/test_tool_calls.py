"""The open calls of a message are the subject of a gate of one's own."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    ReviewState,
    add_review,
    approved,
    human_approval,
    pending,
    resume,
    route,
    run_calls,
    tool_calls,
)
from langgraph_hitl.errors import Drifted, GateError, SubjectError
from langgraph_hitl.review.calls import calls_problem, open_calls
from tests.tools.agents import Outbox, Says, call, calls, mails, once, told

CONFIG: Any = {"configurable": {"thread_id": "1"}}
HELLO: Any = {"messages": [HumanMessage("hello")]}


class State(MessagesState, ReviewState, total=False):
    pass


def graph(says: Says, tools: list[Any], **options: Any) -> Any:
    """An agent of one's own: the model, a gate, and the tools."""
    builder: Any = StateGraph(State)
    builder.add_node("model", lambda state: {"messages": [says(state["messages"])]})
    builder.add_node("review", human_approval(tool_calls(tools=tools), **options))
    builder.add_node("tools", ToolNode(tools))
    builder.add_edge(START, "model")
    builder.add_conditional_edges(
        "model", lambda s: bool(s["messages"][-1].tool_calls), {True: "review", False: END}
    )
    builder.add_conditional_edges("review", run_calls("tools", otherwise="model"))
    builder.add_edge("tools", "model")
    return builder.compile(checkpointer=InMemorySaver())


def test_the_calls_run_as_they_were_approved() -> None:
    outbox = Outbox()
    app = graph(once(mails("ann", "bob")), [outbox.mail])
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    assert request.subject == [
        {"id": "call-0", "name": "mail", "args": {"to": "ann"}},
        {"id": "call-1", "name": "mail", "args": {"to": "bob"}},
    ]
    done = app.invoke(resume(request, Approve()), CONFIG)
    assert sorted(outbox.sent) == ["ann", "bob"]
    assert done["messages"][-1].text == "done"


def test_one_is_refused_and_one_is_edited() -> None:
    outbox = Outbox()
    app = graph(once(mails("ann", "bob", "carl")), [outbox.mail])
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    ann, bob, carl = request.subject
    decided = [ann, {**bob, "refused": "not him"}, {**carl, "args": {"to": "eve"}}]
    done = app.invoke(resume(request, Edit(decided)), CONFIG)
    assert sorted(outbox.sent) == ["ann", "eve"]
    assert "not him" in told(done)["call-1"].text
    (asked,) = [m for m in done["messages"] if getattr(m, "tool_calls", None)]
    assert [one["args"]["to"] for one in asked.tool_calls] == ["ann", "bob", "eve"]
    assert [one["name"] for one in approved(done, tool_calls())] == ["mail", "mail"]
    assert done["review"]["outcome"] == "edited"


@pytest.mark.parametrize("reason", ["not now", None])
def test_all_are_refused_and_the_model_is_told(reason: str | None) -> None:
    outbox = Outbox()
    app = graph(once(mails("ann", "bob")), [outbox.mail])
    app.invoke(HELLO, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Reject(reason)), CONFIG)
    messages = told(done)
    assert {message.status for message in messages.values()} == {"error"}
    assert all((reason or "refused") in message.text for message in messages.values())
    assert (outbox.sent, done["messages"][-1].text) == ([], "done")


def test_calls_that_ran_are_not_asked_again() -> None:
    message = mails("ann", "bob")
    ran = ToolMessage("sent", tool_call_id="call-0")
    assert [one["id"] for one in open_calls([message, ran])] == ["call-1"]
    assert open_calls([HumanMessage("hello")]) == []
    assert open_calls([message, ran, AIMessage("done")]) == []


def test_without_an_open_call_there_is_nothing_to_decide() -> None:
    builder: Any = StateGraph(State)
    builder.add_node("review", human_approval(tool_calls()))
    builder.add_edge(START, "review")
    app = builder.compile(checkpointer=InMemorySaver())
    with pytest.raises(SubjectError, match="'messages' has no calls that anybody could decide"):
        app.invoke(HELLO, CONFIG)


@pytest.mark.parametrize("ids", [("a", "a"), (None, "a"), ("", "a")])
def test_calls_that_cannot_be_told_apart(ids: tuple[Any, Any]) -> None:
    made = [{"name": "mail", "args": {}, "id": one} for one in ids]
    with pytest.raises(SubjectError, match="need ids"):
        open_calls([AIMessage("", tool_calls=made)])


SHOWN = [{"id": "a", "name": "pay", "args": {"amount": 5}}, {"id": "b", "name": "stop", "args": {}}]
PAY, STOP = SHOWN


@pytest.mark.parametrize(
    "edited",
    [
        [PAY],
        [PAY, PAY],
        [PAY, STOP, STOP],
        [PAY, {**STOP, "id": "c"}],
        [PAY, {**STOP, "name": "go"}],
        [PAY, {**STOP, "args": []}],
        [PAY, {**STOP, "more": 1}],
        [PAY, {"id": "b"}],
        [PAY, {**STOP, "refused": True}],
        [{**PAY, "args": {"amount": 6}, "refused": "no"}, STOP],
        [{**PAY, "refused": "no"}, {**STOP, "refused": "no"}],
        [PAY, "b"],
        {"a": PAY},
        None,
    ],
)
def test_an_edit_decides_each_call_once(edited: Any) -> None:
    assert calls_problem(SHOWN, edited) is not None


def test_an_edit_that_decides_each_call() -> None:
    assert calls_problem(SHOWN, [{**STOP, "refused": ""}, {**PAY, "args": {"amount": 6}}]) is None


@pytest.mark.parametrize("args", [{"amount": "5"}, {}, {"amount": 5, "to": "eve"}])
def test_edited_arguments_fit_the_tool(args: Any) -> None:
    @tool
    def pay(amount: int) -> str:
        """Pay."""
        return "paid"

    app = graph(once(calls(call("pay", amount=5))), [pay])
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    with pytest.raises(ValueError, match="does not fit"):
        app.invoke(resume(request, Edit([{**request.subject[0], "args": args}])), CONFIG)


def test_a_call_that_was_changed_after_the_approval() -> None:
    app = graph(once(mails("ann")), [Outbox().mail])
    app.invoke(HELLO, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    (asked,) = [m for m in done["messages"] if getattr(m, "tool_calls", None)]
    asked.tool_calls[0]["args"]["to"] = "eve"
    with pytest.raises(Drifted):
        approved(done, tool_calls())


def test_tools_that_are_none() -> None:
    with pytest.raises(GateError, match="takes LangChain tools"):
        tool_calls(tools=["mail"])  # type: ignore[list-item]


def test_the_gate_may_ask_only_for_some() -> None:
    outbox = Outbox()

    def many(state: MessagesState) -> bool:
        return len(open_calls(state["messages"])) > 1

    app = graph(once(mails("ann")), [outbox.mail], when=many)
    app.invoke(HELLO, CONFIG)
    assert outbox.sent == ["ann"]


def test_add_review_does_not_lead_to_the_tools() -> None:
    """A ToolNode that is given the state runs every call of the message, the refused ones too."""
    with pytest.raises(GateError, match=r"add_conditional_edges\('review', run_calls"):
        add_review(StateGraph(State), "review", human_approval(tool_calls()), approved="tools")


def by_route(node: Any) -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("model", lambda state: {"messages": [mails("ann", "bob")]})
    builder.add_node("review", human_approval(tool_calls()))
    builder.add_node("tools", node)
    builder.add_edge(START, "model")
    builder.add_edge("model", "review")
    builder.add_conditional_edges("review", route(approved="tools"))
    return builder.compile(checkpointer=InMemorySaver())


@pytest.mark.parametrize("kind", ["tool node", "own node"])
def test_behind_route_a_refused_call_does_not_run_either(kind: str) -> None:
    outbox = Outbox()

    def own(state: State) -> Any:
        return {"messages": [outbox.mail.invoke({**c, "type": "tool_call"}) for c in left(state)]}

    def left(state: State) -> Any:
        return approved(state, tool_calls())

    app = by_route(ToolNode([outbox.mail]) if kind == "tool node" else own)
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    ann, bob = request.subject
    done = app.invoke(resume(request, Edit([ann, {**bob, "refused": "not him"}])), CONFIG)
    assert outbox.sent == ["ann"]
    assert "not him" in told(done)["call-1"].text
    (asked,) = [m for m in done["messages"] if getattr(m, "tool_calls", None)]
    assert [one["args"]["to"] for one in asked.tool_calls] == ["ann", "bob"]


def test_behind_route_all_run_as_they_were_approved() -> None:
    outbox = Outbox()
    app = by_route(ToolNode([outbox.mail]))
    app.invoke(HELLO, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert sorted(outbox.sent) == ["ann", "bob"]


def test_behind_route_nothing_runs_that_was_rejected() -> None:
    outbox = Outbox()
    app = by_route(ToolNode([outbox.mail]))
    app.invoke(HELLO, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Reject()), CONFIG)
    assert outbox.sent == []


EVIL = call("mail", 0, to="eve")


@pytest.mark.parametrize("behind", [run_calls("tools"), route(approved="tools")])
@pytest.mark.parametrize(
    "changed",
    [
        AIMessage("", tool_calls=[EVIL], id="m1"),
        AIMessage("", tool_calls=[EVIL], id="m2"),
        AIMessage("", tool_calls=[call("mail", 0, to="ann")], id="m2"),
        AIMessage("", tool_calls=[call("mail", 1, to="ann")], id="m1"),
        AIMessage("", tool_calls=[{**EVIL, "id": None}], id="m1"),
        AIMessage("", tool_calls=[EVIL, EVIL], id="m1"),
        AIMessage("never mind", id="m2"),
    ],
)
def test_what_was_not_approved_does_not_run(behind: Any, changed: AIMessage) -> None:
    outbox = Outbox()
    said = AIMessage("", tool_calls=[call("mail", 0, to="ann")], id="m1")
    app = in_a_row(said, [outbox.mail], behind)
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    answer: Any = resume(request, Approve()).resume
    app.invoke(Command(resume=answer, update={"messages": [changed]}), CONFIG)
    assert outbox.sent == []
    assert app.get_state(CONFIG).next == ()


@pytest.mark.parametrize("behind", [run_calls("tools"), route(approved="tools")])
def test_of_a_changed_message_the_approved_calls_run(behind: Any) -> None:
    outbox = Outbox()
    ann, bob = call("mail", 0, to="ann"), call("mail", 1, to="bob")
    app = in_a_row(AIMessage("", tool_calls=[ann, bob], id="m1"), [outbox.mail], behind)
    app.invoke(HELLO, CONFIG)
    (request,) = pending(app, CONFIG)
    answer: Any = resume(request, Approve()).resume
    changed = AIMessage("", tool_calls=[EVIL, bob], id="m1")
    app.invoke(Command(resume=answer, update={"messages": [changed]}), CONFIG)
    assert outbox.sent == ["bob"]


def test_an_approval_is_for_the_very_arguments() -> None:
    asked = AIMessage("", tool_calls=[call("pay", 0, amount=1)], id="m1")
    app = in_a_row(asked, [Outbox().mail], lambda state: END)
    app.invoke(HELLO, CONFIG)
    done = app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert run_calls("tools")(done) != END
    done["messages"][-1].tool_calls[0]["args"]["amount"] = True
    assert run_calls("tools")(done) == END


def test_without_a_review_nothing_runs() -> None:
    assert run_calls("tools", otherwise="model")({"messages": [mails("ann")]}) == "model"


def in_a_row(said: AIMessage, tools: list[Any], behind: Any) -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("model", lambda state: {"messages": [said]})
    builder.add_node("review", human_approval(tool_calls()))
    builder.add_node("tools", ToolNode(tools))
    builder.add_edge(START, "model")
    builder.add_edge("model", "review")
    builder.add_conditional_edges("review", behind, ["tools", END])
    return builder.compile(checkpointer=InMemorySaver())
