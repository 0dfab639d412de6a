"""Gates of calls, which stand in no graph, and the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    human_as_tool,
    require_approval,
    review_tools,
)
from langgraph_hitl.errors import (
    InvalidDecision,
    NotAuthorised,
    NotRegistered,
    RunFailed,
    TooLate,
)
from langgraph_hitl.panels import by_risk, quorum
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.tools import _sitting
from langgraph_hitl.triggers import risk_at_least
from tests.tools.agents import Outbox, agent, call, calls, mails, once, told, tool_node

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
ANN, BOB = Reviewer("ann", roles=("finance",)), Reviewer("bob", roles=("finance",))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def inbox(clock: FixedClock) -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:", clock=clock, overrides="board") as opened:
        yield opened


@pytest.fixture
def saver() -> Iterator[SqliteSaver]:
    with SqliteSaver.from_conn_string(":memory:") as opened:
        yield opened


def by_name(inbox: Inbox) -> dict[str, Any]:
    return {review.request["subject"]["to"]: review for review in inbox.pending()}


def test_a_call_that_the_node_has_not_told_of_waits_all_the_same(
    inbox: Inbox, saver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where `ToolNode` comes to a call after the first has interrupted it."""
    own = _sitting.Sitting.questions
    monkeypatch.setattr(_sitting.Sitting, "questions", lambda self: own(self)[:1])
    outbox = Outbox()
    built = tool_node([require_approval(outbox.mail, inbox=inbox)])
    app = inbox.register(built.compile(checkpointer=saver), "mailer")
    app.invoke({"messages": [mails("ann", "bob", "carl")]}, CONFIG)
    assert len(app.get_state(CONFIG).interrupts) == 1
    inbox.work()
    assert len(inbox.pending()) == 3
    for name in ("carl", "bob", "ann"):
        review = inbox.decide(by_name(inbox)[name].id, Approve(), by="maria")
        assert review.status == "applied"
    assert outbox.sent == ["carl", "bob", "ann"]
    assert inbox.doctor().healthy


def test_terms_of_a_call(inbox: Inbox, saver: Any, clock: FixedClock) -> None:
    outbox = Outbox()
    reviews = review_tools(
        {"mail": True}, inbox=inbox, reviewers=quorum(2, of="finance"), timeout="1h"
    )
    built = agent(once(mails("ann")), [outbox.mail], reviews, checkpointer=saver)
    app = inbox.register(built, "agent")
    app.invoke({"messages": [HumanMessage("hello")]}, CONFIG)
    (review,) = inbox.pending()
    with pytest.raises(NotAuthorised):
        inbox.decide(review.id, Approve(), by="eve")
    inbox.decide(review.id, Approve(), by=ANN)
    assert outbox.sent == []
    clock.advance(hours=2)
    inbox.work()
    assert outbox.sent == []
    message = told(app.get_state(CONFIG).values)["call-0"]
    assert message.text.startswith("Nobody approved this call of `mail` in time.")


def test_two_of_two(inbox: Inbox, saver: Any) -> None:
    outbox = Outbox()
    mail = require_approval(outbox.mail, inbox=inbox, approvers=quorum(2, of="finance"))
    app = inbox.register(tool_node([mail]).compile(checkpointer=saver), "mailer")
    app.invoke({"messages": [mails("ann")]}, CONFIG)
    (review,) = inbox.pending()
    inbox.decide(review.id, Approve(), by=ANN)
    inbox.decide(review.id, Approve(), by=BOB)
    assert outbox.sent == ["ann"]
    assert inbox.verify()


def test_an_edit_that_takes_more_authority_moves_up(inbox: Inbox, saver: Any) -> None:
    """The edited arguments are scored again."""
    paid: list[int] = []

    def pay(amount: int) -> str:
        """Pay."""
        paid.append(amount)
        return "paid"

    reviewed = require_approval(
        tool(pay),
        inbox=inbox,
        when=risk_at_least("low", risk=lambda args: min(args["amount"] / 1000, 1.0)),
        approvers=by_risk({"low": "finance", "high": "board"}),
    )
    app = inbox.register(tool_node([reviewed]).compile(checkpointer=saver), "payer")
    app.invoke({"messages": [calls(call("pay", amount=100))]}, CONFIG)
    (review,) = inbox.pending()
    inbox.decide(review.id, Edit({"amount": 990}), by=ANN)
    assert paid == []
    (again,) = inbox.pending()
    assert (again.id, again.round) == (review.id, 1)
    with pytest.raises(NotAuthorised):
        inbox.decide(again.id, Approve(), by=ANN)
    inbox.decide(again.id, Approve(), by=Reviewer("carl", roles=("board",)))
    assert paid == [990]


@pytest.mark.parametrize("value", [{"to": 5}, {}, {"to": "bob", "cc": "eve"}, "bob"])
def test_an_edit_is_checked_before_it_counts(inbox: Inbox, saver: Any, value: Any) -> None:
    outbox = Outbox()
    built = tool_node([require_approval(outbox.mail, inbox=inbox)])
    app = inbox.register(built.compile(checkpointer=saver), "mailer")
    app.invoke({"messages": [mails("ann")]}, CONFIG)
    (review,) = inbox.pending()
    with pytest.raises(InvalidDecision):
        inbox.decide(review.id, Edit(value), by="maria")
    inbox.decide(review.id, Edit({"to": "bob"}), by="maria")
    assert outbox.sent == ["bob"]


def test_answers_of_any_kind_through_the_inbox(inbox: Inbox, saver: Any) -> None:
    outbox = Outbox()
    built = agent(
        once(calls(call("mail", to="ann"), call("ask_human", 1, question="Which?"))),
        [outbox.mail, human_as_tool(inbox=inbox)],
        review_tools({"mail": True}, inbox=inbox),
        checkpointer=saver,
    )
    app = inbox.register(built, "agent")
    app.invoke({"messages": [HumanMessage("hello")]}, CONFIG)
    for review in inbox.pending():
        inbox.decide(review.id, Respond(f"about {review.action}"), by="maria")
    messages = told(app.get_state(CONFIG).values)
    assert messages["call-0"].text.endswith("Answer: about mail")
    assert messages["call-1"].text == "about ask_human"
    assert outbox.sent == []


async def test_on_an_event_loop(inbox: Inbox) -> None:
    with Inbox.open("sqlite:///:memory:") as desk:
        outbox = Outbox()
        built = agent(
            once(mails("ann", "bob")),
            [outbox.mail],
            review_tools({"mail": True}, inbox=desk),
            checkpointer=InMemorySaver(),
        )
        app = desk.register(built, "agent")
        await app.ainvoke({"messages": [HumanMessage("hello")]}, CONFIG)
        for review in desk.pending():
            await desk.adecide(review.id, Approve(), by="maria")
        assert sorted(outbox.sent) == ["ann", "bob"]
        assert desk.verify()


def test_a_graph_that_is_not_registered_runs_nothing(inbox: Inbox, saver: Any) -> None:
    outbox = Outbox()
    app = tool_node([require_approval(outbox.mail, inbox=inbox)]).compile(checkpointer=saver)
    with pytest.raises(NotRegistered):
        app.invoke({"messages": [mails("ann")]}, CONFIG)
    assert outbox.sent == []


def test_a_decision_that_waits_can_be_overridden(inbox: Inbox, saver: Any) -> None:
    outbox = Outbox()
    built = tool_node([require_approval(outbox.mail, inbox=inbox)])
    app = inbox.register(built.compile(checkpointer=saver), "mailer")
    app.invoke({"messages": [mails("ann", "bob")]}, CONFIG)
    ann = by_name(inbox)["ann"]
    inbox.decide(ann.id, Approve(), by="maria", resume="worker")
    board = Reviewer("carl", roles=("board",))
    inbox.override(ann.id, Reject(), by=board, reason="a mistake")
    inbox.work()
    assert outbox.sent == []
    with pytest.raises(TooLate):
        inbox.override(ann.id, Approve(), by=board, reason="another")


def test_what_has_been_taken_cannot_be_replaced(inbox: Inbox, saver: Any) -> None:
    """The tool failed after the approval was taken: the graph follows that, and no other."""
    attempts: list[str] = []

    @tool
    def mail(to: str) -> str:
        """Send."""
        attempts.append(to)
        if len(attempts) == 1:
            raise ConnectionError("away")
        return "sent"

    built = tool_node([require_approval(mail, inbox=inbox)])
    app = inbox.register(built.compile(checkpointer=saver), "mailer")
    app.invoke({"messages": [mails("ann")]}, CONFIG)
    (review,) = inbox.pending()
    with pytest.raises(RunFailed, match="away"):
        inbox.decide(review.id, Approve(), by="maria")
    board = Reviewer("carl", roles=("board",))
    with pytest.raises(TooLate):
        inbox.override(review.id, Reject(), by=board, reason="a mistake")
    app.invoke(None, CONFIG)
    assert attempts == ["ann", "ann"]


def test_a_gate_without_an_inbox_that_is_watched(inbox: Inbox, saver: Any) -> None:
    outbox = Outbox()
    built = tool_node([require_approval(outbox.mail)]).compile(checkpointer=saver)
    app = inbox.watch(built, "mailer")
    app.invoke({"messages": [mails("ann", "bob")]}, CONFIG)
    by_subject = {str(review.request["subject"]): review for review in inbox.pending()}
    inbox.decide(by_subject["{'to': 'bob'}"].id, Edit({"to": "eve"}), by="maria")
    inbox.decide(by_subject["{'to': 'ann'}"].id, Approve(), by="maria")
    assert outbox.sent == ["eve", "ann"]
