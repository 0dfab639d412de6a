"""`Transactions`: the one place where a transaction begins, ends, and fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._ledger.engine import BUSY_SECONDS, Database
from langgraph_hitl.inbox._ledger.sql import Dialect, Sql

Row: TypeAlias = tuple[Any, ...]

_PASSING = ("OperationalError", "InterfaceError", "InternalError")
"""The errors of a driver that say nothing about what was asked."""

_BEGIN: Mapping[Dialect, tuple[str, str]] = {
    "sqlite": ("BEGIN", "BEGIN IMMEDIATE"),
    # Readers see one moment; the conditional updates of writers rely on what is committed.
    "postgresql": (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        # A server or a role that takes no writes may say so: this does not say READ WRITE.
        "BEGIN ISOLATION LEVEL READ COMMITTED",
    ),
}
"""How a transaction that reads begins, and one that writes."""

_SOON, _AT_LAST = "PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL"
"""The commits of a connection of SQLite do not wait for the disk; they do, as everywhere else."""

READ_ONLY = "25006"
"""A server that takes no writes, for the moment; a session that began then may never take any."""

_AT_ONCE = 50
"""Rows of one INSERT."""

_GONE = ("no such table", "no such column")


class Session:
    """The statements of one transaction.

    They go to the driver's cursor: SQLAlchemy's part in a statement costs more than SQLite's.
    """

    __slots__ = ("_connection", "_cursor", "dialect")

    def __init__(self, connection: PoolProxiedConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._cursor: Any = connection.cursor()
        self.dialect: Dialect = dialect

    def say(self, command: str) -> None:
        """Begin or end a transaction."""
        self._cursor.execute(command)

    def abandon(self) -> None:
        """Give up a statement that was begun: SQLite commits nothing beside it."""
        with suppress(Exception):  # the connection is gone, perhaps
            self._cursor.close()

    def end(self, command: str) -> None:
        """Set a connection of SQLite back; one on which that fails is not used any more."""
        try:
            if self._connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                self._cursor.execute("ROLLBACK")
            self._cursor.execute(command)
        except BaseException:
            self._connection.invalidate()
            raise

    def run(self, sql: Sql, **values: Any) -> int:
        """Run a statement; how many rows it changed."""
        self._cursor.execute(sql.on(self.dialect), values)
        changed: int = self._cursor.rowcount
        return changed

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the same columns, with one statement for up to `_AT_ONCE` of them."""
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            sql = _insert(table, tuple(some[0]), len(some))
            values = {f"{name}_{n}": row[name] for n, row in enumerate(some) for name in row}
            self.run(sql, **values)

    def row(self, sql: Sql, **values: Any) -> Row | None:
        """The only row; every statement that is asked for one finds one at most."""
        found = self.rows(sql, **values)
        return found[0] if found else None

    def rows(self, sql: Sql, **values: Any) -> Sequence[Row]:
        self._cursor.execute(sql.on(self.dialect), values)
        found: Sequence[Row] = self._cursor.fetchall()
        return found

    def stream(self, sql: Sql) -> Iterator[Row]:
        """The rows one after another, without holding all of them."""
        if self.dialect == "postgresql":
            cursor: Any = self._connection.cursor("hitl_stream")
        else:
            cursor = self._connection.cursor()
        try:
            yield from cursor.execute(sql.on(self.dialect))
        finally:
            cursor.close()


@cache
def _insert(table: str, columns: tuple[str, ...], rows: int) -> Sql:
    values = ", ".join(
        f"({', '.join(f':{column}_{number}' for column in columns)})" for number in range(rows)
    )
    return Sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}")  # noqa: S608  # names of ours


class Transactions:
    """The transactions of one database.

    Connections come from SQLAlchemy's pool, in autocommit: what begins and ends is said here.
    """

    def __init__(self, database: Database) -> None:
        self._dialect: Dialect = database.dialect
        self._engine = database.engine
        self._database = database
        self._place = database.place()
        self._reads, self._writes = _BEGIN[database.dialect]
        # SQLite's own waiting is unfair and sleeps; threads of one process take turns here.
        self._turn = _Turn() if database.dialect == "sqlite" else None
        self._read_turn = self._turn if database.memory else None

    def write(self) -> AbstractContextManager[Session]:
        return self._begin(self._writes, self._turn)

    def read(self) -> AbstractContextManager[Session]:
        return self._begin(self._reads, self._read_turn)

    @contextmanager
    def look(self) -> Iterator[Session]:
        """For one statement that reads, which needs no transaction."""
        with self._read_turn or nullcontext(), self._session() as session:
            yield session

    @contextmanager
    def write_soon(self) -> Iterator[Session]:
        """For what may be lost with the power: the commit does not wait for the disk.

        It is as safe as every other when a process is killed.
        """
        with self._turn or nullcontext(), self._session() as session:
            if self._dialect == "postgresql":
                session.say(self._writes)
                session.say("SET LOCAL synchronous_commit = off")
                yield session
                session.say("COMMIT")
                return
            session.say(_SOON)
            try:
                session.say(self._writes)
                yield session
                session.say("COMMIT")
            finally:
                session.end(_AT_LAST)

    @contextmanager
    def _begin(self, command: str, turn: _Turn | None) -> Iterator[Session]:
        with turn or nullcontext(), self._session() as session:
            session.say(command)
            yield session
            session.say("COMMIT")

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A session; what was begun in it and did not end is rolled back by the pool."""
        self._check_place()
        with told_clearly(self._engine), closing(self._engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            if self._dialect == "postgresql" and not driver.autocommit:
                driver.autocommit = True
            session = Session(connection, self._dialect)
            try:
                yield session
            except BaseException as error:
                session.abandon()
                read_only = getattr(error, "sqlstate", None) == READ_ONLY
                if self._dialect == "postgresql" and (driver.closed or read_only):
                    connection.invalidate()
                    self._engine.dispose()  # the others are as old
                raise

    def _check_place(self) -> None:
        """An open file can be deleted: what is written to it then, nobody finds again."""
        if self._database.place() != self._place:
            raise InboxError(
                f"The file {self._database.path} was deleted or replaced while the inbox was open; "
                "put it back, or open the inbox again"
            )


class _Turn:
    """One thread after another; a thread that would wait for itself is told so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise InboxError("A transaction of this inbox is already open in this thread")
        if not self._lock.acquire(timeout=2 * BUSY_SECONDS):
            raise InboxUnavailable("Another thread has kept the inbox's database for too long")
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = None
        self._lock.release()


@contextmanager
def told_clearly(engine: Engine) -> Iterator[None]:
    """Errors of the database as errors of the inbox, whether SQLAlchemy or the driver raised."""
    try:
        yield
    except PoolTimeout as error:
        raise InboxUnavailable(
            "Every connection to the inbox's database is in use; try again"
        ) from error
    except DBAPIError as error:
        raise _clear(error.orig or error) from error
    except SQLAlchemyError as error:
        raise InboxError(f"The inbox's database refused: {error}") from error
    except _driver_error(engine) as error:
        raise _clear(error) from error


def _driver_error(engine: Engine) -> type[Exception]:
    found: type[Exception] = engine.dialect.loaded_dbapi.Error
    return found


def _clear(error: BaseException) -> InboxError:
    """What to tell of an error of the driver."""
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if any(gone in text for gone in _GONE) or "UndefinedTable" in kinds:
        return InboxError(f"The tables of the inbox are not there any more ({text})")
    if "not a database" in text:
        return InboxError(f"The file of the inbox is not an SQLite database ({text})")
    if kinds.intersection(_PASSING):
        return InboxUnavailable(f"The inbox's database cannot be used now ({text}); try again")
    return InboxError(f"The inbox's database refused: {text}")
