"""`steered`: what a supervisor has changed is handed to the graph once, when the thread goes on.

It goes in as `Command(update=...)`, which leaves every branch that waits for its step where it is;
`update_state` would drop those that do not follow the node in whose name it is made. LangGraph
keeps the change with the checkpoint before a node runs, so that a run that is killed then goes on
with it. Where it was killed before that, or the change was left behind, it is handed over again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from langgraph.channels import BinaryOperatorAggregate, Topic
from langgraph.types import Command

from langgraph_hitl.errors import InboxError, ThreadPaused
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._oversight.close import look, standing
from langgraph_hitl.inbox._oversight.order import Trial
from langgraph_hitl.inbox._oversight.taken import was_taken
from langgraph_hitl.inbox._oversight.trial import problem_of
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun

_COLLECTS = (BinaryOperatorAggregate, Topic)
"""Channels that take every change; another takes the last one."""

GRAPH = "system:graph"


def steered(office: Office, app: Any, run: Run, found: SupervisedRun, given: Any) -> Steps[Any]:
    """The input of a run with what was changed, unless the graph has that already.

    To be asked while the lock is held. Raises `InboxError` for an input that would go past it, and
    `ThreadPaused` where the graph could not take one of the changes: that one is dropped, and the
    thread held once more.
    """
    if not found.steers:
        return given
    saver = app.checkpointer
    at: Any = {"configurable": {"thread_id": run.thread_id, "checkpoint_ns": ""}}
    newest = yield Graph(partial(saver.get_tuple, at), partial(saver.aget_tuple, at))
    here = None if newest is None else newest.checkpoint["id"]
    has_it = found.steered_at is not None and (yield from was_taken(app, found))
    if has_it and found.steered_at != here:
        yield Call(partial(_over, office, found))
        return given
    if newest is not None and given is not None and not (has_it and _only_answers(given)):
        raise InboxError(
            f"a supervisor has changed the state of the thread {run.thread_id!r}, with which it "
            "goes on first: app.invoke(None, config), or inbox.work()"
        )
    run.steered = replace(found, steered_at=here)
    if has_it:
        return given
    refused = yield from _refused(app, run, here, found)
    if refused is not None:
        yield Call(partial(_refuse, office, found, refused))
        raise ThreadPaused(run.thread_id, by=GRAPH, at=office.clock(), why=refused.reason)
    yield Call(partial(_handed, office, run.steered))
    return Command(update=changes(app, found))


class _Refused(NamedTuple):
    """Why the graph does not get the changes, and which of them wait for it to go on."""

    reason: str
    kept: tuple[dict[str, Any], ...] = ()


def _refused(
    app: Any, run: Run, here: str | None, steered: SupervisedRun
) -> Steps[_Refused | None]:
    """What speaks against handing over the changes where the thread stands now."""
    if here is None:
        return _Refused(_refusal("the thread is not there any more"))
    found = yield from look(app, run.thread_id)
    stands = standing(found, True)
    if stands != "halted":
        return _Refused(_refusal(f"something else has run the thread, and it is {stands} by now"))
    if problem_of(app, found.state.values, changes(app, steered)) is None:
        return None
    kept: tuple[dict[str, Any], ...] = ()
    problems = []
    for update in steered.steers:
        tried = replace(steered, steers=(*kept, update))
        problem = problem_of(app, found.state.values, changes(app, tried))
        if problem is None:
            kept = tried.steers
        else:
            problems.append(problem)
    others = f"; {len(kept)} more can be made when it is resumed" if kept else ""
    return _Refused(_refusal("; ".join(problems))[: MAX_ERROR - len(others)] + others, kept)


def trial_of(office: Office, run_id: str) -> Steps[Trial | None]:
    """What tells whether the graph could take the changes of a run; None where it is not here.

    Nor where its state cannot be read from here: it is tried in any case before it is handed over.
    """
    found: SupervisedRun | None = yield Call(partial(_row, office, run_id))
    if found is None or not office.registry.has(found.graph):
        return None
    app = office.registry.named(found.graph)
    if is_remote(app):
        return None
    at: Any = {"configurable": {"thread_id": found.thread_id, "checkpoint_ns": ""}}
    try:
        state = yield Graph(partial(app.get_state, at), partial(app.aget_state, at))
    except Exception:
        return None
    return lambda run: problem_of(app, state.values, changes(app, run))


def _row(office: Office, run_id: str) -> SupervisedRun | None:
    with office.ledger.looking() as rx:
        return rx.run(run_id)


def changes(app: Any, found: SupervisedRun) -> list[tuple[str, Any]]:
    """The changes in their order; where a key takes one value, the last one."""
    every = [(key, value) for update in found.steers for key, value in update.items()]
    last = {key: number for number, (key, _) in enumerate(every)}
    return [
        (key, value)
        for number, (key, value) in enumerate(every)
        if number == last[key] or isinstance(app.channels.get(key), _COLLECTS)
    ]


def _only_answers(given: Any) -> bool:
    """Whether an input answers a question, and does nothing beside that."""
    return (
        isinstance(given, Command)
        and given.resume is not None
        and not given.update
        and not given.goto
    )


def _refusal(problem: str) -> str:
    return f"the graph could not take the change, which was dropped: {problem}"


def _refuse(office: Office, found: SupervisedRun, refused: _Refused) -> None:
    """Drop the changes that cannot be made, and hold the thread for better ones."""
    reason, kept = refused
    told: Any = {"actor": GRAPH, "channel": "graph", "reason": reason, "content": None}
    with office.ledger.transaction() as tx:
        tx.steered(found.id)
        if kept:
            tx.steer_run(replace(found, steers=kept[:-1]), kept[-1])
        tx.hold_run(found.id, "pause", by=GRAPH, reason=reason)
        tx.note(found.id, "paused", **told)
        tx.note(found.id, "refused", **told)


def _handed(office: Office, at: SupervisedRun) -> None:
    assert at.steered_at is not None
    with office.ledger.transaction() as tx:
        tx.steered_at(at.id, at.steered_at)


def _over(office: Office, found: SupervisedRun) -> None:
    with office.ledger.transaction() as tx:
        tx.steered(found.id)
