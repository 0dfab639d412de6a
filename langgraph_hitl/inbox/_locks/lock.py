"""`ThreadLocks` and `Held`: one run per thread, for as long as its process lives."""

from __future__ import annotations

from hashlib import blake2b
from typing import Protocol


class Held(Protocol):
    """A lock that this process holds. It does not expire; it ends with `release` or the process."""

    def alive(self) -> bool:
        """Is it certain that nobody else can hold the lock now?

        False once it was released, in a forked child, and after whatever carries the lock was lost:
        what has run since may have run twice, and must not be recorded.
        """
        ...

    def in_doubt(self) -> bool:
        """Is there reason to ask whether it is `alive`? At once, and without asking anybody."""
        ...

    def release(self) -> None:
        """Give the lock back. From any thread; again does nothing; never raises."""
        ...


class ThreadLocks(Protocol):
    """Locks with names, exclusive between threads and between processes, never re-entrant.

    A holder that dies gives its locks back at once, one that is stopped keeps them. A forked child
    holds none of its parent's locks and can take its own.
    """

    def try_acquire(self, key: str) -> Held | None:
        """Take the lock of `key`, or None if it is held, by this thread too. Does not wait for it.

        A lock that is no longer `alive` still keeps its key from other threads of its process until
        it is released, because what ran under it may still be running.

        Raises:
            InboxUnavailable: Whatever carries the locks cannot be reached.
            InboxError: These locks were closed, or cannot work here at all.
        """
        ...

    def close(self) -> None:
        """Give back every lock, and what carries them. Again does nothing; never raises."""
        ...


def digest_of(key: str) -> int:
    """The 64 bits that stand for `key` where a lock is a number, the same in every process.

    >>> digest_of("thread-1") == digest_of("thread-1") != digest_of("thread-2")
    True
    """
    spelled = key.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(spelled, digest_size=8, person=b"langgraph_hitl").digest())
