"""`LockFile`: a carrier of one file, with a byte for each place (Linux).

Locks of an open file description (`F_OFD_SETLK`) do not end when an unrelated descriptor of the
same file is closed, as POSIX locks do. One description carries all of them, so that the limit of
open files is no limit of locks.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._locks.carrier import is_at, open_like

if sys.platform == "linux":
    import fcntl

_BUSY = (errno.EAGAIN, errno.EACCES)


class LockFile:
    """The file `<database>.lock`, which stays empty.

    Raises:
        InboxError: It cannot be opened.
    """

    _descriptor: int | None = None

    def __init__(self, database: str) -> None:
        self._path = f"{database}.lock"
        self._process = os.getpid()
        try:
            self._descriptor = open_like(self._path, database)
        except OSError as error:
            raise InboxError(
                f"The locks of the inbox need the file {self._path}, "
                f"which cannot be opened: {error.strerror}"
            ) from error

    def try_lock(self, place: int) -> bool:
        try:
            self._set(place, 1, locked=True)
        except OSError as error:
            if error.errno in _BUSY:
                return False
            raise InboxUnavailable(f"{self._path} cannot be locked: {error.strerror}") from error
        return True

    def unlock(self, place: int) -> None:
        self._unlock(place, 1)

    def holds(self, place: int) -> bool:
        return self.usable()

    def usable(self) -> bool:
        return is_at(self._descriptor, self._path)

    def own(self) -> bool:
        return self._process == os.getpid()

    def close(self) -> None:
        self._unlock(0, 0)
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def __del__(self) -> None:
        self.close()

    def _unlock(self, place: int, length: int) -> None:
        # Closing would not do: between fork and exec a child shares the description for a moment.
        if self._descriptor is not None and self.own():
            with contextlib.suppress(OSError):
                self._set(place, length, locked=False)

    def _set(self, place: int, length: int, *, locked: bool) -> None:
        if sys.platform == "linux":
            kind = fcntl.F_WRLCK if locked else fcntl.F_UNLCK
            # struct flock: l_type, l_whence, l_start, l_len, l_pid
            wanted = struct.pack("hhqqi4x", kind, os.SEEK_SET, place, length, 0)
            descriptor = -1 if self._descriptor is None else self._descriptor
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
