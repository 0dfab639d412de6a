"""`WaitingRoom`: those who wait for a lock leave threads for the run that holds it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from langgraph_hitl.errors import ThreadBusy

PLACES = 4
"""The executor of an event loop has five threads at least."""

_OF_AN_EVENT_LOOP = "asyncio_"
"""How the threads of an event loop's default executor are named."""


class WaitingRoom:
    """Counts the threads of an event loop's own executor that wait (`asyncio.to_thread(invoke)`).

    The synchronous nodes of `ainvoke` need these threads. If all of them waited for a lock that
    such a run holds, nobody would go on before the patience of all has ended.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = 0

    @contextmanager
    def place(self, thread_id: str) -> Iterator[None]:
        """A place for the calling thread. Raises `ThreadBusy` if there is none."""
        if not threading.current_thread().name.startswith(_OF_AN_EVENT_LOOP):
            yield
            return
        self._change(1, thread_id)
        try:
            yield
        finally:
            self._change(-1, thread_id)

    def _change(self, by: int, thread_id: str) -> None:
        with self._mutex:
            if self._taken + by > PLACES:
                raise ThreadBusy(
                    f"another run holds the thread {thread_id!r}, and {PLACES} threads of the "
                    "event loop's executor wait for such runs already; more would leave none for "
                    "their nodes. Await ainvoke instead of asyncio.to_thread(invoke), or use "
                    "threads of your own."
                )
            self._taken += by
