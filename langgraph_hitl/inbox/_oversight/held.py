"""`check_held`: nothing begins on a thread that a supervisor holds."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from langgraph_hitl.errors import ThreadHeld, ThreadPaused, ThreadStopped
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun, run_id_of


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
    """Who holds a thread of a graph, if anybody does."""
    run_id = run_id_of(graph, thread_id)
    with office.ledger.looking() as rx:
        if rx.hold_of(run_id) == "none":
            return None
    with office.ledger.looking() as rx:
        run = rx.run(run_id)
    return None if run is None else held_error(run)
