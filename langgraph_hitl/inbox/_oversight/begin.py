"""`begin`: a run of a supervised graph, which is on record before a node of it runs."""

from __future__ import annotations

from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import merge_configs

from langgraph_hitl.errors import InboxError, ThreadHeld
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.held import held_error
from langgraph_hitl.inbox._oversight.overseer import Overseer
from langgraph_hitl.inbox._oversight.steering import steered
from langgraph_hitl.inbox._oversight.terms import Terms, steerable
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun, run_id_of


def begin(office: Office, app: Any, run: Run, given: Any) -> Steps[Any]:
    """Begin a run while its lock is held, if its graph is supervised here; what it is called with.

    Raises `ThreadHeld` where somebody holds the thread, or it could not take what a supervisor has
    changed, and `InboxError` where the input would
    leave out what a supervisor has changed.
    """
    terms = office.registry.oversight_of(run.graph)
    if terms is None:
        return given
    found: SupervisedRun = yield Call(partial(_begun, office, app, run, terms))
    try:
        given = yield from steered(office, app, run, found, given)
    except InboxError:
        yield Call(partial(_not_begun, office, found))
        raise
    run.overseer = Overseer(office, run, app, steps=found.steps)
    return given


def overseen(
    run: Run, config: RunnableConfig, options: dict[str, Any]
) -> tuple[RunnableConfig, dict[str, Any]]:
    """How a graph is called so that its overseer is asked at every step, and told of every node."""
    overseer = run.overseer
    if overseer is None:
        return config, options
    control = overseer.beside(options.get("control"))
    watched: RunnableConfig = {"callbacks": [overseer.log]}
    return merge_configs(config, watched), options | {"control": control}


def _begun(office: Office, app: Any, run: Run, terms: Terms) -> SupervisedRun:
    with office.ledger.transaction() as tx:
        options: Any = {"keys": steerable(app), "supervisors": terms.stored}
        free = tx.begin_run(run.graph, run.thread_id, **options)
        found = tx.run(run_id_of(run.graph, run.thread_id))
        assert found is not None
    error: ThreadHeld | None = None if free else held_error(found)
    if error is not None:
        raise error
    return found


def _not_begun(office: Office, found: SupervisedRun) -> None:
    """It stands where it stood, with the change that waits for it."""
    with office.ledger.transaction() as tx:
        tx.end_run(found.id, "halted", error=None, checkpoint=None, resumes=True)
