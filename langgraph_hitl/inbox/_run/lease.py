"""Beginning and ending a run: taking the lock of its thread, and keeping the books afterwards."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph._pregel import failed_nodes
from langgraph_hitl.errors import InboxUnavailable, NotRegistered, ThreadBusy
from langgraph_hitl.inbox._locks import Held
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._oversight.close import close
from langgraph_hitl.inbox._run.cause import CUT_OFF, FailedOnServer, ServerAway, came_from_saver
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Pause, Steps, Take

_log = logging.getLogger(__name__)

MISSED = "the run ended before it came to the question, at a breakpoint for example"

_NOT_OF_A_NODE = (FailedOnServer, InboxUnavailable, NotRegistered, ServerAway, ThreadBusy)
"""Errors for which a saver need not be asked whether a node raised them."""

_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.002, 0.1, 1.5


def try_lock(office: Office, thread_id: str) -> Steps[Held | None]:
    """The lock of a thread, if nobody holds it."""
    office.point("locking")
    held: Held | None = yield Take(partial(office.locks.try_acquire, thread_id))
    return held


def await_lock(office: Office, thread_id: str) -> Steps[Held]:
    """The lock of a thread, as soon as its holder gives it back or dies."""
    held = yield from try_lock(office, thread_id)
    if held is not None:
        return held
    with office.waiting_room.place(thread_id):
        return (yield from _wait(office, thread_id))


def _wait(office: Office, thread_id: str) -> Steps[Held]:
    waited, pause = 0.0, _FIRST_PAUSE
    while (held := (yield from try_lock(office, thread_id))) is None:
        if waited >= office.patience:
            raise ThreadBusy(
                f"another run has held the thread {thread_id!r} for {waited:.0f} seconds. It holds "
                "it as long as it lives; its process may be stopped, or waiting for this one."
            )
        yield Pause(pause)
        waited += pause
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    return held


def still_held(run: Run) -> Steps[None]:
    """Stop a run that lost its lock, with the connection that carried it, before its next step.

    Somebody else may have gone on with the thread by now.
    """
    if not run.asks_lock():
        return
    if not (yield Call(run.holds_lock)):
        raise InboxUnavailable(
            f"the lock of the thread {run.thread_id!r} was lost with its connection; the run was "
            "stopped, and work() goes on with it"
        )


def end(office: Office, run: Run, app: Any, error: BaseException | None) -> Steps[None]:
    """Keep the books of a run that is over, and give the lock back.

    A run that was cut off (by a cancellation, or the loss of a database) leaves everything as it
    is, so that `work()` finishes it.
    """
    try:
        if error is None or run.is_held:
            yield Call(partial(_keep_books, office, run, None))
        elif isinstance(error, Exception):
            yield from _keep_books_of_failure(office, run, app, error)
        yield from close(office, run, app, error)
        office.point("releasing")
    except InboxUnavailable:
        _log.exception("the books of thread %s are kept later, by work()", run.thread_id)
    finally:
        run.lock.release()


def thread_config(run: Run) -> RunnableConfig:
    """The root of a run's thread."""
    return {"configurable": {"thread_id": run.thread_id, "checkpoint_ns": ""}}


def saved(app: Any, run: Run) -> Steps[Any]:
    """The newest root checkpoint of a run's thread, with what was written after it; or None."""
    saver = app.checkpointer
    config = thread_config(run)
    found = yield Graph(partial(saver.get_tuple, config), partial(saver.aget_tuple, config))
    return found


def _keep_books_of_failure(office: Office, run: Run, app: Any, error: Exception) -> Steps[None]:
    """A node of the user that raised ends the run. Whatever else went wrong is tried again."""
    by_node = isinstance(error, FailedOnServer)
    if not isinstance(error, _NOT_OF_A_NODE):
        try:
            found = yield from saved(app, run)
            by_node = found is not None and failed_nodes(found.pending_writes or ())
            by_node = by_node and not came_from_saver(error)
        except Exception:
            _log.exception("the thread %s cannot be read", run.thread_id)
    text = str(error) if isinstance(error, FailedOnServer) else f"{type(error).__name__}: {error}"
    if by_node:
        yield Call(partial(_keep_books, office, run, text[:MAX_ERROR]))
    else:
        yield Call(partial(_note_failure, office, run, f"{CUT_OFF}{text}"[:MAX_ERROR]))


def _keep_books(office: Office, run: Run, error: str | None) -> None:
    waiting = sorted(run.waiting - run.taken.keys())
    reached = {review_id for review_id, _ in (*run.waiting, *run.taken)}
    missed = run.aim is not None and run.aim[0] not in reached and not run.is_held
    went_on = [(*version, mode) for version, mode in sorted(run.went_on.items())]
    if not (waiting or run.taken or missed or went_on):
        return
    only = len(run.taken) == 1 and not (waiting or missed or went_on or error)
    if only and _applied_at_once(office, run):
        return
    taken = [(*version, one.outcome, error) for version, one in sorted(run.taken.items())]
    with office.ledger.transaction() as tx:
        if waiting:
            tx.park(waiting)
        if went_on:
            tx.rest(went_on)
        if taken:
            tx.apply(taken)
        if run.aim is not None and missed:
            tx.failed(run.aim[0], error=error or MISSED)


def _applied_at_once(office: Office, run: Run) -> bool:
    [(version, taken)] = run.taken.items()
    return office.ledger.apply(*version, outcome=taken.outcome, digest=taken.digest)


def _note_failure(office: Office, run: Run, text: str) -> None:
    with office.ledger.reading() as rx:
        begun = [review.id for review in rx.open_on(run.thread_id, run.graph) if review.wake]
    with office.ledger.transaction() as tx:
        for review_id in begun:
            tx.failed(review_id, error=text)
