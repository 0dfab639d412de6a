"""From a URL to an engine: what is set on every connection, and what is refused."""

from __future__ import annotations

import errno
import math
import os
import re
import sqlite3
import threading
import time
import weakref
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from langgraph_hitl.errors import InboxError, MissingExtra
from langgraph_hitl.inbox._ledger.sql import Dialect

WRITES = "hitl_writes"
"""The execution option of a connection whose transactions write."""

BUSY_SECONDS = 15
"""How long SQLite waits for another writer; `?timeout=` in the URL says otherwise."""

_LONGEST_SECONDS = 1_000_000
"""SQLite counts milliseconds in 31 bits."""

RESTED_SECONDS = 1.0
"""A connection that was not used for so long is asked whether it is alive."""

_SMALLEST = 512
"""Bytes of one page of SQLite, of which a file has at least one."""

_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_USED = "hitl_used"
_SCHEMES = "sqlite:///file.db, sqlite:///:memory: or postgresql://user@host/database"


@dataclass(frozen=True, kw_only=True)
class Database:
    """An engine with what the ledger has to know about it. `path` is the file of SQLite."""

    engine: Engine
    dialect: Dialect
    path: str | None

    @property
    def memory(self) -> bool:
        return self.dialect == "sqlite" and self.path is None

    def place(self) -> tuple[int, int] | None:
        """What stands at `path` now; None for what is no file, or is not there."""
        if self.path is None:
            return None
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        """Close the connections; one that is in use, or opened later, when it is given back."""
        if isinstance(self.engine.pool, _Pool):
            self.engine.pool.closed.set()
        self.engine.dispose()


class _Pool(QueuePool):
    """Connections that are in use while it is disposed of are closed when they come back.

    Once it was closed, it and those that take its place keep no connection at all.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.closed = threading.Event()
        self._disposed = False

    def dispose(self) -> None:
        self._disposed = True
        super().dispose()

    def recreate(self) -> QueuePool:
        made = super().recreate()
        assert isinstance(made, _Pool)
        made.closed = self.closed
        return made

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        if self._disposed or self.closed.is_set():
            super().dispose()


def open_database(url: str) -> Database:
    """The database of a URL; nothing is connected yet."""
    parsed = _parsed(url)
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return _postgresql(parsed)
        case other:
            raise InboxError(f"The inbox does not know databases of {other!r}; use {_SCHEMES}")


def _parsed(url: str) -> URL:
    if not isinstance(url, str) or _UNUSABLE.search(url):
        raise InboxError(f"The URL of an inbox is a text such as {_SCHEMES}")
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # the text may hold a password: it is not repeated
        raise InboxError(f"This is not a URL of a database; use {_SCHEMES}") from None


def _sqlite(url: URL) -> Database:
    name = url.database or ":memory:"
    if name.startswith("file:") or "uri" in url.query:
        raise InboxError(f"Give the path of the inbox as {_SCHEMES}, not as a file: URI")
    _check_slashes(url)
    path = None if name == ":memory:" else os.path.realpath(name)
    options: dict[str, Any] = {"connect_args": {"isolation_level": None, "timeout": _timeout(url)}}
    if path is None:
        options |= {"poolclass": StaticPool}
        options["connect_args"] |= {"check_same_thread": False}
    else:
        _check_path(path)
        # Threads queue for the one writer; readers are not held up by a small pool.
        options |= {"poolclass": _Pool, "pool_size": 8, "max_overflow": -1}
    engine = create_engine(url.set(database=path or ":memory:", query={}), **options)
    event.listen(engine, "connect", partial(_set_up_sqlite, path or ":memory:"))
    event.listen(engine, "begin", _begin_sqlite)
    if path is not None:
        _forget_in_children(engine)
    return Database(engine=engine, dialect="sqlite", path=path)


def _check_slashes(url: URL) -> None:
    if url.host is None and url.username is None and url.port is None:
        return
    meant = "/".join(part for part in (url.host, url.database) if part) or "reviews.db"
    raise InboxError(
        f"A file takes three slashes, and four if its path begins with one: sqlite:///{meant}"
    )


def _timeout(url: URL) -> float:
    """`?timeout=`; other options of the driver would undo what the ledger relies on."""
    unknown = sorted(url.query.keys() - {"timeout"})
    if unknown:
        raise InboxError(f"An inbox in SQLite takes ?timeout= only, not ?{unknown[0]}=")
    given = url.query.get("timeout", str(BUSY_SECONDS))
    try:
        seconds = float(given) if isinstance(given, str) else math.nan
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise InboxError(f"?timeout= is a number of seconds to {_LONGEST_SECONDS:,}, not {given!r}")
    return seconds


def _check_path(path: str) -> None:
    try:
        _check_place(path)
    except OSError as error:
        raise InboxError(f"The file {path} cannot be used: {error.strerror}") from error


def _check_place(path: str) -> None:
    if Path(path).is_dir():
        raise InboxError(f"{path} is a folder; the inbox is a file, for example {path}/reviews.db")
    if not Path(path).parent.is_dir():
        raise InboxError(f"There is no folder {Path(path).parent} for the inbox; create it first")
    if Path(path).is_file():
        _check_content(Path(path))


def _check_content(path: Path) -> None:
    """What SQLite itself does not refuse clearly; it takes a file of one byte for an empty one.

    The file is not opened: to close it would drop every lock of this process on it, those of
    SQLite's open connections too, and another process would delete the log that they write to.
    """
    if not os.access(path, os.R_OK):
        raise InboxError(f"The file {path} cannot be read: {os.strerror(errno.EACCES)}")
    if 0 < path.stat().st_size < _SMALLEST:
        raise _not_sqlite(str(path))


def _not_sqlite(path: str) -> InboxError:
    return InboxError(f"{path} is not an SQLite database; give the inbox a file of its own")


def _set_up_sqlite(path: str, connection: sqlite3.Connection, _record: Any) -> None:
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error as error:
        connection.close()  # the pool does not know it yet
        if "not a database" in str(error):
            raise _not_sqlite(path) from error
        raise


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Database:
    try:
        for host in (url.host or "").split(","):
            host.encode("idna")  # as the driver does when it connects
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=_Pool,
            pool_size=8,
            max_overflow=24,
        )
    except ImportError:
        raise MissingExtra("An inbox on PostgreSQL", extra="postgres") from None
    except (ArgumentError, TypeError, ValueError) as error:
        raise InboxError(f"This is not a URL of a PostgreSQL database: {error}") from error
    event.listen(engine, "checkin", _remember_use)
    event.listen(engine, "checkout", _check_alive)
    _forget_in_children(engine)
    return Database(engine=engine, dialect="postgresql", path=None)


def _remember_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _check_alive(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask the server whether a connection that rested is alive; asking always would be slow."""
    if time.monotonic() - record.info.get(_USED, time.monotonic()) < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:  # whatever it is, another connection is tried
        raise DisconnectionError from error


def _forget_in_children(engine: Engine) -> None:
    """A forked child must not talk over its parent's connections."""
    kept = weakref.ref(engine)

    def forget() -> None:
        found = kept()
        if found is not None:
            found.dispose(close=False)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
