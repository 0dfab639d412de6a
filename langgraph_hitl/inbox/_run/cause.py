"""Whose error it is that ended a run: a node's, or that of the saver beneath it."""

from __future__ import annotations

import logging
from itertools import pairwise
from traceback import walk_tb
from types import FrameType
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from langgraph_hitl.errors import InboxError


class ServerAway(InboxError):
    """A server did not answer, or not as expected; nothing more is known."""


class ServerSilent(ServerAway):
    """A server cannot be reached, or did not answer in time; it would not answer others either."""


class ServerBusy(ServerAway):
    """A run of the thread is under way on its server."""


class FailedOnServer(Exception):
    """A run on a server has taken the answer and failed then; the text is the server's."""


def tell(log: logging.Logger, error: Exception, text: str, *about: Any) -> None:
    """Log an error: in one line, with its traceback for debugging, where a server is away."""
    away = any(isinstance(one, ServerAway) for one in (error, error.__cause__))
    if away:
        log.error(f"{text}: %s", *about, error)
    if not away or log.isEnabledFor(logging.DEBUG):
        log.log(logging.DEBUG if away else logging.ERROR, text, *about, exc_info=error)


CUT_OFF = "the run was cut off: "
"""How the error begins that is kept of a run whose nodes did not fail."""


_WRITES = frozenset(("put", "put_writes", "aput", "aput_writes"))
_LOOP = "langgraph.pregel._loop"


def came_from_saver(error: BaseException) -> bool:
    """Whether a saver raised the error, or what led to it, when LangGraph read or wrote a run.

    LangGraph keeps such an error as that of the subgraph which was being saved. It may run with a
    copy of the graph's saver, so that it is known by its kind. What a node asks of a saver is the
    node's own affair.
    """
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = [frame for frame, _ in walk_tb(current.__traceback__)]
        if any(_is_of_a_run(caller, frame) for caller, frame in pairwise([None, *frames])):
            return True
        current = current.__cause__ or current.__context__
    return False


def _is_of_a_run(caller: FrameType | None, frame: FrameType | None) -> bool:
    """Whether a frame is LangGraph's own reading or writing."""
    if frame is None or not isinstance(frame.f_locals.get("self"), BaseCheckpointSaver):
        return False
    by_loop = caller is not None and caller.f_globals.get("__name__") == _LOOP
    return by_loop or frame.f_code.co_name in _WRITES
