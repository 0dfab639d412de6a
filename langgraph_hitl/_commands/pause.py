"""`langgraph-hitl pause`."""

from __future__ import annotations

from langgraph_hitl._commands.options import Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.supervising import OfGraph, ThreadId, Why, order


def pause(
    out: Output, thread: ThreadId, *, reason: Why, graph: OfGraph = None, where: Where, who: Who
) -> Status:
    """Hold a thread before its next step.

    Whichever process runs it; nothing runs on it until it is resumed.

    --json: {"run": the run as it is then, see langgraph-hitl runs, "by": {"id", "roles"}}.
    """
    return order(out, "pause", thread, graph, reason=reason, where=where, who=who)
