"""One statement in place of a transaction comes to the same, or to nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import quote

import pytest

from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox.review import Review, Settlement
from tests.inbox.ledgers import LedgerPlace, events, filing, holds, settlement

OUTCOME = {"outcome": "approved", "digest": "sha256:aa"}
PROCESSES, REVIEWS = 4, 10


@pytest.fixture
def place(postgres_url: str) -> LedgerPlace:
    return LedgerPlace("postgresql", postgres_url)


@pytest.fixture
def filed(place: LedgerPlace) -> Iterator[Ledger]:
    """A ledger on PostgreSQL with one pending review, which it has filed itself."""
    ledger = place.open()
    with ledger.transaction() as tx:
        tx.file(filing())
    yield ledger
    ledger.close()


def settle(ledger: Ledger, decided: Settlement) -> bool:
    """As the inbox does it."""
    if ledger.settle(decided, "blocking"):
        return True
    with ledger.transaction() as tx:
        return tx.settle(decided)


def found(ledger: Ledger, review_id: str) -> tuple[Review | None, Settlement | None]:
    with ledger.reading() as rx:
        return rx.get(review_id), rx.settlement(review_id, 0)


def alike(ledger: Ledger, review_id: str, other: str) -> bool:
    """Whether two reviews differ in nothing but their names and times."""
    (review, settled), (twin, its) = found(ledger, review_id), found(ledger, other)
    assert review is not None
    assert settled is not None
    assert twin is not None
    assert its is not None
    same = replace(
        twin,
        id=review_id,
        thread_id=review.thread_id,
        request=review.request,
        created_at=review.created_at,
        updated_at=review.updated_at,
    )
    return same == review and replace(its, review_id=review_id) == settled


def test_it_comes_to_what_a_transaction_comes_to(filed: Ledger) -> None:
    with filed.transaction() as tx:
        tx.file(filing("r2"))
        assert tx.settle(settlement("r2"))
    assert filed.settle(settlement(), "blocking")
    assert alike(filed, "r1", "r2")
    with filed.transaction() as tx:
        assert tx.apply([("r2", 0, "approved", None)])
    assert filed.apply("r1", 0, **OUTCOME)
    assert alike(filed, "r1", "r2")
    assert events(filed) == ["filed", "settled", "applied"]
    with filed.reading() as rx:
        assert rx.pending(role="editors") == []
    assert holds(filed)


def test_whoever_comes_second_changes_nothing(filed: Ledger) -> None:
    assert filed.settle(settlement(), "blocking")
    assert not filed.settle(settlement(by="adam"), "blocking")
    assert found(filed, "r1")[1] == settlement()
    assert filed.apply("r1", 0, **OUTCOME)
    assert not filed.apply("r1", 0, **OUTCOME)
    assert events(filed) == ["filed", "settled", "applied"]
    assert holds(filed)


def test_where_others_have_appended_it_goes_after_theirs(filed: Ledger, place: LedgerPlace) -> None:
    other = place.open()
    with other.transaction() as tx:
        tx.file(filing("r2"))
    assert filed.settle(settlement(), "blocking")
    assert other.settle(settlement("r2"), "blocking")
    assert filed.apply("r1", 0, **OUTCOME)
    assert holds(filed)
    other.close()


def test_what_was_restored_to_an_earlier_moment_is_gone_on_with_from_there(
    filed: Ledger, place: LedgerPlace
) -> None:
    with filed.transaction() as tx:
        tx.note("r1", "seen", actor="maria", channel="inbox")
    other = place.open()
    with other.transaction() as tx:
        tx._session.say("DELETE FROM hitl_audit WHERE seq = 2")
    assert filed.settle(settlement(), "blocking")
    assert events(filed) == ["filed", "settled"]
    assert holds(filed)
    other.close()


def test_a_session_that_takes_no_writes_is_replaced(filed: Ledger) -> None:
    """It began while the server was read-only, after a failover perhaps."""
    with filed.looking() as rx:
        rx._session.say("SET default_transaction_read_only = on")
    assert settle(filed, settlement())
    assert holds(filed)


def test_another_version_is_not_applied(filed: Ledger) -> None:
    assert filed.settle(settlement(), "blocking")
    assert not filed.apply("r1", 0, outcome="approved", digest="sha256:bb")
    assert not filed.apply("r1", 1, **OUTCOME)
    assert holds(filed)


def test_a_ledger_that_has_written_nothing_goes_after_the_others(
    filed: Ledger, place: LedgerPlace
) -> None:
    fresh = place.open()
    assert fresh.settle(settlement(), "blocking")
    assert fresh.apply("r1", 0, **OUTCOME)
    assert holds(filed)
    fresh.close()


def test_a_review_that_a_gate_has_joined_meanwhile_takes_a_transaction(filed: Ledger) -> None:
    """Whoever settles it has to know that a graph waits for it now."""
    with filed.transaction() as tx:
        tx.file(filing("r2", mode="submitted"))
        assert tx.join("r2")
    assert not filed.settle(settlement("r2"), "submitted")
    assert filed.settle(settlement("r2"), "blocking")


@pytest.mark.parametrize("isolation", [r"read\ committed", r"repeatable\ read", "serializable"])
def test_whoever_waits_for_the_winner_is_second_under_every_isolation(
    filed: Ledger, place: LedgerPlace, isolation: str
) -> None:
    """The server or the role may say how isolated a statement is."""
    setting = quote(f"-c default_transaction_isolation={isolation}")
    other = LedgerPlace(place.kind, f"{place.url}&options={setting}").open()
    with other.transaction() as tx:
        tx.file(filing("r2"))
    with ThreadPoolExecutor(1) as pool:
        with filed.transaction() as tx:
            assert tx.settle(settlement())
            second = pool.submit(other.settle, settlement(by="adam"), "blocking")
            wait_until_blocked(tx._session)
        assert not second.result()
    assert found(filed, "r1")[1] == settlement()
    assert holds(filed)
    other.close()


def wait_until_blocked(session: Session) -> None:
    """Until somebody waits for this session."""
    blocked = Sql("SELECT pid FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    deadline = time.monotonic() + 20
    while not session.rows(blocked):
        assert time.monotonic() < deadline


def test_sqlite_takes_a_transaction() -> None:
    ledger = LedgerPlace("memory", "sqlite:///:memory:").open()
    with ledger.transaction() as tx:
        tx.file(filing())
    assert not ledger.settle(settlement(), "blocking")
    assert settle(ledger, settlement())
    assert not ledger.apply("r1", 0, **OUTCOME)
    ledger.close()


def test_many_processes_keep_one_chain(filed: Ledger, place: LedgerPlace) -> None:
    """Each settles reviews of its own, and tries those of the others."""
    names = [f"p{number}" for number in range(PROCESSES * REVIEWS)]
    with filed.transaction() as tx:
        for name in names:
            tx.file(filing(name))

    def process(number: int) -> int:
        ledger = place.open()
        order = names[number * REVIEWS :] + names[: number * REVIEWS]
        won = sum(settle(ledger, settlement(name, by=f"p{number}")) for name in order)
        ledger.close()
        return won

    with ThreadPoolExecutor(PROCESSES) as pool:
        assert sum(pool.map(process, range(PROCESSES))) == len(names)
    assert holds(filed)
