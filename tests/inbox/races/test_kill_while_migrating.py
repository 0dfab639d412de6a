"""`kill -9` while the tables are made: whoever comes next makes them, also beside the killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest

from langgraph_hitl.inbox import Inbox
from langgraph_hitl.testing import FailPoints
from tests.inbox.races.processes import Child
from tests.scale import scale

_OURS = r"SELECT tablename FROM pg_tables WHERE tablename LIKE 'hitl\_%'"


def open_and_die(url: str, connection: Connection) -> None:
    points = FailPoints()
    points.kill_at("migrating")
    Inbox.open(url, point=points).close()
    connection.send("too late: somebody else has made the tables")


def open_and_look(url: str, connection: Connection) -> None:
    with Inbox.open(url) as inbox:
        connection.send(bool(inbox.verify()) and inbox.pending() == [])


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def urls(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URLs of databases without tables, one after another."""

    def each() -> Iterator[str]:
        for number in range(scale(20)):
            if kind == "sqlite":
                yield f"sqlite:///{tmp_path / str(number)}.db"
            else:
                yield emptied(request.getfixturevalue("empty_postgres"))

    return each()


def test_killed_alone(urls: Iterator[str]) -> None:
    for url in urls:
        assert Child(open_and_die, url).answer() is None
        assert has_no_tables(url)
        assert Child(open_and_die, url).answer() is None
        assert Child(open_and_look, url).answer() is True


def test_killed_beside_others_that_start(urls: Iterator[str]) -> None:
    for url in urls:
        mortals = [Child(open_and_die, url) for _ in range(2)]
        others = [Child(open_and_look, url) for _ in range(2)]
        assert [child.answer() for child in others] == [True, True]
        for child in mortals:
            child.answer()


def emptied(url: str) -> str:
    """A database of PostgreSQL without the tables that an earlier turn has made."""
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute(_OURS).fetchall():
            connection.execute(f"DROP TABLE {name} CASCADE")
    return url


def has_no_tables(url: str) -> bool:
    """As if nobody had been there."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            found = database.execute("SELECT name FROM sqlite_master").fetchall()
    else:
        with psycopg.connect(url) as connection:
            found = connection.execute(_OURS).fetchall()
    return found == []
