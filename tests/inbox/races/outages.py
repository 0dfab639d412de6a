"""`Outage`: what a database suffers while people decide and workers work."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from tests.inbox.races.place import Place
from tests.inbox.races.processes import Child
from tests.postgres import OwnServer
from tests.savers import Saver

PLACE_NAMES = ("HITL_TEST_FOLDER", "HITL_TEST_INBOX", "HITL_TEST_THREADS")
"""The variables that tell another program where a place is."""

_TIMEOUT = 0.05
_DISK = 64 * 1024


@dataclass(frozen=True)
class ShortPlace(Place):
    """Nobody waits long for a database, and connections that were cut are replaced."""

    @contextmanager
    def saver(self) -> Iterator[Saver]:
        if self.kind == "sqlite":
            with SqliteSaver.from_conn_string(self.threads) as saver:
                saver.conn.execute(f"PRAGMA busy_timeout = {_TIMEOUT * 1000:.0f}")
                yield saver
            return
        options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        check = ConnectionPool.check_connection
        with ConnectionPool[Any](
            self.threads, kwargs=options, min_size=1, check=check, timeout=2, reconnect_timeout=60
        ) as pool:
            yield PostgresSaver(pool)


def short_sqlite(folder: Path) -> ShortPlace:
    """Both databases in files of a folder."""
    url = f"sqlite:///{folder / 'reviews.db'}?timeout={_TIMEOUT}"
    return ShortPlace("sqlite", str(folder), url, str(folder / "threads.db"))


class Outage(Protocol):
    """Something that begins in the middle of the work, and ends."""

    def begin(self) -> None: ...

    def end(self) -> None: ...


@dataclass
class Stopped:
    """The server is stopped, and started again."""

    server: OwnServer

    def begin(self) -> None:
        self.server.stop()

    def end(self) -> None:
        self.server.start()


@dataclass
class Restarted(Stopped):
    """The server is back before anybody has noticed."""

    def begin(self) -> None:
        self.server.stop()
        self.server.start()

    def end(self) -> None:
        pass


@dataclass
class Cut:
    """An administrator ends every session of some databases; `uri` is where he is."""

    uri: str
    databases: tuple[str, ...]

    def begin(self) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = ANY(%s) AND pid <> pg_backend_pid()",
                [list(self.databases)],
            )

    def end(self) -> None:
        pass


@dataclass
class ReadOnly(Cut):
    """The databases take no writes; as after a failover, sessions that began then stay so.

    In the end an administrator cuts those of `pooled`, which are not the inbox's to replace.
    """

    pooled: str

    def begin(self) -> None:
        self._set("SET default_transaction_read_only = on")
        super().begin()

    def end(self) -> None:
        self._set("RESET default_transaction_read_only")
        Cut(self.uri, (self.pooled,)).begin()

    def _set(self, setting: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            for name in self.databases:
                connection.execute(f'ALTER DATABASE "{name}" {setting}')


@dataclass
class Locked:
    """Another process has begun to write to a file, and does not come to an end."""

    path: Path
    _holder: Child | None = field(default=None, init=False)

    def begin(self) -> None:
        self._holder = Child(_keep_locked, str(self.path))
        self._holder.await_ready()

    def end(self) -> None:
        assert self._holder is not None
        self._holder.connection.send("enough")
        self._holder.end()


def _keep_locked(path: str, connection: Connection) -> None:
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        connection.send("ready")
        connection.recv()
        database.execute("ROLLBACK")


@dataclass
class FullDisk:
    """A process may not make a file longer than `_DISK`; its databases have longer ones."""

    folder: Path

    def begin(self) -> None:
        logs = list(self.folder.glob("*.db-wal"))
        assert logs
        assert all(log.stat().st_size > _DISK for log in logs)
        self._limit(_DISK)

    def end(self) -> None:
        self._limit(resource.getrlimit(resource.RLIMIT_FSIZE)[1])

    def _limit(self, size: int) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))


def name_of(uri: str) -> str:
    """The name of the database that a connection string leads to."""
    return str(conninfo_to_dict(uri)["dbname"])
