"""Deciding: one vote of each voter, one settlement of each version, whoever comes at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.ledger import Ledger
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

REJECT = {"type": "reject", "message": "no"}


@pytest.fixture
def filed(ledger: Ledger) -> Ledger:
    """A ledger with one pending review."""
    with ledger.transaction() as tx:
        tx.file(filing())
    return ledger


def test_votes_are_kept_in_the_order_in_which_they_were_cast(filed: Ledger) -> None:
    with filed.transaction() as tx:
        cast = [
            ballot(voter=voter, at=MONDAY - timedelta(hours=hours))  # a clock that jumps back
            for hours, voter in enumerate(["zoe", "maria", "adam"])
        ]
        assert all(tx.vote(one, replace=False) for one in cast)
        assert tx.votes("r1", 0) == cast
        assert tx.votes("r1", 1) == []


def test_a_second_vote_does_not_count_unless_it_may_replace_the_first(filed: Ledger) -> None:
    changed = ballot(decision=REJECT)
    with filed.transaction() as tx:
        assert tx.vote(ballot(), replace=False) is True
        assert tx.vote(ballot(voter="adam"), replace=False) is True
        assert tx.vote(changed, replace=False) is False
        assert tx.votes("r1", 0) == [ballot(), ballot(voter="adam")]
        assert tx.vote(changed, replace=True) is True
        assert tx.votes("r1", 0) == [ballot(voter="adam"), changed]
    assert events(filed) == ["filed", "voted", "voted", "voted"]
    assert holds(filed)


def test_votes_of_another_round_stay_where_they_are(filed: Ledger) -> None:
    with filed.transaction() as tx:
        tx.vote(ballot(), replace=False)
        tx.settle(settlement(outcome="needs_revision"))
        tx.file(filing(round=1))
        assert tx.vote(ballot(round=1, decision=REJECT), replace=False) is True
        assert tx.votes("r1", 0) == [ballot()]
        assert tx.votes("r1", 1) == [ballot(round=1, decision=REJECT)]


def test_a_vote_on_a_review_that_does_not_exist_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InboxError), ledger.transaction() as tx:
        tx.vote(ballot("nobody"), replace=False)
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]


def test_the_first_settlement_stands(filed: Ledger) -> None:
    second = settlement(by="adam", outcome="rejected", decision=REJECT)
    with filed.transaction() as tx:
        assert tx.settle(settlement()) is True
        assert tx.settle(second) is False
    with filed.transaction() as tx:
        assert tx.settle(second) is False
        review = tx.get("r1")
        assert tx.settlement("r1", 0) == settlement()
    assert review is not None
    assert (review.status, review.outcome, review.decided_by) == ("settled", "approved", "maria")
    assert review.decided_at == MONDAY
    assert pending_ids(filed) == pending_ids(filed, reviewer_keys=("*",)) == []
    assert events(filed) == ["filed", "settled"]
    assert holds(filed)


@pytest.mark.parametrize("round", [-1, 1])
def test_another_version_is_not_settled(filed: Ledger, round: int) -> None:
    with filed.transaction() as tx:
        assert tx.settle(settlement(round=round)) is False
    assert pending_ids(filed) == ["r1"]


@pytest.mark.parametrize(
    ("mode", "wake"), [("blocking", True), ("submitted", False), ("sampled", True)]
)
@pytest.mark.parametrize("status", ["settled", "cancelled"])
def test_a_settlement_wakes_the_graph_that_waits_for_it(
    ledger: Ledger, mode: str, wake: bool, status: str
) -> None:
    with ledger.transaction() as tx:
        tx.file(filing(mode=mode), wake=mode == "blocking")
        tx.park([("r1", 0)])
        tx.settle(settlement(), status="settled" if status == "settled" else "cancelled")
        review = tx.get("r1")
    assert review is not None
    assert (review.status, review.wake) == (status, wake)
    assert holds(ledger)


def test_a_cancelled_review_says_why(filed: Ledger) -> None:
    with filed.transaction() as tx:
        assert tx.settle(settlement(outcome="cancelled"), status="cancelled", reason="obsolete")
    with filed.reading() as rx:
        row = rx.history("r1")[-1]
    assert (row.event, row.actor, row.outcome, row.reason) == (
        *("cancelled", "maria", "cancelled", "obsolete"),
    )


def test_a_settlement_that_is_taken_back_leaves_its_trace(filed: Ledger) -> None:
    with filed.transaction() as tx:
        tx.vote(ballot(), replace=False)
        tx.settle(settlement())
    with filed.transaction() as tx:
        assert tx.reopen("r1", 0, actor="system:graph", reason="the edit does not fit") is True
        assert tx.reopen("r1", 0, actor="system:graph", reason="again") is False
        review = tx.get("r1")
        assert (tx.settlement("r1", 0), tx.votes("r1", 0)) == (None, [])
    assert review is not None
    assert (review.status, review.outcome, review.decided_by) == ("pending", None, None)
    assert pending_ids(filed, reviewer_keys=("*",)) == ["r1"]
    assert holds(filed)
    with filed.transaction() as tx:
        assert tx.vote(ballot(decision=REJECT), replace=False)
        assert tx.settle(settlement(decision=REJECT, outcome="rejected"))
    assert events(filed) == ["filed", "voted", "settled", "reopened", "voted", "settled"]
    assert holds(filed)


@pytest.mark.parametrize("status", ["pending", "applied", "superseded", "cancelled"])
def test_only_a_settled_review_can_be_reopened(filed: Ledger, status: str) -> None:
    with filed.transaction() as tx:
        match status:
            case "applied":
                tx.settle(settlement())
                tx.apply([("r1", 0, "approved", None)])
            case "superseded":
                tx.supersede("r1", 0, reason="another input")
            case "cancelled":
                tx.settle(settlement(outcome="cancelled"), status="cancelled")
            case _:
                pass
        assert tx.reopen("r1", 0, actor="system:graph", reason="no") is False


def test_of_many_who_decide_at_once_one_is_first(shared_place: LedgerPlace) -> None:
    people = [f"person-{number}" for number in range(8)]
    reviews = [f"r{number}" for number in range(10)]
    ledgers = [shared_place.open() for _ in range(4)]
    start = threading.Barrier(len(people))
    with ledgers[0].transaction() as tx:
        for review_id in reviews:
            tx.file(filing(review_id))

    def decide_all(number: int) -> list[str]:
        person, ledger = people[number], ledgers[number % len(ledgers)]
        start.wait()
        won = []
        for review_id in reviews:
            with ledger.transaction() as tx:
                tx.get(review_id)
                tx.vote(ballot(review_id, person), replace=False)
                if tx.settle(settlement(review_id, by=person)):
                    won.append(review_id)
        return won

    with ThreadPoolExecutor(len(people)) as pool:
        won = list(pool.map(decide_all, range(len(people))))
    assert sorted(review_id for mine in won for review_id in mine) == sorted(reviews)
    with ledgers[0].reading() as rx:
        for person, mine in zip(people, won, strict=True):
            for review_id in mine:
                found = rx.settlement(review_id, 0)
                assert found is not None
                assert found.by == person
        assert [len(rx.votes(review_id, 0)) for review_id in reviews] == [8] * 10
    assert holds(ledgers[0])
    for ledger in ledgers:
        ledger.close()


def test_a_vote_keeps_what_was_said_and_as_whom(filed: Ledger) -> None:
    cast = ballot(voter="zoë", roles=("legal", "finance"), channel="cli", decision=REJECT)
    with filed.transaction() as tx:
        tx.vote(cast, replace=False)
    with filed.reading() as rx:
        assert rx.votes("r1", 0) == [replace(cast)]
        row = rx.history("r1")[-1]
    assert (row.actor, row.channel, row.reason, row.at) == ("zoë", "cli", "reject", MONDAY)
    assert row.content == {"roles": ["legal", "finance"], "decision": REJECT}
