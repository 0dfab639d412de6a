"""Counts and times of an inbox."""

from __future__ import annotations

from datetime import timedelta

from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.metrics import Metrics, Times
from tests.inbox.ledgers import MONDAY, LedgerPlace, Ticking, filing, settlement

HOUR = timedelta(hours=1)
NEVER = Times(0, None, None, None, None)
NOTHING = {"pending": 0, "settled": 0, "applied": 0, "superseded": 0, "cancelled": 0}


def test_an_empty_inbox_counts_nothing(ledger: Ledger) -> None:
    with ledger.reading() as rx:
        assert rx.metrics() == Metrics(
            reviews=NOTHING,  # type: ignore[arg-type]  # the keys are the statuses
            queues={},
            kinds={},
            waiting=NEVER,
            oldest=None,
            overdue=0,
            wakeful=0,
            failing=0,
            outcomes={},
            response=NEVER,
            reviewers={},
        )


def test_what_waits_is_counted_by_queue_and_deadline(ledger_place: LedgerPlace) -> None:
    clock = Ticking(MONDAY)
    ledger = ledger_place.open(clock=clock)
    with ledger.transaction() as tx:
        tx.file(filing("r1", queue="legal", due=MONDAY + HOUR))
        tx.file(filing("r2", due=MONDAY + 5 * HOUR))
        tx.file(filing("r3", queue="legal"))
        tx.park([("r1", 0), ("r2", 0)])
        tx.failed("r3", error="boom")
    clock.now = MONDAY + 2 * HOUR
    with ledger.reading() as rx:
        found = rx.metrics()
    assert found.queues == {"default": 1, "legal": 2}
    assert (found.reviews["pending"], found.overdue) == (3, 1)
    assert (found.wakeful, found.failing) == (1, 1)
    assert (found.oldest, found.waiting.count) == ("r1", 3)
    assert found.waiting.max == 2 * HOUR
    ledger.close()


def test_a_decision_that_does_not_stand_is_not_counted(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        for review_id in ("superseded", "reopened", "again", "stands"):
            tx.file(filing(review_id))
            tx.settle(settlement(review_id))
        tx.supersede("superseded", 0, reason="new input")
        for review_id in ("reopened", "again"):
            tx.reopen(review_id, 0, actor="system:graph", reason="the answer did not fit")
        tx.settle(settlement("again", outcome="rejected"))
    with ledger.reading() as rx:
        found = rx.metrics()
        assert rx.metrics(last=2).outcomes == found.outcomes
    assert found.outcomes == {"approved": 1, "rejected": 1}
    assert (found.response.count, found.reviewers["maria"].decided) == (2, 2)


def test_times_run_from_filing_a_version_to_its_decision(ledger_place: LedgerPlace) -> None:
    clock = Ticking(MONDAY)
    ledger = ledger_place.open(clock=clock)
    for number in range(1, 21):
        clock.now = MONDAY - timedelta(seconds=1)
        with ledger.transaction() as tx:
            tx.file(filing(f"r{number:02}"))
            tx.settle(settlement(f"r{number:02}", at=MONDAY + number * HOUR))
    with ledger.transaction() as tx:
        tx.pass_automatically(filing("passed"))
        tx.file(filing("over"))
        tx.settle(settlement("over", outcome="cancelled"), status="cancelled")
    with ledger.reading() as rx:
        found, newest = rx.metrics(), rx.metrics(last=3)
    assert found.outcomes == {"approved": 20, "auto_approved": 1, "cancelled": 1}
    assert found.response == Times(20, HOUR, 10 * HOUR, 18 * HOUR, 20 * HOUR)
    assert found.reviewers["maria"].response == found.response
    assert newest.outcomes == {"approved": 1, "auto_approved": 1, "cancelled": 1}
    assert newest.response == Times(1, *[20 * HOUR] * 4)
    ledger.close()
