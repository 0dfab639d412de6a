"""`FileLocks`: between the processes of one machine, freed by the kernel when a holder dies."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._locks.carrier import Carrier
from langgraph_hitl.inbox._locks.fork import forget_in_children
from langgraph_hitl.inbox._locks.lock import digest_of
from langgraph_hitl.inbox._locks.lock_file import LockFile
from langgraph_hitl.inbox._locks.lock_folder import LockFolder


def carrier_here(database: str) -> Carrier:
    """What this system has to lock with.

    Raises:
        InboxError: Nothing.
    """
    if sys.platform == "linux":
        return LockFile(database)
    elif sys.platform != "win32":
        return LockFolder(database)
    else:
        raise InboxError(
            "An inbox in a file needs locks that Windows does not have; "
            "use a postgresql:// inbox, or sqlite:// to try things out in memory"
        )


class FileLocks:
    """The locks of one SQLite database, for the processes of one machine.

    They are kept beside the database (`<database>.lock`), with its rights. What is there holds no
    data, but must not be deleted while in use: locks that were taken in it are `alive` no more.

    Args:
        database: The file of the database; links are followed.
        carrier: What holds the locks.

    Raises:
        InboxError: The carrier cannot be opened, or this system has none.

    >>> import tempfile, os
    >>> locks = FileLocks(os.path.join(tempfile.mkdtemp(), "inbox.db"))
    >>> held = locks.try_acquire("thread-1")
    >>> locks.try_acquire("thread-1") is None
    True
    >>> held.release()
    >>> locks.close()
    """

    def __init__(
        self,
        database: str | os.PathLike[str],
        *,
        carrier: Callable[[str], Carrier] = carrier_here,
    ) -> None:
        self.mutex = threading.RLock()
        self._database = os.path.realpath(database)
        self._open = carrier
        self._held: dict[int, FileHeld] = {}
        self._closed = False
        self._carrier: Carrier | None = None
        forget_in_children(self)
        with self.mutex:
            self._carrier = carrier(self._database)

    def try_acquire(self, key: str) -> FileHeld | None:
        place = digest_of(key) >> 2  # the end of a lock has to fit into a signed 64-bit offset
        with self.mutex:
            if self._closed:
                raise InboxError("These locks were closed; open the inbox again")
            carrier = self._usable_carrier()
            if place in self._held or not carrier.try_lock(place):
                return None
            self._held[place] = held = FileHeld(self, carrier, place)
            return held

    def close(self) -> None:
        with self.mutex:
            self._closed = True
            self.forget()

    def forget(self) -> None:
        self._held.clear()
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None

    def holds(self, held: FileHeld) -> bool:
        with self.mutex:
            return (
                self._held.get(held.place) is held
                and held.carrier.own()
                and held.carrier.holds(held.place)
            )

    def give_back(self, held: FileHeld) -> None:
        with self.mutex:
            if self._held.get(held.place) is held:
                del self._held[held.place]
                held.carrier.unlock(held.place)

    def _usable_carrier(self) -> Carrier:
        """Another process would not find what was deleted, nor may we go on with a parent's."""
        if self._carrier is not None and not self._carrier.own():
            self.forget()
        if self._carrier is None or not self._carrier.usable():
            if self._carrier is not None:
                self._carrier.close()
            self._carrier = self._open(self._database)
        return self._carrier


class FileHeld:
    """A lock of `FileLocks`."""

    def __init__(self, locks: FileLocks, carrier: Carrier, place: int) -> None:
        self._locks = locks
        self.carrier = carrier
        self.place = place

    def alive(self) -> bool:
        return self._locks.holds(self)

    def in_doubt(self) -> bool:
        return False

    def release(self) -> None:
        self._locks.give_back(self)
