"""`MemoryLocks`: for a ledger that lives in one process."""

from __future__ import annotations

import threading

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._locks.fork import forget_in_children


class MemoryLocks:
    """Locks between the threads of this process.

    >>> locks = MemoryLocks()
    >>> held = locks.try_acquire("thread-1")
    >>> locks.try_acquire("thread-1") is None
    True
    >>> held.release()
    >>> locks.try_acquire("thread-1").alive()
    True
    """

    def __init__(self) -> None:
        self.mutex = threading.RLock()
        self._held: dict[str, MemoryHeld] = {}
        self._closed = False
        forget_in_children(self)

    def try_acquire(self, key: str) -> MemoryHeld | None:
        with self.mutex:
            if self._closed:
                raise InboxError("These locks were closed; open the inbox again")
            if key in self._held:
                return None
            self._held[key] = held = MemoryHeld(self, key)
            return held

    def close(self) -> None:
        with self.mutex:
            self._closed = True
            self._held.clear()

    def forget(self) -> None:
        self._held.clear()

    def holds(self, held: MemoryHeld) -> bool:
        return self._held.get(held.key) is held

    def give_back(self, held: MemoryHeld) -> None:
        with self.mutex:
            if self.holds(held):
                del self._held[held.key]


class MemoryHeld:
    """A lock of `MemoryLocks`."""

    def __init__(self, locks: MemoryLocks, key: str) -> None:
        self._locks = locks
        self.key = key

    def alive(self) -> bool:
        return self._locks.holds(self)

    def in_doubt(self) -> bool:
        return False

    def release(self) -> None:
        self._locks.give_back(self)
