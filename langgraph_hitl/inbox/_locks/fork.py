"""What locks do when their process forks."""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """Locks of a process that may fork."""

    mutex: threading.RLock
    """Held while what carries the locks changes."""

    def forget(self) -> None:
        """Drop, in the child, all that belongs to the parent, without touching the parent's."""
        ...


class _Forks:
    """Every `Forkable` of the process.

    A fork waits until none of them is being changed: a child must not inherit a descriptor that
    nobody knows of yet, because it would keep the locks of a parent that died.
    """

    def __init__(self) -> None:
        self._known: WeakSet[Forkable] = WeakSet()
        self._adding = threading.Lock()
        self._forking = threading.local()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before, after_in_parent=self._parent, after_in_child=self._child
            )

    def add(self, locks: Forkable) -> None:
        with self._adding:
            self._known.add(locks)

    def _before(self) -> None:
        self._adding.acquire()
        self._forking.waiting = waiting = list(self._known)
        for locks in waiting:
            locks.mutex.acquire()

    def _parent(self) -> None:
        for locks in self._forking.waiting:
            locks.mutex.release()
        self._forking.waiting = []
        self._adding.release()

    def _child(self) -> None:
        for locks in self._forking.waiting:
            locks.mutex = threading.RLock()
            locks.forget()
        self._forking.waiting = []
        self._adding = threading.Lock()


_forks = _Forks()
forget_in_children = _forks.add
