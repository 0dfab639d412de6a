"""`langgraph-hitl resume`."""

from __future__ import annotations

from typing import Any

from langgraph_hitl._commands.options import Reason, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.supervising import OfGraph, ThreadId, order


def resume(
    out: Output,
    thread: ThreadId,
    *,
    reason: Reason = None,
    graph: OfGraph = None,
    where: Where,
    who: Who,
) -> Status:
    """Let a paused thread go on.

    Where its graph is given (--app) it runs here; else a worker goes on with it.

    --json: {"run": the run as it is then, see langgraph-hitl runs, "by": {"id", "roles"}}.
    """
    how: Any = {"reason": reason, "where": where, "who": who, "need": "if given"}
    return order(out, "resume", thread, graph, **how)
