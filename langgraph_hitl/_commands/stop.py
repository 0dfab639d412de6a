"""`langgraph-hitl stop`."""

from __future__ import annotations

from typing import Any

from langgraph_hitl._commands.confirm import agreed, can_ask
from langgraph_hitl._commands.options import Where, Who, Yes
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.supervising import OfGraph, ThreadId, Why, order


def stop(
    out: Output,
    thread: ThreadId,
    *,
    reason: Why,
    graph: OfGraph = None,
    yes: Yes = False,
    where: Where,
    who: Who,
) -> Status:
    """End a thread for good before its next step.

    Its open reviews are cancelled, and the process that runs it cleans up; where nobody runs it,
    this one if the graph is given (--app), else a worker.

    --json: {"run": the run as it is then, see langgraph-hitl runs, "by": {"id", "roles"}}.
    """
    if not yes:
        if not can_ask():
            raise Refusal("Nobody can be asked here; give --yes")
        if not agreed(f"Stop {thread} for good?"):
            out.say("Nothing is stopped.", "yellow")
            return Status.UNDECIDED
    how: Any = {"reason": reason, "where": where, "who": who, "need": "if given"}
    return order(out, "stop", thread, graph, **how)
