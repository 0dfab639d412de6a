"""`Stopping`: SIGTERM and SIGINT ask a worker to stop; a second one does not ask."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Whether somebody has asked to stop; knows how to wait for it."""

    def __init__(self) -> None:
        # The one queue whose put() may be called in a signal handler.
        self._asked: SimpleQueue[None] = SimpleQueue()

    def ask(self) -> None:
        self._asked.put(None)

    def __call__(self) -> bool:
        return not self._asked.empty()

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until somebody asks."""
        try:
            self._asked.put(self._asked.get(timeout=seconds))
        except Empty:
            return


@contextmanager
def on_signals(stopping: Stopping, say: Callable[[], None]) -> Iterator[None]:
    """The first signal asks to stop and is told; the next ones do what they did before."""
    before: dict[signal.Signals, Any] = {}

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(_number: int, _frame: FrameType | None) -> None:
        put_back()
        stopping.ask()
        say()

    for number in _SIGNALS:
        before[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        put_back()
