"""Locks of the inbox: every run of a thread holds the thread's lock."""

from __future__ import annotations

import os
from typing import Literal, assert_never

from langgraph_hitl.inbox._locks.lock import Held, ThreadLocks

__all__ = ["Held", "ThreadLocks", "open_locks"]


def open_locks(
    *, dialect: Literal["sqlite", "postgresql"], path: str | os.PathLike[str] | None, url: str
) -> ThreadLocks:
    """The locks that go with a ledger: as far as its database reaches.

    Args:
        dialect: What kind of database the ledger is in.
        path: The file of an SQLite database, None for one in memory.
        url: Where a PostgreSQL database is, with its password.

    Raises:
        InboxUnavailable: The server cannot be reached.
        InboxError: These locks cannot work here.

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
            from langgraph_hitl.inbox._locks.advisory_lock import AdvisoryLocks

            return AdvisoryLocks(url)
        case _:
            assert_never(dialect)
