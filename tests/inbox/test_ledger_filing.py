"""Filing: a version is put before people once, and the next one after a settlement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from langgraph_hitl.deadlines import Limit
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._catch_up import catch_up
from langgraph_hitl.inbox._course import begun
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.panels import chain
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import (
    MONDAY,
    LedgerPlace,
    ballot,
    events,
    filing,
    holds,
    pending_ids,
    settlement,
)


def test_a_filed_review_is_pending_and_reads_as_it_was_filed(ledger: Ledger) -> None:
    asked = filing(
        due=MONDAY + timedelta(days=1, microseconds=7),
        rank=1,
        queue="legal",
        risk="high",
        score=0.25,
        eligible=("role:editors", "person:maria"),
        question={"of": ["whom", None]},
    )
    with ledger.transaction() as tx:
        review, changed = tx.file(asked)
    with ledger.reading() as rx:
        assert rx.get("r1") == review
    assert changed
    for name in asked.__dataclass_fields__:
        if name not in ("review_id", "moved_up"):  # the audit has it
            assert getattr(review, name) == getattr(asked, name), name
    assert (review.id, review.status, review.wake) == ("r1", "pending", True)
    assert (review.outcome, review.decided_by, review.decided_at) == (None, None, None)
    assert (review.attempts, review.error, review.hooks) == (0, None, ())


def test_nobody_knows_a_review_that_was_not_filed(ledger: Ledger) -> None:
    with ledger.reading() as rx:
        assert rx.get("r1") is None
        assert rx.get("\x00") is None
        assert (rx.history("r1"), rx.votes("r1", 0), rx.settlement("r1", 0)) == ([], [], None)


@pytest.mark.parametrize("wake", [True, False])
def test_who_files_says_whether_the_graph_has_to_be_driven(ledger: Ledger, wake: bool) -> None:
    with ledger.transaction() as tx:
        assert tx.file(filing(mode="submitted"), wake=wake)[0].wake is wake


def test_filing_again_changes_nothing(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        first, _ = tx.file(filing())
    with ledger.transaction() as tx:
        again, changed = tx.file(filing(digest="sha256:bb", rank=0, request={"other": 1}))
    assert (again, changed) == (first, False)
    assert events(ledger) == ["filed"]


def test_filing_again_in_the_same_transaction_changes_nothing(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        first, _ = tx.file(filing())
        assert tx.file(filing()) == (first, False)


def test_the_round_after_a_settled_one_is_pending_again(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        first, _ = tx.file(filing(rank=2, eligible=("role:editors",)))
        tx.settle(settlement(outcome="needs_revision"))
        tx.failed("r1", error="boom")
    changed = filing(
        round=1, digest="sha256:bb", rank=0, eligible=("role:chiefs",), request={"new": True}
    )
    with ledger.transaction() as tx:
        renewed, was_new = tx.file(changed)
    with ledger.reading() as rx:
        assert rx.get("r1") == renewed
        assert rx.settlement("r1", 0) == settlement(outcome="needs_revision")
        assert rx.settlement("r1", 1) is None
    assert was_new
    assert (renewed.round, renewed.digest, renewed.rank) == (1, "sha256:bb", 0)
    assert (renewed.status, renewed.wake, renewed.outcome) == ("pending", True, None)
    assert (renewed.decided_by, renewed.attempts, renewed.error) == (None, 0, None)
    assert (renewed.request, renewed.created_at) == ({"new": True}, first.created_at)
    assert events(ledger) == ["filed", "settled", "failed", "renewed"]
    assert pending_ids(ledger, role="chiefs") == ["r1"]
    assert pending_ids(ledger, role="editors") == []
    assert holds(ledger)


@pytest.mark.parametrize("round", [0, 1, 2, 3])
@pytest.mark.parametrize("status", ["pending", "settled", "applied", "cancelled", "superseded"])
def test_only_the_round_after_a_decided_one_can_be_filed(
    ledger: Ledger, status: str, round: int
) -> None:
    with ledger.transaction() as tx:
        tx.file(filing(round=0))
        tx.settle(settlement())
        tx.file(filing(round=1))
        if status in ("settled", "applied"):
            tx.settle(settlement(round=1))
        if status == "applied":
            tx.apply([("r1", 1, "approved", None)])
        if status == "cancelled":
            tx.settle(settlement(round=1, outcome="cancelled"), status="cancelled")
        if status == "superseded":
            tx.supersede("r1", 1, reason="another input")
    with ledger.transaction() as tx:
        if round == 1:
            assert tx.file(filing(round=1))[1] is False
        elif status in ("settled", "applied") and round == 2:
            assert tx.file(filing(round=2))[1] is True
        else:
            with pytest.raises(InboxError, match=f"round {round} cannot be filed"):
                tx.file(filing(round=round))


def test_no_version_is_filed_while_what_the_graph_did_is_still_to_be_called_back(
    ledger: Ledger,
) -> None:
    with ledger.transaction() as tx:
        tx.file(filing())
        tx.settle(settlement(outcome="needs_revision"))
        tx.apply([("r1", 0, "needs_revision", "the reviser failed")])
        tx.overrule(settlement(by="ceo", outcome="rejected"), reason="fraud")
    with pytest.raises(InboxError, match="still to be called back"), ledger.transaction() as tx:
        tx.file(filing(round=1))
    with ledger.transaction() as tx:
        assert tx.apply([("r1", 0, "needs_revision", None)]) == 0
        review = tx.get("r1")
        assert review is not None
        assert review.wake
        tx.recalled("r1", 0, actor="ceo")
        assert tx.file(filing(round=1))[1]
        tx.settle(settlement(round=1))
        assert tx.apply([("r1", 1, "approved", None)]) == 1
    assert holds(ledger)


def test_an_automatic_pass_is_a_settled_and_applied_review(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        assert tx.pass_automatically(filing()) is True
        assert tx.pass_automatically(filing()) is False
    with ledger.reading() as rx:
        review, found = rx.get("r1"), rx.settlement("r1", 0)
    assert review is not None
    assert found is not None
    assert (review.status, review.outcome, review.wake) == ("applied", "auto_approved", False)
    assert (found.by, found.outcome, found.decision) == ("system:trigger", "auto_approved", {})
    assert review.decided_by == "system:trigger"
    assert events(ledger) == ["auto_approved"]
    assert pending_ids(ledger) == []
    assert holds(ledger)


def test_an_automatic_pass_never_passes_what_was_put_before_people(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        tx.file(filing())
        assert tx.pass_automatically(filing()) is False
        assert tx.get("r1") == tx.file(filing())[0]
    assert pending_ids(ledger) == ["r1"]


LADDER = chain("member", "lead", within={"member": timedelta(hours=4)})


@pytest.mark.parametrize("hours", [1, 5, 30])
def test_time_does_nothing_to_a_review_before_it_is_filed(
    ledger_place: LedgerPlace, hours: int
) -> None:
    """What takes long before it is filed, such as a model, takes of the time of the review."""
    clock = FixedClock(MONDAY)
    ledger = ledger_place.open(clock=clock)
    course = begun(LADDER, Limit("1d", remind="3h"), MONDAY)
    assert course is not None
    clock.advance(hours=hours)
    led: dict[str, Any] = {"course": course, "eligible": LADDER.eligible_keys}
    led["due"] = course.deadline
    with ledger.transaction() as tx:
        review, _ = tx.file(filing(**led))
        assert tx.get("r1") == review
        lead_only = "level:member" not in review.eligible
        assert lead_only == (hours >= 4)
    clock.advance(days=2)
    with ledger.transaction() as tx:
        catch_up(tx, tx.get("r1") or review, clock())
    with ledger.reading() as rx:
        rows = rx.history("r1")
        after = rx.get("r1")
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert after is not None
    assert after.outcome == "timed_out"
    assert after.decided_at == MONDAY + timedelta(hours=max(24, hours))
    assert holds(ledger)
    ledger.close()


def test_a_filing_that_nobody_may_decide_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InboxError, match="nobody may decide"), ledger.transaction() as tx:
        tx.file(filing(eligible=()))


@pytest.mark.parametrize("field", ["review_id", "graph", "thread_id", "gate", "queue", "digest"])
@pytest.mark.parametrize("text", ["a\x00b", "half \ud800", "x" * 20_000, 7])
def test_a_name_that_no_database_holds_is_refused(ledger: Ledger, field: str, text: Any) -> None:
    with pytest.raises(InboxError), ledger.transaction() as tx:
        tx.file(replace(filing(), **{field: text}))
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]


def test_texts_of_people_are_kept_whatever_they_contain(ledger: Ledger) -> None:
    text = "NUL \x00, half a pair \ud800, 😀 and ' \" % :name"
    with ledger.transaction() as tx:
        tx.file(filing(request={"subject": text, text: [text]}))
        tx.vote(ballot(decision={"type": "approve", "comment": text}), replace=False)
        tx.settle(settlement(decision={"type": "approve", "comment": text}), reason=text)
    with ledger.reading() as rx:
        review, found = rx.get("r1"), rx.settlement("r1", 0)
        assert review is not None
        assert found is not None
        assert review.request == {"subject": text, text: [text]}
        assert found.decision["comment"] == text
        assert rx.votes("r1", 0)[0].decision["comment"] == text
        assert rx.history("r1")[-1].reason == text.replace("\x00", "\\u0000").replace(
            "\ud800", "\\ud800"
        )
    assert holds(ledger)


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (deep(201), "nested"),
        (deep(100_000), "nested"),
        (float("nan"), "cannot be kept as JSON"),
        (10**5000, "cannot be kept as JSON"),
        ({1, 2}, "cannot be kept as JSON"),
        ("x" * 100_000_000, "100,0"),
    ],
    ids=["deep", "deeper", "nan", "digits", "set", "100 MB"],
)
def test_a_payload_that_cannot_be_kept_is_refused(ledger: Ledger, value: Any, told: str) -> None:
    with pytest.raises(InboxError, match=told), ledger.transaction() as tx:
        tx.file(filing(request={"value": value}))
    with ledger.transaction() as tx:
        tx.file(filing())
        with pytest.raises(InboxError, match=told):
            tx.settle(settlement(decision={"type": "edit", "value": value}))
        with pytest.raises(InboxError, match=told):
            tx.vote(ballot(decision={"type": "edit", "value": value}), replace=True)
    assert pending_ids(ledger) == ["r1"]
    assert events(ledger) == ["filed"]


def test_a_deadline_without_a_time_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InboxError, match="time zone"), ledger.transaction() as tx:
        tx.file(filing(due=MONDAY.replace(tzinfo=None)))
