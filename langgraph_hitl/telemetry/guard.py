"""`Guard`: what may raise or hang, called so that neither reaches a review."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a pass of a worker waits for what exports telemetry."""


class Guard:
    """Calls one thing at a time, in a thread of its own, and waits for it only so long.

    While one call hangs, the others are dropped.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = threading.Lock()

    def __call__(self, call: Callable[[], None]) -> bool:
        """Whether it was done in time, without an error."""
        if not self._free.acquire(blocking=False):
            _log.warning("telemetry still hangs; what is over now is not told")
            return False
        over, good = threading.Event(), threading.Event()

        def run() -> None:
            try:
                call()
                good.set()
            except Exception:
                _log.exception("telemetry failed")
            finally:
                self._free.release()
                over.set()

        try:
            threading.Thread(target=run, name="hitl-telemetry", daemon=True).start()
        except RuntimeError:  # the interpreter ends
            self._free.release()
            return False
        if not over.wait(self._patience):
            _log.warning("telemetry has hung for %s seconds", self._patience)
        return good.is_set()
