"""The schema: made once whoever starts, the same whether fresh or migrated, refused if too new."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from langgraph_hitl.errors import InboxError, InboxTooNew
from langgraph_hitl.inbox._ledger.schema import VERSION_TABLE, VERSIONS, metadata
from tests.inbox.ledger_process import finish, start
from tests.inbox.ledgers import LedgerPlace, filing, holds, pending_ids

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(params=["file", "postgresql"])
def empty_place(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerPlace:
    """Where no inbox is."""
    if request.param == "file":
        return LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
    return LedgerPlace("postgresql", request.getfixturevalue("empty_postgres"))


def raw_engine(place: LedgerPlace) -> Engine:
    return create_engine(place.url.replace("postgresql://", "postgresql+psycopg://"))


def change(place: LedgerPlace, *statements: str) -> None:
    engine = raw_engine(place)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


_SQLITE = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'hitl%' AND name <> :version"
_POSTGRES = """
SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable || ' '
       || coalesce(collation_name, '') || coalesce(character_maximum_length::text, '')
FROM information_schema.columns WHERE table_name LIKE 'hitl%' AND table_name <> :version
UNION SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text LIKE 'hitl%' AND conrelid::regclass::text <> :version
UNION SELECT indexname, indexdef FROM pg_indexes
WHERE tablename LIKE 'hitl%' AND tablename <> :version
"""


def schema_of(place: LedgerPlace) -> dict[str, str]:
    """Every table, column, constraint and index, in the words of the database."""
    engine = raw_engine(place)
    with engine.connect() as connection:
        sql = _SQLITE if place.kind == "file" else _POSTGRES
        found = connection.execute(text(sql), {"version": VERSION_TABLE}).all()
    engine.dispose()
    return {name: re.sub(r"[\s\"]+", " ", told) for name, told in found}


def version_of(place: LedgerPlace) -> str:
    engine = raw_engine(place)
    with engine.connect() as connection:
        found: str = connection.execute(
            text(f"SELECT version_num FROM {VERSION_TABLE}")
        ).scalar_one()
    engine.dispose()
    return found


def test_the_migrations_make_the_tables_that_the_code_declares(empty_place: LedgerPlace) -> None:
    empty_place.open().close()
    migrated = schema_of(empty_place)
    change(empty_place, *(f"DROP TABLE {table.name}" for table in reversed(metadata.sorted_tables)))
    engine = raw_engine(empty_place)
    metadata.create_all(engine)
    engine.dispose()
    assert len(migrated) > 10
    assert migrated == schema_of(empty_place)


@pytest.mark.parametrize("version", ["ledger_v1.sql", "ledger_v2.sql"])
def test_a_ledger_of_an_earlier_version_is_migrated(tmp_path: Path, version: str) -> None:
    old = LedgerPlace("file", f"sqlite:///{tmp_path / 'old.db'}")
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript((FIXTURES / version).read_text(encoding="utf-8"))
    fresh = LedgerPlace("file", f"sqlite:///{tmp_path / 'fresh.db'}")
    fresh.open().close()
    ledger = old.open()
    assert holds(ledger)
    assert pending_ids(ledger, reviewer_keys=("role:editors",)) == ["r2"]
    with ledger.transaction() as tx:
        assert tx.file(filing("new"))[1]
    ledger.close()
    assert schema_of(old) == schema_of(fresh)
    assert version_of(old) == VERSIONS[-1]


def test_of_four_that_start_at_once_each_finds_its_ledger(empty_place: LedgerPlace) -> None:
    names = [f"r{number}" for number in range(4)]
    processes = [start(empty_place, "open", name) for name in names]
    assert [finish(process)[0] for process in processes] == [0] * 4
    ledger = empty_place.open()
    assert pending_ids(ledger) == names
    assert holds(ledger)
    ledger.close()


def test_who_is_killed_while_migrating_has_done_nothing(empty_place: LedgerPlace) -> None:
    code, _ = finish(start(empty_place, "die", "r1", "migrating"))
    assert code < 0
    assert schema_of(empty_place) == {}
    ledger = empty_place.open()
    assert pending_ids(ledger) == []
    ledger.close()


def test_alembic_is_imported_only_to_migrate(empty_place: LedgerPlace) -> None:
    assert finish(start(empty_place, "open", "r1")) == (0, "True\n")
    assert finish(start(empty_place, "open", "r2")) == (0, "False\n")


def test_a_schema_of_a_newer_release_is_refused(empty_place: LedgerPlace) -> None:
    empty_place.open().close()
    change(empty_place, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(InboxTooNew, match=r"9999.*pip install --upgrade"):
        empty_place.open()
    change(empty_place, f"UPDATE {VERSION_TABLE} SET version_num = '{VERSIONS[-1]}'")
    empty_place.open().close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE hitl_reviews (id INTEGER)",
        "CREATE TABLE hitl_audit (what TEXT)",
        f"CREATE TABLE {VERSION_TABLE} (other TEXT)",
    ],
)
def test_tables_of_somebody_else_are_left_alone(empty_place: LedgerPlace, statement: str) -> None:
    change(empty_place, statement)
    with pytest.raises(InboxError, match="did not make"):
        empty_place.open()
    change(empty_place, f"DROP TABLE {statement.split()[2]}")
    empty_place.open().close()


def test_a_table_that_lost_a_column_is_told(empty_place: LedgerPlace) -> None:
    empty_place.open().close()
    change(empty_place, "ALTER TABLE hitl_votes RENAME COLUMN roles TO ranks")
    with pytest.raises(InboxError, match="hitl_votes of the inbox has other columns"):
        empty_place.open()
    change(empty_place, "ALTER TABLE hitl_votes RENAME COLUMN ranks TO roles")


def test_an_inbox_may_stand_beside_other_tables(empty_place: LedgerPlace) -> None:
    change(empty_place, "CREATE TABLE IF NOT EXISTS guests (name TEXT)")
    ledger = empty_place.open()
    with ledger.transaction() as tx:
        tx.file(filing())
    ledger.close()
    change(empty_place, "INSERT INTO guests VALUES ('zoe')", "DROP TABLE guests")


@pytest.fixture
def busy_postgres(empty_postgres: str) -> Iterator[LedgerPlace]:
    """A database whose migration lock somebody holds for a moment."""
    from langgraph_hitl.inbox._ledger.migrate import MIGRATE_LOCK

    with psycopg.connect(empty_postgres, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s::bigint)", [MIGRATE_LOCK])
        yield LedgerPlace("postgresql", empty_postgres)


def test_who_has_to_wait_for_a_migration_waits(busy_postgres: LedgerPlace) -> None:
    process = start(busy_postgres, "open", "r1")
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    with psycopg.connect(busy_postgres.url, autocommit=True) as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_xact%'"
        while connection.execute(f"{asked} AND pid <> pg_backend_pid()").fetchone() == (0,):
            assert process.poll() is None
        assert schema_of(busy_postgres) == {}
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    assert finish(process)[0] == 0
