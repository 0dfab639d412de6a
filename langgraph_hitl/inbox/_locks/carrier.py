"""`Carrier`: what the kernel keeps the locks of `FileLocks` in."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Protocol

_RIGHTS, _SEARCH = 0o666, 0o111


class Carrier(Protocol):
    """Numbered places, each locked by one open description at a time.

    Opened by one process for itself; `FileLocks` sees to its threads.
    """

    def try_lock(self, place: int) -> bool:
        """Lock a place that is not locked through this carrier.

        Raises:
            InboxUnavailable: The system refused for another reason than that it is locked.
        """
        ...

    def unlock(self, place: int) -> None: ...

    def holds(self, place: int) -> bool:
        """Is what was locked still what another process would try to lock?"""
        ...

    def usable(self) -> bool:
        """Is it still open, and still what another process would open?"""
        ...

    def own(self) -> bool:
        """Was it opened by this process, not by the parent of a fork?"""
        ...

    def close(self) -> None:
        """Free everything; in a forked child, let go of it and leave the parent's locks alone."""
        ...


def open_like(path: str, database: str) -> int:
    """Open or create a file; whoever may write the database may lock it, and nobody else."""
    while True:
        try:
            created = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):  # it was removed just now
                return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        else:
            try:
                same_rights(created, database)
            except OSError:
                os.close(created)
                raise
            return created


def same_rights(descriptor: int, database: str) -> None:
    """Give a file or folder the rights of the database and, where root made it, its owner."""
    with contextlib.suppress(FileNotFoundError):
        like = os.stat(database)
        rights = like.st_mode & _RIGHTS
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights |= rights >> 2 & _SEARCH
        os.fchmod(descriptor, rights)
        if os.geteuid() == 0:
            os.fchown(descriptor, like.st_uid, like.st_gid)


def is_at(descriptor: int | None, path: str) -> bool:
    """Is the open file the one at `path`?"""
    if descriptor is None:
        return False
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False
