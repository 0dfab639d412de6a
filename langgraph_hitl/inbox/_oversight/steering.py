"""`steered`: what a supervisor has changed is handed to the graph once, when the thread goes on.

It goes in as `Command(update=...)`, which leaves every branch that waits for its step where it is;
`update_state` would drop those that do not follow the node in whose name it is made. LangGraph
keeps the change with the checkpoint before a node runs, so that a run that is killed then goes on
with it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from langgraph.channels import BinaryOperatorAggregate, Topic
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import given_at
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun

_COLLECTS = (BinaryOperatorAggregate, Topic)
"""Channels that take every change; another takes the last one."""


def steered(office: Office, app: Any, run: Run, found: SupervisedRun, given: Any) -> Steps[Any]:
    """The input of a run with what was changed, unless the graph has that already.

    To be asked while the lock is held. Raises `InboxError` for an input that would go past it.
    """
    if not found.steers:
        return given
    saver = app.checkpointer
    at: Any = {"configurable": {"thread_id": run.thread_id, "checkpoint_ns": ""}}
    newest = yield Graph(partial(saver.get_tuple, at), partial(saver.aget_tuple, at))
    here = None if newest is None else newest.checkpoint["id"]
    if here is None or (found.steered_at is not None and found.steered_at != here):
        yield Call(partial(_over, office, found))
        return given
    if given is not None:
        raise InboxError(
            f"a supervisor has changed the state of the thread {run.thread_id!r}, with which it "
            "goes on first: app.invoke(None, config), or inbox.work()"
        )
    update = changes(app, found)
    kept = given_at(newest.pending_writes or ())
    if found.steered_at == here and kept.intersection(key for key, _ in update):
        return None
    yield Call(partial(_handed, office, found, here))
    return Command(update=update)


def changes(app: Any, found: SupervisedRun) -> list[tuple[str, Any]]:
    """The changes in their order; where a key takes one value, the last one."""
    every = [(key, value) for update in found.steers for key, value in update.items()]
    last = {key: number for number, (key, _) in enumerate(every)}
    return [
        (key, value)
        for number, (key, value) in enumerate(every)
        if number == last[key] or isinstance(app.channels.get(key), _COLLECTS)
    ]


def _handed(office: Office, found: SupervisedRun, checkpoint: str) -> None:
    with office.ledger.transaction() as tx:
        tx.steered_at(found.id, checkpoint)


def _over(office: Office, found: SupervisedRun) -> None:
    with office.ledger.transaction() as tx:
        tx.steered(found.id)
