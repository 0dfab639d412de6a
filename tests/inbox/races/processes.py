"""Starting processes that may be killed, or kill themselves."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["tests.processes.worker", "tests.inbox.lock_holder", "tests.inbox.races.worker"]
)
NO_ANSWER_SECONDS = 100


class Child:
    """A process that runs `target(*arguments, connection)`."""

    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        self.connection, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=target, args=(*arguments, theirs))
        self._process.start()
        theirs.close()

    def answer(self) -> Any:
        """What it sent last before it ended; None if it was killed."""
        assert self.connection.poll(NO_ANSWER_SECONDS), "the process neither answers nor dies"
        try:
            found = self.connection.recv()
        except EOFError:
            found = None
        return found if self.end() == 0 else None

    def await_ready(self) -> None:
        """Wait for its first word."""
        assert self.connection.poll(NO_ANSWER_SECONDS), "the process is not ready"
        self.connection.recv()

    def kill_after(self, seconds: float) -> None:
        """Kill it at that moment; it must not have ended by itself."""
        ended = self.connection.poll(seconds)
        self._process.kill()
        code = self.end()
        assert not ended, "the process ended by itself"
        assert code == -signal.SIGKILL

    def end(self) -> int:
        """Wait for its end: 0, or -SIGKILL; everything else is a fault of the test."""
        self._process.join(NO_ANSWER_SECONDS)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            self._process.join()
        self.connection.close()
        self._process.close()
        assert code in (0, -signal.SIGKILL), f"the process ended with {code}"
        return code


def answer_of(target: Callable[..., None], *arguments: Any) -> Any:
    """What `target` sends in a process of its own; None if it was killed."""
    return Child(target, *arguments).answer()
