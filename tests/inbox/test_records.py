"""What an inbox can be asked: votes, metrics, whether the audit holds; and what can be removed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Inbox, Reject, human_approval
from langgraph_hitl.errors import InboxError, UnknownReview
from langgraph_hitl.panels import quorum
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import JO, MARIA, Desk
from tests.inbox.ledgers import LedgerPlace, Ticking, ballot, filing, settlement
from tests.inbox.test_ledger_verify import tamper

UNKNOWN = "rv-unknown"


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def test_votes_in_their_order(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, reviewers=quorum(2, of="editors"))))
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=JO)
    assert [vote.voter for vote in desk.inbox.votes(review.id)] == ["jo"]
    desk.inbox.decide(review.id, Approve("fine"), by=MARIA)
    assert [(vote.voter, vote.decision) for vote in desk.inbox.votes(review.id)] == [
        ("jo", {"type": "approve"}),
        ("maria", {"type": "approve", "comment": "fine"}),
    ]


def test_votes_of_a_blind_panel_are_shown_when_it_is_settled(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, reviewers=quorum(2, of="editors", blind=True))))
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=JO)
    assert desk.inbox.votes(review.id) == []
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert len(desk.inbox.votes(review.id)) == 2


def test_one_persons_decision_is_no_vote(desk: Desk) -> None:
    review = desk.ask(desk.app(build(desk))).review
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert desk.inbox.votes(review.id) == []


def test_metrics_count_what_waits_and_what_each_person_did(desk: Desk) -> None:
    single = desk.app(build(desk, queue="posts"), "single")
    panel = desk.app(build(desk, reviewers=quorum(2, of="editors")), "panel")
    for _ in range(2):
        desk.inbox.decide(desk.ask(single).review.id, Reject("no"), by=MARIA)
    voted = desk.ask(panel).review.id
    desk.inbox.decide(voted, Approve(), by=JO)
    desk.inbox.decide(voted, Approve(), by=MARIA)
    oldest = desk.ask(single).review
    desk.ask(panel)

    found = desk.inbox.metrics()
    assert found.reviews == {
        "pending": 2,
        "settled": 0,
        "applied": 3,
        "superseded": 0,
        "cancelled": 0,
    }
    assert found.queues == {"default": 1, "posts": 1}
    assert found.kinds == {"human_approval": 2}
    assert (found.oldest, found.waiting.count) == (oldest.id, 2)
    assert found.outcomes == {"approved": 1, "rejected": 2}
    assert found.response.count == 3
    maria, jo = found.reviewers["maria"], found.reviewers["jo"]
    assert (maria.decided, maria.votes, maria.outcomes) == (3, 1, {"approved": 1, "rejected": 2})
    assert (jo.decided, jo.votes, jo.response.median) == (0, 1, None)


def test_times_are_in_order_and_never_negative(desk: Desk) -> None:
    app = desk.app(build(desk))
    for _ in range(3):
        desk.inbox.decide(desk.ask(app).review.id, Approve(), by=MARIA)
    times = desk.inbox.metrics().response
    assert times.min is not None
    assert times.median is not None
    assert times.p90 is not None
    assert times.max is not None
    assert timedelta(0) <= times.min <= times.median <= times.p90 <= times.max


def test_the_audit_holds_and_shows_what_was_cut_off(desk: Desk, tmp_path: Path) -> None:
    desk.inbox.decide(desk.ask(desk.app(build(desk))).review.id, Approve(), by=MARIA)
    found = desk.inbox.verify()
    assert found
    assert found.rows == 3
    assert desk.inbox.verify(found.head)
    with Inbox.open(f"sqlite:///{tmp_path / 'an older copy.db'}") as other:
        assert not other.verify(found.head)
    with pytest.raises(InboxError, match="head"):
        desk.inbox.verify("yesterday")


def test_the_content_of_a_review_is_removed_and_the_audit_still_holds(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review = question.review
    with pytest.raises(InboxError, match="pending"):
        desk.inbox.redact(review.id, by=MARIA, reason="too early")
    desk.inbox.decide(review.id, Approve("by Anna Smith"), by=MARIA)
    desk.inbox.redact(review.id, by=MARIA, reason="asked for by the customer")
    found = desk.inbox.get(review.id)
    assert (found.request, found.outcome, found.decided_by) == ({}, "approved", "maria")
    rows = desk.inbox.history(review.id)
    assert "Anna" not in str(rows)
    assert (rows[-1].event, rows[-1].actor) == ("redacted", "maria")
    verification = desk.inbox.verify()
    assert verification
    assert verification.redacted == 3


def test_a_review_that_does_not_exist(desk: Desk) -> None:
    with pytest.raises(UnknownReview):
        desk.inbox.votes(UNKNOWN)
    with pytest.raises(UnknownReview):
        desk.inbox.redact(UNKNOWN, by=MARIA, reason="none")


async def test_the_asynchronous_face_of_a_closed_inbox_is_told(desk: Desk) -> None:
    desk.inbox.close()
    with pytest.raises(InboxError, match="closed"):
        await desk.inbox.apending()
    with pytest.raises(InboxError, match="closed"):
        await desk.inbox.adecide(UNKNOWN, Approve(), by=MARIA)


async def test_the_asynchronous_face_says_the_same(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, reviewers=quorum(2, of="editors"))))
    review, inbox = question.review, desk.inbox
    inbox.decide(review.id, Approve(), by=JO)
    inbox.decide(review.id, Approve(), by=MARIA)
    assert await inbox.avotes(review.id) == inbox.votes(review.id)
    assert (await inbox.ametrics()).outcomes == {"approved": 1}
    assert await inbox.averify() == inbox.verify()
    await inbox.aredact(review.id, by="the office", reason="asked for")
    assert (await inbox.aget(review.id)).request == {}


DAMAGED = [
    ("hitl_versions", "request"),
    ("hitl_versions", "question"),
    ("hitl_reviews", "eligible"),
    ("hitl_reviews", "course"),
    ("hitl_reviews", "hooks"),
    ("hitl_votes", "roles"),
    ("hitl_votes", "decision"),
    ("hitl_votes", "authority"),
    ("hitl_settlements", "decision"),
    ("hitl_settlements", "authority"),
    ("hitl_audit", "content"),
]


@pytest.mark.parametrize("text", ["{", "7", '{"a"\\:1}'])
@pytest.mark.parametrize(("table", "column"), DAMAGED, ids=[f"{t}.{c}" for t, c in DAMAGED])
def test_a_damaged_text_is_an_error_of_the_inbox_and_a_finding(
    shared_place: LedgerPlace, table: str, column: str, text: str
) -> None:
    with Inbox.open(shared_place.url, clock=Ticking()) as inbox:
        with inbox._office.ledger.transaction() as tx:
            tx.file(filing("r1", question={}))
            tx.vote(ballot("r1"), replace=False)
            tx.file(filing("r2"))
            tx.settle(settlement("r2"))
        tamper(shared_place, f"UPDATE {table} SET {column} = '{text}'")
        verdict = partial(inbox._office.verdict, round_=0)
        for read in (inbox.get, inbox.votes, inbox.history, verdict):
            for review_id in ("r1", "r2"):
                with suppress(InboxError):
                    read(review_id)
        with suppress(InboxError):
            inbox.pending(reviewer="maria")
        with suppress(InboxError):
            inbox.work()
        assert "broken chain" in {finding.kind for finding in inbox.doctor().findings}
