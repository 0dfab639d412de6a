"""`transaction`: the one place where a transaction begins, ends, and fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._ledger.engine import BUSY_SECONDS, WRITES, Database
from langgraph_hitl.inbox._ledger.sql import Dialect, Sql

Row = Any
"""A row of a result; its columns are attributes."""


class Session:
    """The statements of one transaction."""

    __slots__ = ("_connection", "dialect")

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self.dialect: Dialect = dialect

    def run(self, sql: Sql, **values: Any) -> int:
        """Run a statement; how many rows it changed."""
        return self._connection.exec_driver_sql(sql.on(self.dialect), values).rowcount

    def run_many(self, sql: Sql, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each of `values`."""
        if values:
            self._connection.exec_driver_sql(sql.on(self.dialect), list(values))

    def row(self, sql: Sql, **values: Any) -> Row | None:
        return self._connection.exec_driver_sql(sql.on(self.dialect), values).first()

    def rows(self, sql: Sql, **values: Any) -> Sequence[Row]:
        return self._connection.exec_driver_sql(sql.on(self.dialect), values).fetchall()

    def stream(self, sql: Sql, **values: Any) -> Iterator[Row]:
        """The rows one after another, without holding all of them."""
        options = {"stream_results": True, "yield_per": 500}
        found = self._connection.exec_driver_sql(
            sql.on(self.dialect), values, execution_options=options
        )
        yield from found


class Transactions:
    """The transactions of one database."""

    def __init__(self, database: Database) -> None:
        self._dialect: Dialect = database.dialect
        self._reading = database.engine
        self._writing = database.engine.execution_options(**{WRITES: True})
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
            told_clearly(),
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
def told_clearly() -> Iterator[None]:
    """Errors of the database as errors of the inbox."""
    try:
        yield
    except PoolTimeout as error:
        raise InboxUnavailable(
            "Every connection to the inbox's database is in use; try again"
        ) from error
    except DBAPIError as error:
        raise _clear(error) from error
    except SQLAlchemyError as error:
        raise InboxError(f"The inbox's database refused: {error}") from error


def _clear(error: DBAPIError) -> InboxError:
    text = str(error.orig).strip().partition("\n")[0]
    if "no such table" in text or "no such column" in text:
        return InboxError(f"The tables of the inbox are not there any more ({text})")
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return InboxUnavailable(f"The inbox's database cannot be used now ({text}); try again")
    return InboxError(f"The inbox's database refused: {text}")
