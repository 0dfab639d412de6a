"""`POINTS` and `FailPoints`: the moments at which a crash has to do no harm, and crashing there."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from langgraph_hitl.errors import InboxError

POINTS: Mapping[str, str] = MappingProxyType(
    {
        "migrating": "the tables are made, and not recorded as made",
        "filing": "a version of a review is about to be put before people",
        "voting": "a vote is about to be kept",
        "settling": "a review is about to be decided, or cancelled",
        "advancing": "what time or people made of a pending review is about to be kept",
        "reopening": "a decision that does not fit the question is about to be taken back",
        "superseding": "a question that has died is about to be closed",
        "parking": "the graph has paused at its questions, and the inbox is about to learn it",
        "applying": "the graph has followed a decision, and the inbox is about to learn it",
        "auditing": "everything of a transaction is written except its audit rows",
        "committed": "a transaction with audit rows has just become durable",
        "locking": "the lock of a thread is about to be tried",
        "asking": "the graph has come to a question that nobody has decided",
        "resuming": "the inbox is about to run a graph",
        "recording": "the graph is about to go on with a decision",
        "telling": "a hook of the user has run, and is about to be noted",
        "notifying": "the function that is told about events is about to be called",
        "notified": "it was called, and that is about to be noted",
        "beginning": "a run of a supervised graph has its lock, and is about to be put on record",
        "holding": "what a supervisor wants of a thread is about to be kept",
        "steering": "the graph is about to be handed what a supervisor has changed",
        "ending": "a run of a supervised graph is over, and is about to be put on record",
        "cleaning": "the function that cleans up after a stopped thread is about to be called",
        "cleaned": "it was called, and that is about to be noted",
        "releasing": "the books of a run are kept, and its lock is about to be given back",
        "looking": "the lock is free again, and decisions that came meanwhile are about to be seen",
    }
)
"""Every point by name, with what is true when it is passed."""


class _Plan(NamedTuple):
    nth: int
    call: Callable[[], None]


class FailPoints:
    """Kills this process, raises or calls something, at the n-th passage of a point.

    Give it to `Inbox.open(url, point=...)`. What a killed process has begun `work()` finishes, in
    any process that registered the graph; a test of your own can show it for your graph.

    ```python
    points = FailPoints()
    inbox = Inbox.open(url, point=points)
    points.kill_at("recording")                # SIGKILL: nothing is cleaned up
    ```

    Args:
        own: Names of further points, which you pass yourself: `points("paid")` in a node.

    `passed` counts the passages of every point.

    >>> points = FailPoints()
    >>> points.fail_at("settling", nth=2)
    >>> points("settling")
    >>> points("settling")
    Traceback (most recent call last):
    ...
    langgraph_hitl.testing.points.Failed: fail point 'settling', passage 2
    >>> points.passed["settling"]
    2
    """

    def __init__(self, *own: str) -> None:
        self.passed: Counter[str] = Counter()
        self._known = (*POINTS, *own)
        self._plans: dict[str, list[_Plan]] = {}
        self._lock = threading.Lock()

    def kill_at(self, name: str, *, nth: int = 1) -> None:
        """Kill this process with SIGKILL when `name` is passed for the `nth` time from now on.

        Raises `ValueError` for a name that is neither among `POINTS` nor your own, and for `nth`
        below 1.
        """
        self._plan(name, nth, _kill)

    def fail_at(self, name: str, *, nth: int = 1, error: BaseException | None = None) -> None:
        """Raise `error` there, or `Failed` without one. Raises as `kill_at`."""
        raised = error or Failed(name, nth)

        def fail() -> None:
            raise raised

        self._plan(name, nth, fail)

    def call_at(self, name: str, call: Callable[[], None], *, nth: int = 1) -> None:
        """Let something else happen there, another decision for example. Raises as `kill_at`."""
        self._plan(name, nth, call)

    def __call__(self, name: str) -> None:
        """Pass a point."""
        with self._lock:
            self.passed[name] += 1
            due = [plan for plan in self._plans.get(name, ()) if plan.nth == self.passed[name]]
        for plan in due:
            plan.call()

    def _plan(self, name: str, nth: int, call: Callable[[], None]) -> None:
        if name not in self._known:
            raise ValueError(f"There is no fail point {name!r}; there are {', '.join(self._known)}")
        if nth < 1:
            raise ValueError(f"nth counts from 1; it is {nth!r}")
        with self._lock:
            self._plans.setdefault(name, []).append(_Plan(self.passed[name] + nth, call))


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Failed(InboxError):
    """What `FailPoints.fail_at` raises; `point` is the name, `passage` the number."""

    def __init__(self, point: str, passage: int) -> None:
        self.point = point
        self.passage = passage
        super().__init__(f"fail point {point!r}, passage {passage}")
