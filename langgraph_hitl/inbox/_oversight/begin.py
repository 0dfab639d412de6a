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
from langgraph_hitl.inbox._oversight.taken import MARK
from langgraph_hitl.inbox._oversight.terms import Terms, steerable
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun, run_id_of

MAX_LIMIT = 2**31 - 1


def begin(
    office: Office, app: Any, run: Run, given: Any, config: RunnableConfig | None = None
) -> Steps[Any]:
    """Begin a run while its lock is held, if its graph is supervised here; what it is called with.

    `config` is that of whoever starts it; without it the inbox goes on with what was started.

    Raises `ThreadHeld` where somebody holds the thread, or it could not take what a supervisor has
    changed, and `InboxError` where the input would
    leave out what a supervisor has changed.
    """
    terms = office.registry.oversight_of(run.graph)
    if terms is None:
        return given
    found: SupervisedRun = yield Call(partial(_begun, office, app, run, terms, config))
    try:
        given = yield from steered(office, app, run, found, given)
    except InboxError:
        yield Call(partial(_not_begun, office, found))
        raise
    run.overseer = Overseer(office, run, app, steps=found.steps, limit=found.recursion_limit)
    return given


def overseen(
    run: Run, config: RunnableConfig, options: dict[str, Any]
) -> tuple[RunnableConfig, dict[str, Any]]:
    """How a graph is called so that its overseer is asked at every step, and told of every node.

    It goes no further than whoever started it has allowed.
    """
    overseer = run.overseer
    if overseer is None:
        return config, options
    control = overseer.beside(options.get("control"))
    watched: RunnableConfig = {"callbacks": [overseer.log]}
    if run.steered is not None:
        watched["metadata"] = {MARK: run.steered.steered_at}
    if overseer.limit is not None:
        watched["recursion_limit"] = overseer.limit
    return merge_configs(config, watched), options | {"control": control}


def _limit(app: Any, config: RunnableConfig) -> int | None:
    """The recursion limit that a run is given, if the inbox can keep it."""
    found = config.get("recursion_limit", (app.config or {}).get("recursion_limit"))
    return found if type(found) is int and 0 < found <= MAX_LIMIT else None


def _begun(
    office: Office, app: Any, run: Run, terms: Terms, config: RunnableConfig | None
) -> SupervisedRun:
    limit = None if config is None else _limit(app, config)
    with office.ledger.transaction() as tx:
        options: Any = {"keys": steerable(app), "supervisors": terms.stored}
        options |= {"recursion_limit": limit, "resumes": config is None}
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
