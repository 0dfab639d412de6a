"""An inbox knows the gates of calls, which stand in no graph, when they are built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    Reviewer,
    human_as_tool,
    require_approval,
    review_tools,
)
from langgraph_hitl.errors import GateError, TooLate
from langgraph_hitl.panels import quorum
from langgraph_hitl.people import Roster
from langgraph_hitl.policies import Escalation
from tests.tools.agents import Outbox, agent, mails, once, tool_node

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
ANN, BOARD = Reviewer("ann", roles=("finance",)), Reviewer("carl", roles=("board",))
KINDS = ("review_tools", "require_approval")
over_kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def staffed() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:", people=Roster(ANN)) as inbox:
        yield inbox


@pytest.mark.parametrize(
    ("reviewers", "lack"),
    [
        ("finanze", "nobody can decide it"),
        (quorum(2, of="finance"), "too few can decide it"),
    ],
)
def test_a_panel_that_nobody_can_fill(staffed: Inbox, reviewers: Any, lack: str) -> None:
    mail = Outbox().mail
    with pytest.raises(GateError, match=f"'mail': {lack}"):
        review_tools({"mail": True}, inbox=staffed, reviewers=reviewers)
    with pytest.raises(GateError, match=f"'mail': {lack}"):
        review_tools({"mail": {"reviewers": reviewers}}, inbox=staffed)
    with pytest.raises(GateError, match=f"'mail': {lack}"):
        require_approval(mail, inbox=staffed, approvers=reviewers)
    with pytest.raises(GateError, match=f"'send': {lack}"):
        require_approval(lambda: None, name="send", inbox=staffed, approvers=reviewers)
    with pytest.raises(GateError, match=f"'ask_human': {lack}"):
        human_as_tool(inbox=staffed, reviewers=reviewers)


def test_a_panel_that_somebody_can_fill(staffed: Inbox) -> None:
    review_tools({"mail": True}, inbox=staffed, reviewers="finance")
    require_approval(Outbox().mail, inbox=staffed, approvers="finance")


class Desk:
    """An inbox and an agent over the files of a folder, each time anew."""

    def __init__(self, folder: Path, kind: str, outbox: Outbox, **filing: Any) -> None:
        self._saver = SqliteSaver.from_conn_string(str(folder / "threads.db"))
        saver = self._saver.__enter__()
        self.inbox = Inbox.open(f"sqlite:///{folder / 'reviews.db'}", overrides="board")
        self.first: Any = mails("ann")
        if kind == "review_tools":
            self.first = HumanMessage("hello")
            reviews = review_tools({"mail": True}, inbox=self.inbox, **filing)
            app = agent(once(mails("ann")), [outbox.mail], reviews, checkpointer=saver)
        else:
            mail = require_approval(outbox.mail, inbox=self.inbox, **filing)
            app = tool_node([mail]).compile(checkpointer=saver)
        self.app = self.inbox.register(app, "agent")

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.inbox.close()
        self._saver.__exit__(None, None, None)

    def ask(self) -> str:
        self.app.invoke({"messages": [self.first]}, CONFIG)
        (review,) = self.inbox.pending()
        return review.id


@over_kinds
@pytest.mark.parametrize(("decision", "ran"), [(Approve(), "ann"), (Edit({"to": "eve"}), "eve")])
def test_a_call_that_ran_is_called_back(kind: str, decision: Any, ran: str, tmp_path: Path) -> None:
    """By a process that has the tools, and has not run them."""
    outbox, back = Outbox(), []

    def on_recall(request: Any, decision: Any, *, recall: Any) -> None:
        back.append((request.subject, type(decision), recall.value, recall.reason))

    with Desk(tmp_path, kind, outbox, on_recall=on_recall) as desk:
        review_id = desk.ask()
        desk.inbox.decide(review_id, decision, by="ann")
    assert outbox.sent == [ran]
    with Desk(tmp_path, kind, outbox, on_recall=on_recall) as desk:
        desk.inbox.override(review_id, Reject("fraud"), by=BOARD, reason="the police called")
        desk.inbox.work()
    assert back == [({"to": "ann"}, Reject, {"to": ran}, "the police called")]
    assert outbox.sent == [ran]


@over_kinds
def test_a_call_that_nothing_calls_back(kind: str, tmp_path: Path) -> None:
    with Desk(tmp_path, kind, Outbox()) as desk:
        review_id = desk.ask()
        desk.inbox.decide(review_id, Approve(), by="ann")
        with pytest.raises(TooLate, match="no on_recall="):
            desk.inbox.override(review_id, Reject(), by=BOARD, reason="a mistake")


@over_kinds
def test_which_of_two_would_call_back_cannot_be_told(kind: str, tmp_path: Path) -> None:
    back: list[Any] = []
    with Desk(tmp_path, kind, Outbox(), on_recall=lambda *given: back.append(given)) as desk:
        review_id = desk.ask()
        desk.inbox.decide(review_id, Approve(), by="ann")
        other = require_approval(
            Outbox().mail, inbox=desk.inbox, on_recall=lambda *given: back.append(given)
        )
        with pytest.raises(TooLate, match="several gates of 'mail'"):
            desk.inbox.override(review_id, Reject(), by=BOARD, reason="a mistake")
        del other
    assert back == []


@over_kinds
@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_handler_of_an_escalation_is_called(kind: str, elsewhere: bool, tmp_path: Path) -> None:
    paged: list[Any] = []
    legal = Escalation(
        reviewers="board", handler=lambda request, why: paged.append((request.subject, why))
    )
    escalations = {"legal": legal}
    with Desk(tmp_path, kind, Outbox(), escalations=escalations) as desk:
        review_id = desk.ask()
        if not elsewhere:
            desk.inbox.escalate(review_id, by="ann", reason="a gift?", to="legal")
    if elsewhere:
        with Inbox.open(f"sqlite:///{tmp_path / 'reviews.db'}") as inbox:
            inbox.escalate(review_id, by="ann", reason="a gift?", to="legal")
        with Desk(tmp_path, kind, Outbox(), escalations=escalations) as desk:
            desk.inbox.work()
    assert paged == [({"to": "ann"}, "a gift?")]
