"""What happens to a review around its decision: parking, applying, joining, failing, removing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.writing import Transaction
from langgraph_hitl.inbox.review import Mode, Review
from tests.inbox.ledgers import (
    LedgerPlace,
    ballot,
    events,
    filing,
    holds,
    pending_ids,
    settlement,
)

STATUSES = ("pending", "settled", "applied", "superseded", "cancelled")


def bring_to(status: str, tx: Transaction, *, mode: Mode = "blocking") -> None:
    """Put the review `r1` into a status."""
    tx.file(filing(mode=mode))
    if status in ("settled", "applied"):
        tx.settle(settlement())
    if status == "applied":
        tx.apply([("r1", 0, "approved", None)])
    if status == "superseded":
        tx.supersede("r1", 0, reason="another input")
    if status == "cancelled":
        tx.settle(settlement(outcome="cancelled"), status="cancelled")


def stored(ledger: Ledger) -> Review:
    with ledger.reading() as rx:
        review = rx.get("r1")
    assert review is not None
    return review


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("round", [0, 1])
def test_only_a_pending_version_is_parked(ledger: Ledger, status: str, round: int) -> None:
    with ledger.transaction() as tx:
        bring_to(status, tx)
    before = events(ledger)
    with ledger.transaction() as tx:
        parked = tx.park([("r1", round), ("nobody", 0)])
    assert parked == (1 if (status, round) == ("pending", 0) else 0)
    if status == "pending":
        assert stored(ledger).wake is (round == 1)
    assert events(ledger) == before


@pytest.mark.parametrize("error", [None, "ValueError: no such post"])
def test_what_the_graph_has_taken_is_applied(ledger: Ledger, error: str | None) -> None:
    with ledger.transaction() as tx:
        bring_to("settled", tx)
    with ledger.transaction() as tx:
        assert tx.apply([("r1", 0, "edited", error), ("nobody", 0, "approved", None)]) == 1
        assert tx.apply([("r1", 0, "edited", error)]) == 0
    review = stored(ledger)
    assert (review.status, review.outcome, review.wake) == ("applied", "edited", False)
    assert review.error == error
    with ledger.reading() as rx:
        row = rx.history("r1")[-1]
    assert (row.event, row.reason, row.outcome) == (
        "applied" if error is None else "run_failed",
        error,
        "edited",
    )
    assert holds(ledger)


def test_a_run_that_succeeds_forgets_the_failures_before_it(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        bring_to("settled", tx)
        tx.failed("r1", error="boom")
        tx.apply([("r1", 0, "approved", None)])
    assert (stored(ledger).attempts, stored(ledger).error) == (1, None)


def test_the_long_error_of_a_run_is_cut(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        bring_to("settled", tx)
        tx.apply([("r1", 0, "approved", "\x00" + "x" * 1_000_000)])
    assert (stored(ledger).error or "").startswith("\\u0000xxx")
    assert len(stored(ledger).error or "") < 11_000


def test_a_cancelled_review_stays_cancelled_when_the_graph_has_gone_on(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        bring_to("cancelled", tx)
        assert tx.apply([("r1", 0, "cancelled", None)]) == 1
        assert tx.apply([("r1", 0, "cancelled", None)]) == 0
    assert (stored(ledger).status, stored(ledger).wake) == ("cancelled", False)
    assert holds(ledger)


@pytest.mark.parametrize(
    ("status", "round"),
    [("pending", 0), ("settled", 1), ("applied", 0), ("superseded", 0)],
)
def test_nothing_else_is_applied(ledger: Ledger, status: str, round: int) -> None:
    with ledger.transaction() as tx:
        bring_to(status, tx)
        assert tx.apply([("r1", round, "rejected", None)]) == 0
    assert stored(ledger).status == status
    assert holds(ledger)


@pytest.mark.parametrize("status", STATUSES)
def test_a_dead_question_is_superseded_unless_it_is_over(ledger: Ledger, status: str) -> None:
    lives = status in ("pending", "settled")
    with ledger.transaction() as tx:
        bring_to(status, tx)
        assert tx.supersede("r1", 1, reason="another round") is False
        assert tx.supersede("r1", 0, reason="new input") is lives
        assert tx.supersede("r1", 0, reason="new input") is False
    if lives:
        assert (stored(ledger).status, stored(ledger).wake) == ("superseded", False)
        assert events(ledger)[-1] == "superseded"
    assert pending_ids(ledger, reviewer_keys=("*",)) == []
    assert holds(ledger)


def test_a_decision_that_no_graph_has_taken_falls_with_its_question(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        tx.file(filing())
        tx.settle(settlement(outcome="needs_revision"))
        tx.file(filing(round=1))
        tx.vote(ballot(round=1), replace=False)
        tx.settle(settlement(round=1))
        tx.supersede("r1", 1, reason="new input")
    review = stored(ledger)
    assert (review.status, review.wake) == ("superseded", False)
    assert (review.outcome, review.decided_by, review.decided_at) == (None, None, None)
    with ledger.reading() as rx:
        assert rx.settlement("r1", 1) is None
        assert rx.settlement("r1", 0) is not None
        assert len(rx.votes("r1", 1)) == 1
        settled, superseded = rx.history("r1")[-2:]
        assert rx.metrics().outcomes == {"needs_revision": 1}
    assert (settled.event, settled.outcome, settled.actor) == ("settled", "approved", "maria")
    assert (superseded.event, superseded.outcome) == ("superseded", None)
    assert holds(ledger)


@pytest.mark.parametrize("status", STATUSES)
def test_who_joins_a_submitted_review_waits_for_it(ledger: Ledger, status: str) -> None:
    with ledger.transaction() as tx:
        bring_to(status, tx, mode="submitted")
        tx.park([("r1", 0)])
        joined = tx.join("r1")
        assert tx.join("r1") is False
        assert tx.join("nobody") is False
    assert joined is (status in ("pending", "settled", "cancelled"))
    assert (stored(ledger).mode, stored(ledger).wake) == (
        ("blocking", True) if joined else ("submitted", False)
    )
    assert ("joined" in events(ledger)) is joined
    assert holds(ledger)


@pytest.mark.parametrize("mode", ["blocking", "sampled"])
def test_only_a_submitted_review_can_be_joined(ledger: Ledger, mode: Mode) -> None:
    with ledger.transaction() as tx:
        bring_to("settled", tx, mode=mode)
        assert tx.join("r1") is False
    assert stored(ledger).mode == mode


def test_failures_are_counted_and_the_first_is_told(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        bring_to("settled", tx)
        for number in range(3):
            tx.failed("r1", error=f"boom {number} \x00")
        tx.failed("nobody", error="boom")
    assert (stored(ledger).attempts, stored(ledger).error) == (3, "boom 2 \\u0000")
    assert events(ledger) == ["filed", "settled", "failed"]
    assert events(ledger, "nobody") == []


def test_a_long_error_is_cut(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        bring_to("settled", tx)
        tx.failed("r1", error="x" * 1_000_000)
    assert len(stored(ledger).error or "") == 10_000


def test_a_hook_runs_once_for_each_version(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        tx.file(filing())
        assert tx.hook_ran("r1", 0, "on_asked") is True
        assert tx.hook_ran("r1", 0, "on_asked") is False
        assert tx.hook_ran("r1", 0, "on_decided") is True
        assert tx.hook_ran("nobody", 0, "on_asked") is False
        tx.settle(settlement(outcome="needs_revision"))
    assert stored(ledger).hooks == ("on_asked", "on_decided")
    with ledger.transaction() as tx:
        tx.file(filing(round=1))
        assert tx.hook_ran("r1", 1, "on_asked") is True
    assert stored(ledger).hooks == ("on_asked",)


def test_of_many_who_want_to_run_a_hook_one_does(shared_place: LedgerPlace) -> None:
    ledgers = [shared_place.open() for _ in range(4)]
    with ledgers[0].transaction() as tx:
        tx.file(filing())
    start = threading.Barrier(len(ledgers))

    def ran(ledger: Ledger) -> list[bool]:
        start.wait()
        found = []
        for number in range(10):
            with ledger.transaction() as tx:
                found.append(tx.hook_ran("r1", 0, f"hook-{number}"))
        return found

    with ThreadPoolExecutor(len(ledgers)) as pool:
        answers = list(pool.map(ran, ledgers))
    assert [sum(of_one) for of_one in zip(*answers, strict=True)] == [1] * 10
    for ledger in ledgers:
        ledger.close()


def test_a_note_is_an_audit_row_and_changes_nothing(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        tx.file(filing())
        before = tx.get("r1")
        tx.note("r1", "refused", actor="eve", channel="cli", reason="no role", content={"as": []})
        assert tx.get("r1") == before
    with ledger.reading() as rx:
        row = rx.history("r1")[-1]
    assert (row.event, row.actor, row.channel, row.reason) == ("refused", "eve", "cli", "no role")
    assert row.content == {"as": []}
    assert holds(ledger)


@pytest.mark.parametrize("event", ["settled", "voted", "applied", "redacted", "filed"])
def test_a_note_cannot_pass_for_a_transition(ledger: Ledger, event: str) -> None:
    with ledger.transaction() as tx:
        tx.file(filing())
        with pytest.raises(InboxError, match="use another"):
            tx.note("r1", event, actor="eve", channel="cli")


@pytest.mark.parametrize("status", ["applied", "superseded", "cancelled"])
def test_the_content_of_a_review_that_is_over_can_be_removed(ledger: Ledger, status: str) -> None:
    with ledger.transaction() as tx:
        tx.file(filing(request={"secret": 1}, question={"secret": 2}))
        tx.vote(ballot(decision={"type": "approve", "comment": "secret"}), replace=False)
        tx.note("r1", "refused", actor="eve", channel="cli", reason="secret")
        bring_to(status, tx)
        tx.apply([("r1", 0, status, None)])
    with ledger.transaction() as tx:
        tx.redact("r1", actor="admin", reason="a request of the person")
    with ledger.reading() as rx:
        rows = rx.history("r1")
        assert [vote.decision for vote in rx.votes("r1", 0)] == [{}]
        found = rx.settlement("r1", 0)
        assert found is None or found.decision == {}
        report = rx.verify()
    review = stored(ledger)
    assert (review.request, review.question, review.status) == ({}, None, status)
    assert [(row.reason, row.content, row.redacted) for row in rows[:-1]] == [
        (None, None, True)
    ] * (len(rows) - 1)
    assert (rows[-1].event, rows[-1].actor) == ("redacted", "admin")
    assert report, report.problem
    assert report.redacted == len(rows) - 1


@pytest.mark.parametrize("status", ["pending", "settled", "cancelled"])
def test_what_is_still_needed_is_not_removed(ledger: Ledger, status: str) -> None:
    with ledger.transaction() as tx:
        bring_to(status, tx)
        with pytest.raises(InboxError, match=status):
            tx.redact("r1", actor="admin", reason="too early")
        with pytest.raises(InboxError, match="nobody"):
            tx.redact("nobody", actor="admin", reason="no such review")
    assert stored(ledger).request == filing().request
