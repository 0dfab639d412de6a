"""`LockFolder`: a carrier of one small file for each place (other systems with `flock`)."""

from __future__ import annotations

import contextlib
import os
import sys

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._locks.carrier import is_at, open_like, same_rights

_ATTEMPTS = 100


class LockFolder:
    """The folder `<database>.locks`, with an empty file for each place that is locked.

    Raises:
        InboxError: It cannot be made.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._folder = f"{database}.locks"
        self._process = os.getpid()
        self._descriptors: dict[int, int] = {}
        try:
            self._identity = _folder_like(self._folder, database)
        except OSError as error:
            raise InboxError(
                f"The locks of the inbox need the folder {self._folder}, "
                f"which cannot be made: {error.strerror}"
            ) from error

    def try_lock(self, place: int) -> bool:
        path = self._path(place)
        try:
            for _ in range(_ATTEMPTS):
                descriptor = _locked(path, self._database)
                if descriptor is None:
                    return False
                if is_at(descriptor, path):
                    self._descriptors[place] = descriptor
                    return True
                os.close(descriptor)  # its holder has just removed it and gone
        except OSError as error:
            raise InboxUnavailable(f"{path} cannot be locked: {error.strerror}") from error
        return False

    def unlock(self, place: int) -> None:
        descriptor = self._descriptors.pop(place, None)
        if descriptor is None:
            return
        with contextlib.suppress(OSError):
            # Closing would not do: between fork and exec a child shares the description.
            if self.own() and is_at(descriptor, self._path(place)):
                os.unlink(self._path(place))
        with contextlib.suppress(OSError):
            os.close(descriptor)

    def holds(self, place: int) -> bool:
        return is_at(self._descriptors.get(place), self._path(place))

    def usable(self) -> bool:
        try:
            return os.path.samestat(self._identity, os.stat(self._folder))
        except OSError:
            return False

    def own(self) -> bool:
        return self._process == os.getpid()

    def close(self) -> None:
        for place in list(self._descriptors):
            self.unlock(place)

    def __del__(self) -> None:
        self.close()

    def _path(self, place: int) -> str:
        return os.path.join(self._folder, f"{place:016x}")


def _folder_like(path: str, database: str) -> os.stat_result:
    """Make the folder, or find it; whoever may write the database may lock in it."""
    created = True
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        created = False
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if created:
            same_rights(descriptor, database)
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _locked(path: str, database: str) -> int | None:
    """The file, open and locked, or None if another description has locked it."""
    descriptor = open_like(path, database)
    try:
        if _flock(descriptor):
            return descriptor
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _flock(descriptor: int) -> bool:
    if sys.platform == "win32":
        raise InboxError("Windows has no flock")
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
