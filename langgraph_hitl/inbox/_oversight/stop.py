"""`finish_stop`: what follows once on a thread that was stopped, while its lock is held."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from langgraph_hitl._subgraph.desk import CANCEL
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._oversight.terms import steerable
from langgraph_hitl.inbox._run.hook import call_hook
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox._verdicts import settlement_by
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.inbox.supervised_run import Stopped, SupervisedRun
from langgraph_hitl.review.reviewer import Identity

_log = logging.getLogger(__name__)

NO_ONE = "system:supervisor"


def finish_stop(office: Office, app: Any, run: SupervisedRun) -> Steps[bool]:
    """Cancel what is open, clean up, and end the thread; False where another process has to.

    Which functions clean up is known where the graph is supervised. A process that is killed
    between the clean-up and the end of the thread cleans up again.
    """
    terms = office.registry.oversight_of(run.graph)
    if terms is None:
        return False
    yield Call(partial(_cancel_reviews, office, run))
    error: str | None = None
    if terms.on_stop is not None:
        stopped = yield from _stopped(app, run)
        office.point("cleaning")
        error = yield Call(partial(_clean_up, terms.on_stop, stopped))
    office.point("cleaned")
    yield Call(partial(_end, office, run, error, terms.on_stop is not None))
    return True


def _clean_up(on_stop: Callable[[Stopped], object], stopped: Stopped) -> str | None:
    def call() -> None:
        on_stop(stopped)

    return call_hook("stop", call)


def _stopped(app: Any, run: SupervisedRun) -> Steps[Stopped]:
    values = yield from _values(app, run)
    by, at = run.by or NO_ONE, run.at or run.updated_at
    return Stopped(run.thread_id, run.graph, values, by, at, run.reason)


def _values(app: Any, run: SupervisedRun) -> Steps[dict[str, Any]]:
    """The state; where it cannot be made of what the saver has, as it was at the last step."""
    at: Any = {"configurable": {"thread_id": run.thread_id, "checkpoint_ns": ""}}
    try:
        state = yield Graph(partial(app.get_state, at), partial(app.aget_state, at))
    except Exception:
        saver = app.checkpointer
        newest = yield Graph(partial(saver.get_tuple, at), partial(saver.aget_tuple, at))
        _log.exception("the thread %s cannot be read as it is now", run.thread_id)
        kept = {} if newest is None else newest.checkpoint["channel_values"]
        return {key: kept[key] for key in steerable(app) if key in kept}
    return dict(state.values) if isinstance(state.values, dict) else {"__root__": state.values}


def _cancel_reviews(office: Office, run: SupervisedRun) -> None:
    """Nobody can decide any more what no graph would follow; what was released may be undone."""
    by = Identity(run.by or NO_ONE)
    why = f"the thread was stopped{f': {run.reason}' if run.reason else ''}"
    decision = {"type": CANCEL, "reason": why}
    with office.ledger.transaction() as tx:
        for review in tx.open_on(run.thread_id, run.graph):
            if review.mode == "sampled":
                continue
            if review.status == "pending":
                at = office.clock()
                settlement = settlement_by(by, review, decision, at=at, channel="graph")
                tx.settle(settlement, status="cancelled", reason=why)
                tx.apply([(review.id, review.round, "cancelled", None)])
            else:
                _drop(tx, review, why)


def _drop(tx: Any, review: Review, why: str) -> None:
    """What was decided and no graph has taken."""
    if review.status == "cancelled":
        tx.apply([(review.id, review.round, "cancelled", None)])
    else:
        tx.supersede(review.id, review.round, reason=why)


def _end(office: Office, run: SupervisedRun, error: str | None, cleaned: bool) -> None:
    told: Any = {"actor": "system:graph", "channel": "graph"}
    with office.ledger.transaction() as tx:
        if not tx.run_over(run.id):
            return
        if error is not None:
            tx.note(run.id, "hook_failed", reason=error[:MAX_ERROR], **told)
        tx.note(run.id, "ended", content={"cleaned_up": cleaned and error is None}, **told)
