"""`Transactions`: the one place where a transaction begins, ends, and fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._ledger.engine import BUSY_SECONDS, WRITES, Database
from langgraph_hitl.inbox._ledger.sql import Dialect, Sql

Row: TypeAlias = tuple[Any, ...]

_PASSING = ("OperationalError", "InterfaceError", "InternalError")
"""The errors of a driver that say nothing about what was asked."""

_OPTIONS: Mapping[Dialect, tuple[dict[str, Any], dict[str, Any]]] = {
    "sqlite": ({}, {WRITES: True}),
    # Readers see one moment; the conditional updates of writers rely on what is committed.
    "postgresql": (
        {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        {"isolation_level": "READ COMMITTED"},
    ),
}

_AT_ONCE = 50
"""Rows of one INSERT."""

_GONE = ("no such table", "no such column")


class Session:
    """The statements of one transaction.

    They go to the driver's cursor: SQLAlchemy's part in a statement costs more than SQLite's.
    """

    __slots__ = ("_connection", "_cursor", "dialect")

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._cursor: Any = connection.connection.cursor()
        self.dialect: Dialect = dialect

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

    def last_rows(self, sql: Sql) -> Sequence[Row]:
        """What the last of several statements finds, all sent at once."""
        if self.dialect == "sqlite":
            return self.rows(sql)
        self._cursor.execute(sql.on(self.dialect), prepare=False)
        while self._cursor.nextset():
            pass
        found: Sequence[Row] = self._cursor.fetchall()
        return found

    def stream(self, sql: Sql) -> Iterator[Row]:
        """The rows one after another, without holding all of them."""
        if self.dialect == "postgresql":
            cursor: Any = self._connection.connection.cursor("hitl_stream")
        else:
            cursor = self._connection.connection.cursor()
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
    """The transactions of one database."""

    def __init__(self, database: Database) -> None:
        self._dialect: Dialect = database.dialect
        reads, writes = _OPTIONS[database.dialect]
        self._reading = database.engine.execution_options(**reads)
        self._writing = database.engine.execution_options(**writes)
        # SQLite's own waiting is unfair and sleeps; threads of one process take turns here.
        self._turn = _Turn() if database.dialect == "sqlite" else None
        self._read_turn = self._turn if database.memory else None

    def write(self) -> AbstractContextManager[Session]:
        return self._begin(self._writing, self._turn)

    def read(self) -> AbstractContextManager[Session]:
        return self._begin(self._reading, self._read_turn)

    @contextmanager
    def _begin(self, engine: Engine, turn: _Turn | None) -> Iterator[Session]:
        with (
            turn or nullcontext(),
            told_clearly(engine),
            engine.connect() as connection,
            connection.begin(),
        ):
            yield Session(connection, self._dialect)


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
