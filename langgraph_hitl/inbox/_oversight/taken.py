"""`was_taken`: whether a thread has what a supervisor changed, as its checkpoints tell.

LangGraph keeps a change with the checkpoint at which a run begins, in the background, and it is a
part of the state from the next step on. Whoever calls `update_state` in between leaves it behind.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple

from langgraph_hitl._subgraph._pregel import given_at
from langgraph_hitl.inbox._run.steps import Graph, Steps
from langgraph_hitl.inbox.supervised_run import SupervisedRun

MARK = "hitl_steered_at"
"""Where it stands in the metadata of checkpoints that they were made with a change, and of which
handing over."""

_APPLIES = ("loop", "input")
"""Sources of checkpoints that have what was kept with the one before."""


def was_taken(app: Any, found: SupervisedRun) -> Steps[bool]:
    """Whether the changes of a run that were handed over at `steered_at` are in its graph now.

    They wait at the newest checkpoint, or one between that and `steered_at` was made with them.
    """
    keys = frozenset(key for update in found.steers for key in update)
    at: Any = {"configurable": {"thread_id": found.thread_id, "checkpoint_ns": ""}}
    later: CheckpointTuple | None = None
    while at is not None:
        here = yield from _tuple(app, at)
        if here is None:
            return False
        applied = later is None or later.metadata.get("source") in _APPLIES
        if applied and not keys.isdisjoint(given_at(here.pending_writes or ())):
            return True
        if here.checkpoint["id"] == found.steered_at:
            return False
        if here.metadata.get(MARK) == found.steered_at:
            return True
        later, at = here, here.parent_config
    return False


def _tuple(app: Any, at: Any) -> Steps[CheckpointTuple | None]:
    saver = app.checkpointer
    found: CheckpointTuple | None
    found = yield Graph(partial(saver.get_tuple, at), partial(saver.aget_tuple, at))
    return found
