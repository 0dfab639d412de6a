"""`check_held`: nothing begins on a thread that a supervisor holds.

As the lock, a hold is one of the thread: which names of graphs stand for one and the same, and
which of two savers are one place, no process can know.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never

from langgraph_hitl.errors import ThreadHeld, ThreadPaused, ThreadStopped
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun


def held_error(run: SupervisedRun) -> ThreadHeld | None:
    """The error for whoever would run a thread that is held."""
    match run.hold:
        case "none":
            return None
        case "pause":
            return ThreadPaused(run.thread_id, by=run.by, at=run.at, why=run.reason)
        case "stop":
            return ThreadStopped(run.thread_id, by=run.by, at=run.at, why=run.reason)
        case _:
            assert_never(run.hold)


def check_held(office: Office, graph: str, thread_id: str) -> Steps[None]:
    """Raises `ThreadPaused` or `ThreadStopped`, also where this process supervises nothing."""
    error: ThreadHeld | None = yield Call(partial(held_on, office, graph, thread_id))
    if error is not None:
        raise error


def held_on(office: Office, graph: str, thread_id: str) -> ThreadHeld | None:
    """Who holds a thread, by whichever of its graphs; an end counts first, then the graph's own."""
    with office.ledger.looking() as rx:
        if rx.hold_of(thread_id) == "none":
            return None
    with office.ledger.looking() as rx:
        held = [run for run in rx.runs_on(thread_id) if run.hold != "none"]
    first = sorted(held, key=lambda run: (run.hold != "stop", run.graph != graph))
    return held_error(first[0]) if first else None
