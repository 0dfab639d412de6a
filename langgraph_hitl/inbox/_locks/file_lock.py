"""`FileLocks`: between the processes of one machine, freed by the kernel when a holder dies.

A lock is one byte of one file beside the database, at a hash of the key. Locks of an open file
description (`F_OFD_SETLK`) do not end when an unrelated descriptor is closed, as POSIX locks do,
and two descriptions exclude each other within one process too. One description carries all locks
of a `FileLocks`, so that the limit of open files is no limit of locks.
"""

from __future__ import annotations

import os
import threading

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._locks.fork import forget_in_children
from langgraph_hitl.inbox._locks.lock import digest_of
from langgraph_hitl.inbox._locks.lock_file import LockFile


class FileLocks:
    """The locks beside one SQLite database.

    Args:
        database: The file of the database. The locks are in `<database>.lock`, which is created
            with the rights of the database, stays empty, and must not be deleted while in use.

    Raises:
        InboxError: The file cannot be made, or this system has no such locks.

    >>> import tempfile, os
    >>> locks = FileLocks(os.path.join(tempfile.mkdtemp(), "inbox.db"))
    >>> held = locks.try_acquire("thread-1")
    >>> locks.try_acquire("thread-1") is None
    True
    >>> held.release()
    >>> locks.close()
    """

    def __init__(self, database: str | os.PathLike[str]) -> None:
        self.mutex = threading.RLock()
        self._database = os.path.realpath(database)
        self._held: dict[int, FileHeld] = {}
        self._closed = False
        self._file: LockFile | None = LockFile(self._database)
        forget_in_children(self)

    def try_acquire(self, key: str) -> FileHeld | None:
        place = digest_of(key) >> 2  # the end of a lock has to fit into a signed 64-bit offset
        with self.mutex:
            if place in self._held:
                return None
            file = self._current_file()
            if not file.try_lock(place):
                return None
            self._held[place] = held = FileHeld(self, file, place)
            return held

    def close(self) -> None:
        with self.mutex:
            self._closed = True
            self._held.clear()
            if self._file is not None:
                self._file.unlock_all()
                self._file.close()

    def forget(self) -> None:
        self._held.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def give_back(self, held: FileHeld) -> None:
        with self.mutex:
            if self._held.get(held.place) is held:
                del self._held[held.place]
                held.file.unlock(held.place)

    def holds(self, held: FileHeld) -> bool:
        return self._held.get(held.place) is held

    def _current_file(self) -> LockFile:
        """The file that another process would lock: somebody may have deleted the one we knew."""
        if self._closed:
            raise InboxError("These locks were closed; open the inbox again")
        if self._file is not None and not self._file.own():
            self.forget()
        if self._file is None or not self._file.in_place():
            if self._file is not None:
                self._file.close()
            self._file = LockFile(self._database)
        return self._file


class FileHeld:
    """A lock of `FileLocks`."""

    def __init__(self, locks: FileLocks, file: LockFile, place: int) -> None:
        self._locks = locks
        self.file = file
        self.place = place

    def alive(self) -> bool:
        return self._locks.holds(self) and self.file.own() and self.file.in_place()

    def release(self) -> None:
        self._locks.give_back(self)
