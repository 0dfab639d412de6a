"""What a pass says that it did, and to which reviews."""

from __future__ import annotations

from typing import Any

from langgraph_hitl import Approve, Inbox, Reject, Reviewer, Revise, human_approval
from langgraph_hitl.inbox import WorkReport
from langgraph_hitl.panels import chain
from langgraph_hitl.people import Member, Roster
from langgraph_hitl.testing import FixedClock
from tests.apps import one_gate
from tests.inbox.desk import MARIA, Desk


def ask(desk: Desk, **options: Any) -> str:
    """A review, in a graph of its own."""
    gate = human_approval("draft", inbox=desk.inbox, **options)
    return desk.ask(desk.app(one_gate(gate))).review.id


def test_what_time_has_done(timed: Desk, clock: FixedClock) -> None:
    levels = chain("member", "lead", within={"member": "2h"})
    review_id = ask(timed, reviewers=levels, timeout="4h", remind="1h")
    assert timed.inbox.work().reviews == {}
    clock.advance(hours=2)
    report = timed.inbox.work()
    assert report.timed == 1
    assert report.reviews == {"reminded": [review_id], "escalated": [review_id]}
    clock.advance(hours=2)
    assert timed.inbox.work().reviews == {
        "reminded": [review_id],
        "timed_out": [review_id],
        "resumed": [review_id],
    }
    assert timed.inbox.work().reviews == {}


def test_whose_turn_it_is_and_who_was_told(desk: Desk) -> None:
    desk.inbox.close()
    clock = FixedClock()
    staff = Roster(Member(Reviewer("ann")))
    told: list[Any] = []
    options: dict[str, Any] = {"clock": clock, "notify": told.append}
    desk.inbox = Inbox.open(desk._url, **options)
    review_id = ask(desk)
    desk.inbox.close()
    with Inbox.open(desk._url, people=staff, assign=True, **options) as desk.inbox:
        report = desk.inbox.work()
        assert report.reviews["assigned"] == [review_id]
        assert report.reviews["notified"] == [review_id] * report.notified
        assert report.notified == len(told) == 2


def test_what_was_called_back(desk: Desk) -> None:
    desk.inbox.close()
    with Inbox.open(desk._url, overrides="board") as desk.inbox:
        review_id = ask(desk, on_recall=lambda request, decision: None)
        desk.inbox.decide(review_id, Approve(), by=MARIA)
        ceo = Reviewer("ceo", roles="board")
        desk.inbox.override(review_id, Reject(), by=ceo, reason="fraud", resume="worker")
        report = desk.inbox.work()
        assert (report.driven, report.reviews) == (1, {"recalled": [review_id]})


def test_what_failed_is_in_no_list(timed: Desk) -> None:
    def broken(state: dict[str, Any]) -> dict[str, Any]:
        raise OSError("no paper")

    review_id = ask(timed, revise=broken, reads=("draft",))
    timed.inbox.decide(review_id, Revise("shorter"), by=MARIA, resume="worker")
    report = timed.inbox.work()
    assert [*report.failed] == [review_id]
    assert report.reviews == {}


def test_a_pass_that_did_anything_was_not_idle() -> None:
    report = WorkReport()
    report.did("notified")
    assert report.idle
    assert report.reviews == {}
    report.did("notified", "rv-1", "rv-1")
    assert not report.idle
    assert report.reviews == {"notified": ["rv-1", "rv-1"]}
