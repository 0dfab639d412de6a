"""`Sitting`: the calls of one task that are under way at the same time.

`ToolNode` runs the calls of a message side by side, in threads or on an event loop, and the first
one that interrupts ends the node, whatever the others are doing. So none leaves the node before
the others have come to an end or to a question, and each tells the questions of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphInterrupt

from langgraph_hitl._subgraph._pregel import execution_of
from langgraph_hitl.errors import SubjectError
from langgraph_hitl.tools._call import Call
from langgraph_hitl.tools._steps import Result, Steps, Wait

Seat: TypeAlias = "Future[tuple[Any, ...]]"
"""Done when a call has ended, or has come to a question: its interrupts, or none."""


class Sitting:
    """The calls of one task."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seats: dict[str, tuple[str, Seat]] = {}
        self._attempt = 0
        self._counts: Counter[str] = Counter()

    def number(self, attempt: int, digest: str) -> int:
        """How many equal calls came before in this attempt of the node."""
        with self._lock:
            if self._attempt != attempt:
                self._attempt, self._counts = attempt, Counter()
            self._counts[digest] += 1
            return self._counts[digest] - 1

    def take(self, call: Call) -> Seat:
        """A seat for a call, again where it is tried again.

        Raises `SubjectError` where another call has the same id, or the same is under way.
        """
        seat: Seat = Future()
        seat.set_running_or_notify_cancel()
        with self._lock:
            digest, earlier = self._seats.get(call.id, (call.digest, None))
            if digest != call.digest or (earlier is not None and not earlier.done()):
                raise SubjectError(
                    f"Two calls have the id {call.id!r}, so that the answer to one could be taken "
                    "for the other's; this one was not run"
                )
            self._seats[call.id] = call.digest, seat
        return seat

    def under_way(self) -> list[Seat]:
        """Those that have come neither to an end nor to a question."""
        with self._lock:
            return [seat for _, seat in self._seats.values() if not seat.done()]

    def questions(self) -> tuple[Any, ...]:
        """What all of them ask, each question once."""
        with self._lock:
            told = [seat.result() for _, seat in self._seats.values() if seat.done()]
        return tuple({each.id: each for interrupts in told for each in interrupts}.values())


_SITTINGS: WeakKeyDictionary[Any, Sitting] = WeakKeyDictionary()
"""Those of the tasks that run in this process; they go with their tasks."""
_LOCK = Lock()


def sitting_of(config: RunnableConfig) -> Sitting:
    """The sitting of the task that a configuration belongs to."""
    execution = execution_of(config)
    if execution is None:
        return Sitting()
    with _LOCK:
        return _SITTINGS.setdefault(execution, Sitting())


def among_others(
    config: RunnableConfig, call: Call, steps: Callable[[], Steps[Result]]
) -> Steps[Result]:
    """Take the steps of a call; none leaves by an error or a question while others are busy."""
    sitting = sitting_of(config)
    seat = sitting.take(call)
    try:
        result = yield from steps()
    except GraphInterrupt as asked:
        seat.set_result(tuple(asked.args[0]) if asked.args else ())
        yield from _until_all_wait(sitting)
        raise GraphInterrupt(sitting.questions()) from None
    except BaseException:
        seat.set_result(())
        yield from _until_all_wait(sitting)
        raise
    seat.set_result(())
    return result


def _until_all_wait(sitting: Sitting) -> Steps[None]:
    while others := sitting.under_way():
        yield Wait(others[0])
