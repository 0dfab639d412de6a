"""Gates of calls: they stand in no graph, but in a graph that a node runs for each of its calls."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph._pregel import interrupts_in, names_in
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Graph, Steps
from langgraph_hitl.inbox.review import Review, is_foreign

_MOST = 10_000
"""Checkpoints of a thread that are looked through."""


def is_of_a_call(run: Run, review: Review) -> bool:
    """Whether the gate of a review is no node of the graph."""
    known = run.desk.registry.gates_of(review.graph)
    return not is_foreign(review) and review.gate not in known


def waits_in_a_call(app: Any, run: Run, review: Review) -> Steps[bool]:
    """Whether the gate of a call is paused at the question.

    A node tells the questions of its calls only as far as it knew of them when it was left, and
    keeps them until it runs again.
    """
    if not is_of_a_call(run, review):
        return False
    whole: RunnableConfig = {"configurable": {"thread_id": run.thread_id}}
    saver = app.checkpointer
    found = yield Graph(
        partial(_newest_at, saver, whole, review.gate),
        partial(_anewest_at, saver, whole, review.gate),
    )
    version = (review.id, review.round)
    asked = (value for newest in found for value in interrupts_in(newest.pending_writes or ()))
    return any(_version(value) == version for value in asked)


def _newest_at(saver: Any, config: RunnableConfig, gate: str) -> list[Any]:
    """The newest checkpoint of every task that stands at a gate."""
    newest: dict[str, Any] = {}
    for found in islice(saver.list(config), _MOST):
        _keep_newest(newest, found, gate)
    return [*newest.values()]


async def _anewest_at(saver: Any, config: RunnableConfig, gate: str) -> list[Any]:
    newest: dict[str, Any] = {}
    async for found in saver.alist(config, limit=_MOST):
        _keep_newest(newest, found, gate)
    return [*newest.values()]


def _keep_newest(newest: dict[str, Any], found: Any, gate: str) -> None:
    namespace = found.config["configurable"].get("checkpoint_ns", "")
    if names_in(namespace) != gate:
        return
    known = newest.get(namespace)
    if known is None or known.checkpoint["id"] < found.checkpoint["id"]:
        newest[namespace] = found


def _version(value: Any) -> Any:
    return (value.get("review_id"), value.get("round")) if isinstance(value, dict) else None
