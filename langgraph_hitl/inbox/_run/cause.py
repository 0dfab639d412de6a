"""Whose error it is that ended a run: a node's, or that of the saver beneath it."""

from __future__ import annotations

from traceback import walk_tb
from typing import Any

CUT_OFF = "the run was cut off: "
"""How the error begins that is kept of a run whose nodes did not fail."""


def came_from(error: BaseException, saver: Any) -> bool:
    """Whether a method of the saver raised the error, or what led to it.

    LangGraph keeps such an error as that of the subgraph which was being saved.
    """
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = (frame for frame, _ in walk_tb(current.__traceback__))
        if any(frame.f_locals.get("self") is saver for frame in frames):
            return True
        current = current.__cause__ or current.__context__
    return False
