"""`LockFile`: one open description of the lock file, and the bytes that are locked in it."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys

from langgraph_hitl.errors import InboxError, InboxUnavailable

_BUSY = (errno.EAGAIN, errno.EACCES)
_RIGHTS = 0o666


class LockFile:
    """`<database>.lock`, opened by this process for itself."""

    _descriptor: int | None = None

    def __init__(self, database: str) -> None:
        if sys.platform != "linux":
            raise InboxError(
                f"An inbox in a file needs the byte-range locks of Linux, which {sys.platform} "
                f"does not have; use a postgresql:// inbox, or sqlite:///:memory: to try things out"
            )
        self._path = f"{database}.lock"
        self._process = os.getpid()
        self._descriptor = _open(self._path, database)
        status = os.fstat(self._descriptor)
        self._identity = (status.st_dev, status.st_ino)

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

    def unlock_all(self) -> None:
        self._unlock(0, 0)

    def own(self) -> bool:
        """Was it opened by this process, not by the parent of a fork?"""
        return self._process == os.getpid()

    def in_place(self) -> bool:
        """Is it still open, and still the file that another process would find?"""
        if self._descriptor is None:
            return False
        try:
            known, found = os.fstat(self._descriptor), os.stat(self._path)
        except OSError:
            return False
        ours = self._identity
        return ours == (known.st_dev, known.st_ino) == (found.st_dev, found.st_ino)

    def close(self) -> None:
        """Close the descriptor, which frees the locks unless another process shares it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def __del__(self) -> None:
        self.close()

    def _unlock(self, place: int, length: int) -> None:
        # Not by closing: between fork and exec a child shares the description for a moment. Not
        # in a forked child: that would unlock the parent's.
        if self._descriptor is not None and self.own():
            with contextlib.suppress(OSError):
                self._set(place, length, locked=False)

    def _set(self, place: int, length: int, *, locked: bool) -> None:
        if sys.platform == "linux":
            import fcntl

            kind = fcntl.F_WRLCK if locked else fcntl.F_UNLCK
            # struct flock: l_type, l_whence, l_start, l_len, l_pid
            wanted = struct.pack("hhqqi4x", kind, os.SEEK_SET, place, length, 0)
            descriptor = -1 if self._descriptor is None else self._descriptor
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)


def _open(path: str, database: str) -> int:
    """Open or create the file; whoever may write the database may lock it, and nobody else."""
    try:
        try:
            created = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC)
        with contextlib.suppress(FileNotFoundError):
            like = os.stat(database)
            os.fchmod(created, like.st_mode & _RIGHTS)
            if os.geteuid() == 0:
                os.fchown(created, like.st_uid, like.st_gid)
        return created
    except OSError as error:
        raise InboxError(
            f"The locks of the inbox need the file {path}, which cannot be opened: {error.strerror}"
        ) from error
