"""A transaction happens or does not, and the next one works again, whatever went wrong."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox.supervised_run import Step
from tests.inbox.ledger_process import finish, start
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


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_nothing_happens_if_anything_is_raised(ledger: Ledger, error: type[BaseException]) -> None:
    with pytest.raises(error), ledger.transaction() as tx:  # noqa: PT012  # all of it is undone
        tx.file(filing())
        tx.vote(ballot(), replace=False)
        raise error
    assert pending_ids(ledger) == events(ledger) == []
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]
    assert holds(ledger)


def test_a_statement_that_was_interrupted_holds_up_no_other(ledger: Ledger) -> None:
    """Its rows were not read; the traceback of the interruption keeps its cursor."""
    with ledger.transaction() as tx:
        tx.file(filing("r0"))
    kept = []
    with pytest.raises(KeyboardInterrupt), ledger.transaction() as tx:  # noqa: PT012  # there
        kept.append(tx._session._cursor)
        kept[0].execute("UPDATE hitl_reviews SET wake = 0 RETURNING id")
        raise KeyboardInterrupt
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]
    assert holds(ledger)


@pytest.mark.parametrize("moment", ["filing", "voting", "settling", "applying", "auditing"])
def test_nothing_happens_if_it_ends_at_a_point(ledger_place: LedgerPlace, moment: str) -> None:
    dies: list[str] = []

    def point(name: str) -> None:
        if name in dies:
            raise KeyboardInterrupt

    ledger = ledger_place.open(point=point)
    with ledger.transaction() as tx:
        tx.file(filing("r0"))
        tx.settle(settlement("r0"))
    dies.append(moment)
    with pytest.raises(KeyboardInterrupt), ledger.transaction() as tx:  # noqa: PT012  # one of them
        tx.apply([("r0", 0, "approved", None)])
        tx.file(filing())
        tx.vote(ballot(), replace=False)
        tx.settle(settlement())
    dies.clear()
    assert events(ledger, "r0") == ["filed", "settled"]
    assert events(ledger) == []
    assert holds(ledger)
    ledger.close()


@pytest.mark.parametrize("moment", ["filing", "settling", "applying", "auditing"])
def test_who_is_killed_in_a_transaction_has_done_nothing(
    shared_place: LedgerPlace, moment: str
) -> None:
    shared_place.open().close()
    code, _ = finish(start(shared_place, "die", "r1", moment))
    ledger = shared_place.open()
    done = {"filing": 0, "auditing": 0, "settling": 1, "applying": 2}[moment]
    assert code < 0
    assert events(ledger) == ["filed", "settled"][:done]
    assert holds(ledger)
    with ledger.transaction() as tx:
        tx.file(filing())
        tx.settle(settlement())
        tx.apply([("r1", 0, "approved", None)])
    assert events(ledger) == ["filed", "settled", "applied"]
    ledger.close()


def test_a_reader_sees_one_moment_and_does_not_wait(shared_place: LedgerPlace) -> None:
    ledger = shared_place.open()
    with ledger.transaction() as tx:
        tx.file(filing("r1"))
    with ledger.reading() as rx:
        assert len(rx.pending()) == 1
        with ledger.transaction() as tx:
            tx.file(filing("r2"))
        assert len(rx.pending()) == 1
        assert rx.verify()
    assert pending_ids(ledger) == ["r1", "r2"]
    ledger.close()


def test_many_threads_write_one_chain(ledger: Ledger) -> None:
    start_all = threading.Barrier(16)

    def work(number: int) -> None:
        start_all.wait()
        for turn in range(5):
            with ledger.transaction() as tx:
                tx.file(filing(f"r{number}-{turn}"))
                tx.vote(ballot(f"r{number}-{turn}"), replace=False)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    with ledger.reading() as rx:
        assert rx.verify().rows == 160
    assert holds(ledger)


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_transaction_within_a_transaction_is_told(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'reviews.db'}" if kind == "file" else "sqlite://"
    ledger = LedgerPlace("file", url).open()
    refused = pytest.raises(InboxError, match="already open in this thread")
    with refused, ledger.transaction(), ledger.transaction():
        pass
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]
    ledger.close()


# --- SQLite -------------------------------------------------------------------------------------


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file that hardly waits for its lock."""
    ledger = LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}?timeout=0.01").open()
    yield ledger
    ledger.close()


def test_a_locked_file_is_told_and_works_afterwards(impatient: Ledger) -> None:
    with closing(sqlite3.connect(impatient.path or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InboxUnavailable, match="locked"), impatient.transaction() as tx:
            tx.file(filing())
        assert pending_ids(impatient) == []
        other.execute("ROLLBACK")
    with impatient.transaction() as tx:
        assert tx.file(filing())[1]
    assert holds(impatient)


def test_a_full_disk_is_told_and_works_afterwards(impatient: Ledger) -> None:
    with impatient.transaction() as tx:
        tx.file(filing("before"))
    limit = impatient._database.engine.raw_connection()
    pages = limit.cursor().execute("PRAGMA page_count").fetchone()[0]
    limit.cursor().execute(f"PRAGMA max_page_count = {pages}")
    limit.close()  # back to the pool, which hands it out again
    with pytest.raises(InboxUnavailable, match="full"), impatient.transaction() as tx:
        tx.file(filing(request={"subject": 100_000 * "x"}))
    assert pending_ids(impatient) == ["before"]
    limit = impatient._database.engine.raw_connection()
    limit.cursor().execute("PRAGMA max_page_count = 1000000")
    limit.close()
    with impatient.transaction() as tx:
        assert tx.file(filing())[1]
    assert holds(impatient)


def test_tables_that_are_gone_are_told(tmp_path: Path) -> None:
    ledger = LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}").open()
    with closing(sqlite3.connect(tmp_path / "reviews.db")) as other:
        other.execute("DROP TABLE hitl_audit")
    with pytest.raises(InboxError, match="not there any more"), ledger.transaction() as tx:
        tx.file(filing())
    ledger.close()


def test_a_file_that_was_deleted_or_replaced_is_told(tmp_path: Path) -> None:
    """SQLite would write to what nobody finds again."""
    path, kept = tmp_path / "reviews.db", tmp_path / "kept.db"
    ledger = LedgerPlace("file", f"sqlite:///{path}").open()
    path.rename(kept)
    with pytest.raises(InboxError, match="deleted or replaced"), ledger.transaction() as tx:
        tx.file(filing())
    path.touch()
    with pytest.raises(InboxError, match="deleted or replaced"), ledger.looking() as rx:
        rx.get("r1")
    kept.rename(path)
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]
    assert holds(ledger)
    ledger.close()


# --- PostgreSQL ---------------------------------------------------------------------------------


def cut_all(url: str) -> None:
    """Cut every connection to the database but one's own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_connection_cut_in_a_transaction_is_told_and_the_next_one_works(
    postgres_url: str,
) -> None:
    ledger = LedgerPlace("postgresql", postgres_url).open()
    with pytest.raises(InboxUnavailable), ledger.transaction() as tx:  # noqa: PT012  # cut between
        tx.file(filing("lost"))
        cut_all(postgres_url)
        tx.file(filing("never"))
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]
    assert pending_ids(ledger) == ["r1"]
    assert holds(ledger)
    ledger.close()


def test_a_server_that_takes_no_writes_is_told(postgres_url: str) -> None:
    """A standby for example; it refuses a transaction that asks to write, in other words."""
    LedgerPlace("postgresql", postgres_url).open().close()
    setting = quote("-c default_transaction_read_only=on")
    ledger = LedgerPlace("postgresql", f"{postgres_url}&options={setting}").open()
    with pytest.raises(InboxUnavailable, match="read-only"), ledger.transaction() as tx:
        tx.file(filing())
    assert pending_ids(ledger) == []
    ledger.close()


def test_a_connection_cut_before_the_commit_is_told(postgres_url: str) -> None:
    ledger = LedgerPlace("postgresql", postgres_url).open()
    with pytest.raises(InboxUnavailable), ledger.reading() as rx:  # noqa: PT012  # cut at the end
        rx.pending()
        cut_all(postgres_url)
    with pytest.raises(InboxUnavailable), ledger.transaction() as tx:  # noqa: PT012  # as above
        tx.park([("r1", 0)])
        cut_all(postgres_url)
    assert pending_ids(ledger) == []
    ledger.close()


def test_connections_cut_while_they_rested_fail_once_at_most(postgres_url: str) -> None:
    ledger = LedgerPlace("postgresql", postgres_url).open()
    assert pending_ids(ledger) == []
    cut_all(postgres_url)
    with suppress(InboxUnavailable):
        pending_ids(ledger)
    assert pending_ids(ledger) == []
    ledger.close()


def test_a_forked_child_writes_over_connections_of_its_own(shared_place: LedgerPlace) -> None:
    assert finish(start(shared_place, "fork")) == (0, "0\n")
    ledger = shared_place.open()
    assert pending_ids(ledger) == ["before", "child", "parent"]
    assert holds(ledger)
    ledger.close()


def test_what_need_not_outlive_the_power_leaves_no_connection_behind(
    shared_place: LedgerPlace,
) -> None:
    """Of SQLite, where the setting belongs to the connection, and a failure must not keep it."""
    ledger = shared_place.open()
    with ledger.noting() as tx:
        tx.tell_steps("run-1", ())
    with pytest.raises(InboxError), ledger.noting() as tx:
        tx.tell_steps("run-1", [Step(1, (object(),), MONDAY)])  # type: ignore[arg-type]
    with pytest.raises(KeyError), ledger.noting():
        raise KeyError
    if shared_place.kind == "file":
        for _ in range(3):
            with ledger.looking() as rx:
                assert rx._session.rows(Sql("PRAGMA synchronous")) == [(2,)]
    with ledger.transaction() as other:
        assert other.file(filing("r1"))[1]
    ledger.close()
