"""A committee and its chair, in the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, Inbox, Reject, Reviewer, committee
from langgraph_hitl.errors import GateError, InvalidDecision, NotAuthorised
from langgraph_hitl.panels import majority
from langgraph_hitl.people import Roster
from langgraph_hitl.testing import FixedClock
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import Desk

ANN, BOB = (Reviewer(name, roles=("board",)) for name in ("ann", "bob"))
HEAD = Reviewer("hed", roles=("head",))
BOARD = majority(of="board", size=3)


def build(desk: Desk, **options: Any) -> Build:
    options = {"members": BOARD, "chair": "head", **options}
    return one_gate(committee("draft", inbox=desk.inbox, **options))


def test_the_chair_decides_what_the_members_have_let_pass(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review_id = question.review.id
    with pytest.raises(NotAuthorised, match="'board'"):
        desk.inbox.decide(review_id, Approve("go"), by=HEAD)
    desk.inbox.decide(review_id, Approve("sound"), by=ANN)
    desk.inbox.decide(review_id, Approve("yes"), by=BOB)
    desk.open()
    question.app = desk.app(build(desk))
    assert [one.id for one in desk.inbox.pending(reviewer=HEAD)] == [review_id]
    assert desk.inbox.pending(reviewer=ANN) == []
    with pytest.raises(NotAuthorised, match="'head'"):
        desk.inbox.decide(review_id, Approve("go"), by=ANN)
    assert question.ran == []
    done = desk.inbox.decide(review_id, Approve("go"), by=HEAD)
    assert (done.outcome, done.decided_by) == ("approved", "hed")
    assert question.ran == ["act:Hello"]
    first, last = question.record["decisions"]
    assert [vote["by"] for vote in first["votes"]] == ["ann", "bob"]
    assert last["by"] == "hed"
    assert desk.inbox.verify()


def test_a_worker_follows_each_round(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review_id = question.review.id
    for who in (ANN, BOB):
        desk.inbox.decide(review_id, Approve("yes"), by=who, resume="worker")
    desk.inbox.work()
    desk.inbox.decide(review_id, Reject("no money"), by=HEAD, resume="worker")
    desk.inbox.work()
    assert question.record["outcome"] == "rejected"


def test_reasons_are_asked_for_where_the_graph_is_not_known(desk: Desk) -> None:
    review_id = desk.ask(desk.app(build(desk))).review.id
    desk.open()
    for decision in (Approve(), Approve("  "), Reject()):
        with pytest.raises(InvalidDecision):
            desk.inbox.decide(review_id, decision, by=ANN, resume="worker")
    assert desk.inbox.get(review_id).request["panel"]["cast"] == 0


def test_the_time_runs_on_for_the_chair(timed: Desk, clock: FixedClock) -> None:
    question = timed.ask(timed.app(build(timed, timeout="2h")))
    review_id = question.review.id
    clock.advance(hours=1)
    for who in (ANN, BOB):
        timed.inbox.decide(review_id, Approve("yes"), by=who)
    clock.advance(hours=1.5)
    timed.inbox.work()
    assert question.record["outcome"] == "timed_out"
    assert "act:Hello" not in question.ran


def test_a_chair_whom_nobody_can_fill_is_an_error(desk: Desk) -> None:
    cas = Reviewer("cas", roles=("board",))
    desk.inbox.close()
    people = Roster(ANN, BOB, cas)
    with (
        Inbox.open(desk._url, people=people) as desk.inbox,
        pytest.raises(GateError, match="the chair: nobody"),
    ):
        desk.app(build(desk))
