"""`close`: what a run of a supervised graph leaves is on record before its lock is given back."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, NamedTuple

from langgraph.types import StateSnapshot

from langgraph_hitl._subgraph._pregel import waiting_in
from langgraph_hitl.errors import InboxUnavailable
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._oversight.stop import finish_stop
from langgraph_hitl.inbox._oversight.taken import was_taken
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox.supervised_run import RunState, SupervisedRun, run_id_of

_log = logging.getLogger(__name__)


class Left(NamedTuple):
    """Where a run has left its thread; `checkpoint` is the newest one, if it is known.

    Nor is it told where the run has not taken what a supervisor changed, which still waits then.

    `resumes`: it was cut off at a step, and somebody goes on with it as soon as nobody holds it.
    """

    state: RunState
    checkpoint: str | None = None
    error: str | None = None
    resumes: bool = False


def close(office: Office, run: Run, app: Any, error: BaseException | None) -> Steps[None]:
    """Note how a run has ended, and clean up where it was stopped for good."""
    if run.overseer is None:
        return
    left = yield from _left(app, run, error)
    found: SupervisedRun | None = yield Call(partial(_note, office, run, left))
    if found is not None and found.hold == "stop" and left.state != "left":
        yield from finish_stop(office, app, found)


class Found(NamedTuple):
    """The state of a thread, with that of the graphs within it, and what its step has written."""

    state: Any
    writes: tuple[Any, ...]


def look(app: Any, thread_id: str) -> Steps[Found]:
    """Where a thread stands, as its saver tells."""
    at: Any = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    state = yield Graph(
        partial(app.get_state, at, subgraphs=True), partial(app.aget_state, at, subgraphs=True)
    )
    saver = app.checkpointer
    newest = yield Graph(partial(saver.get_tuple, at), partial(saver.aget_tuple, at))
    return Found(state, tuple(() if newest is None else newest.pending_writes or ()))


def _left(app: Any, run: Run, error: BaseException | None) -> Steps[Left]:
    if error is not None and not isinstance(error, Exception):
        return Left("left")  # it is being given up: nothing more should be awaited
    try:
        found = yield from look(app, run.thread_id)
        waits = run.steered is not None and not (yield from was_taken(app, run.steered))
    except Exception:
        _log.exception("the thread %s cannot be read", run.thread_id)
        return Left("failed" if error is not None else "left", error=_text(error))
    newest = ((found.state.config or {}).get("configurable") or {}).get("checkpoint_id")
    checkpoint = None if waits else newest
    cut_off = run.is_held or isinstance(error, InboxUnavailable)
    if error is not None and not cut_off:
        return Left("failed", checkpoint, _text(error))
    return Left(standing(found, cut_off), checkpoint, resumes=cut_off)


def standing(found: Found, is_cut_off: bool) -> RunState:
    """Where a thread stands that nobody runs."""
    if found.state.interrupts or any(not one.failed for one in waiting_in(found.writes)):
        return "waiting"  # an error handler that asks is no task of the state
    if not found.state.next:
        return "finished"
    if not is_cut_off:
        return "left"
    return "inside" if any(map(_is_under_way, found.state.tasks)) else "halted"


def _is_under_way(task: Any) -> bool:
    """Whether a task is a graph that has begun and not ended.

    One that keeps its state from one call to the next has some before it begins.
    """
    inner = task.state
    if task.result is not None or not isinstance(inner, StateSnapshot) or inner.created_at is None:
        return False
    namespace = str(inner.config["configurable"].get("checkpoint_ns", ""))
    return bool(inner.next) or ":" in namespace.rpartition("|")[2]


def _text(error: BaseException | None) -> str | None:
    return None if error is None else f"{type(error).__name__}: {error}"[:MAX_ERROR]


def _note(office: Office, run: Run, left: Left) -> SupervisedRun | None:
    overseer = run.overseer
    assert overseer is not None
    overseer.tell()
    run_id = run_id_of(run.graph, run.thread_id)
    with office.ledger.transaction() as tx:
        ended: Any = {"error": left.error, "checkpoint": left.checkpoint, "resumes": left.resumes}
        tx.end_run(run_id, left.state, **ended)
        if run.is_held:
            last = overseer.steps[-1] if overseer.steps else None
            content = {"step": last.number, "nodes": [*last.nodes]} if last else None
            told: Any = {"actor": "system:graph", "channel": "graph", "content": content}
            tx.note(run_id, "halted", **told)
        return tx.run(run_id)
