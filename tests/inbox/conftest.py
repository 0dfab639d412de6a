"""Ledgers: in a file, in memory, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import pytest

from langgraph_hitl import Inbox
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.schema import VERSION_TABLE, metadata
from langgraph_hitl.testing import FixedClock
from tests import postgres
from tests.inbox.desk import Desk, on_postgres, on_sqlite
from tests.inbox.house import House
from tests.inbox.ledgers import LEDGER_KINDS, LedgerPlace
from tests.inbox.lock_places import url_of


@pytest.fixture(scope="session")
def ledger_uri(worker_id: str) -> Iterator[str]:
    """A database of this worker for ledgers, beside the tables of a saver."""
    with postgres.database(f"{worker_id}_ledger") as uri:
        yield uri


def empty_tables(uri: str, names: Iterable[str]) -> None:
    """Take the rows out of those of the tables that there are."""
    with psycopg.connect(uri, autocommit=True) as connection:
        known = ", ".join(f"'{name}'" for name in names)
        found = connection.execute(
            f"SELECT tablename FROM pg_tables WHERE tablename IN ({known})"
        ).fetchall()
        if found:
            connection.execute(f"TRUNCATE {', '.join(name for (name,) in found)}")


@pytest.fixture
def threads_uri(postgres_uri: str) -> str:
    """A database whose saver, if it has one, knows no thread."""
    empty_tables(postgres_uri, ("checkpoints", "checkpoint_blobs", "checkpoint_writes"))
    return postgres_uri


@pytest.fixture
def empty_postgres(ledger_uri: str) -> str:
    """The URL of a database without an inbox."""
    with psycopg.connect(ledger_uri, autocommit=True) as connection:
        for table in (*metadata.tables, VERSION_TABLE):
            connection.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
    return url_of(ledger_uri)


@pytest.fixture
def postgres_url(ledger_uri: str) -> str:
    """The URL of a database whose inbox, if it has one, is empty."""
    empty_tables(ledger_uri, metadata.tables)
    return url_of(ledger_uri)


@pytest.fixture(params=LEDGER_KINDS)
def ledger_place(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerPlace:
    """Where a ledger of each kind is made."""
    match request.param:
        case "file":
            return LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
        case "memory":
            return LedgerPlace("memory", "sqlite:///:memory:")
        case _:
            return LedgerPlace("postgresql", request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["file", "postgresql"])
def shared_place(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerPlace:
    """Where several processes, or connections, meet."""
    if request.param == "file":
        return LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
    return LedgerPlace("postgresql", request.getfixturevalue("postgres_url"))


@pytest.fixture
def house(shared_place: LedgerPlace) -> Iterator[House]:
    """Inboxes that meet."""
    made = House(shared_place)
    yield made
    made.close()


@pytest.fixture
def ledger(ledger_place: LedgerPlace) -> Iterator[Ledger]:
    """An empty ledger of each kind."""
    opened = ledger_place.open()
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """An inbox and a saver on each database."""
    if request.param == "sqlite":
        made = on_sqlite(tmp_path)
    else:
        made = on_postgres(
            request.getfixturevalue("threads_uri"), request.getfixturevalue("postgres_url")
        )
    with made:
        yield made


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock()


@pytest.fixture
def timed(desk: Desk, clock: FixedClock) -> Iterator[Desk]:
    """A desk whose inbox goes by that clock."""
    desk.inbox.close()
    with Inbox.open(desk._url, clock=clock) as inbox:
        desk.inbox = inbox
        yield desk
