"""Locks of the inbox: every run of a thread holds the thread's lock."""

from __future__ import annotations

import os
from typing import Literal, assert_never

from langgraph_hitl.errors import InboxError, MissingExtra
from langgraph_hitl.inbox._locks.lock import Held, ThreadLocks

__all__ = ["Held", "ThreadLocks", "open_locks"]


def open_locks(
    *, dialect: Literal["sqlite", "postgresql"], path: str | os.PathLike[str] | None, url: str
) -> ThreadLocks:
    """The locks that go with a ledger: as far as its database reaches.

    Args:
        dialect: What kind of database the ledger is in.
        path: The file of an SQLite database, None for one in memory.
        url: A PostgreSQL database as SQLAlchemy names it, with its password. It is connected to
            when the first lock is asked for.

    Raises:
        MissingExtra: psycopg is not installed.
        InboxError: These locks cannot work here, or the URL cannot be read.

    >>> locks = open_locks(dialect="sqlite", path=None, url="sqlite://")
    >>> locks.try_acquire("thread-1").alive()
    True
    """
    match dialect:
        case "sqlite":
            from langgraph_hitl.inbox._locks.file_lock import FileLocks
            from langgraph_hitl.inbox._locks.memory_lock import MemoryLocks

            return MemoryLocks() if path is None else FileLocks(path)
        case "postgresql":
            return _advisory_locks(url)
        case _:
            assert_never(dialect)


def _advisory_locks(url: str) -> ThreadLocks:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        from langgraph_hitl.inbox._locks.advisory_lock import AdvisoryLocks
    except ImportError as error:
        raise MissingExtra("An inbox in PostgreSQL", extra="postgres") from error
    try:
        place = make_url(url).set(drivername="postgresql+psycopg")
    except ArgumentError as error:
        raise InboxError("This is not the URL of a database") from error
    _, parameters = place.get_dialect()().create_connect_args(place)
    return AdvisoryLocks(parameters)
