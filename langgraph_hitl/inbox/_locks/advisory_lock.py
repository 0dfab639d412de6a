"""`AdvisoryLocks`: between all the processes that use one PostgreSQL database."""

from __future__ import annotations

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._locks.lock import Held


class AdvisoryLocks:
    """The locks of one PostgreSQL database."""

    def __init__(self, url: str) -> None:
        raise InboxError("PostgreSQL is not supported yet")

    def try_acquire(self, key: str) -> Held | None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
