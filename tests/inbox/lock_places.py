"""Every kind of `ThreadLocks`, on a place of its own that others can open too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, assert_never, get_args

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from langgraph_hitl.inbox._locks import ThreadLocks, open_locks
from langgraph_hitl.inbox._locks.file_lock import FileLocks
from langgraph_hitl.inbox._locks.lock_folder import LockFolder

SharedKind = Literal["file", "folder", "postgres"]
Kind = Literal["memory", "file", "folder", "postgres"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SHARED_KINDS: tuple[SharedKind, ...] = get_args(SharedKind)


@dataclass(frozen=True)
class Place:
    """Where locks are: the file of a database, or the URL of one."""

    kind: Kind
    where: str

    def open(self) -> ThreadLocks:
        """What a process opens: nothing of it is shared with what another call opens."""
        match self.kind:
            case "memory":
                return open_locks(dialect="sqlite", path=None, url="sqlite://")
            case "file":
                return open_locks(dialect="sqlite", path=self.where, url=f"sqlite:///{self.where}")
            case "folder":
                return FileLocks(self.where, carrier=LockFolder)
            case "postgres":
                return open_locks(dialect="postgresql", path=None, url=self.where)
            case _:
                assert_never(self.kind)


def url_of(conninfo: str) -> str:
    """The URL of a server that listens on a Unix socket, or anywhere."""
    parameters: dict[str, Any] = {**conninfo_to_dict(conninfo)}
    return URL.create(
        "postgresql",
        username=parameters.pop("user", None),
        password=parameters.pop("password", None),
        database=parameters.pop("dbname", None),
        query={name: str(value) for name, value in parameters.items()},
    ).render_as_string(hide_password=False)


def within(seconds: float, condition: Callable[[], object]) -> bool:
    """Does it come true in time? For what another process, or the kernel, is about to do."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True
