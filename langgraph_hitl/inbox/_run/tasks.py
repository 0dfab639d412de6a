"""The tasks of a thread, and which of their errors are still to be handled."""

from __future__ import annotations

from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import PregelTask, StateSnapshot

from langgraph_hitl._subgraph._pregel import handed_over
from langgraph_hitl.inbox._run.steps import Graph, Steps


def without_handled(app: Any, state: StateSnapshot) -> Steps[tuple[PregelTask, ...]]:
    """The tasks of a state, as LangGraph goes on with them.

    A node whose error has an `error_handler` has not failed while that has still to run: where a
    run was cut off in between, the next one begins with the handler, and leaves the node alone.
    """
    handed: frozenset[str] = frozenset()
    if any(task.error is not None for task in state.tasks):
        found = yield from _saved(app.checkpointer, state.config)
        if found is not None:
            own = [task.id for task in state.tasks]
            handed = handed_over(found.pending_writes or (), own)
    tasks = []
    for task in state.tasks:
        if task.id in handed and task.result is None:
            task = task._replace(error=None)
        if isinstance(task.state, StateSnapshot):
            inner = yield from without_handled(app, task.state)
            task = task._replace(state=task.state._replace(tasks=inner))
        tasks.append(task)
    return tuple(tasks)


def _saved(saver: Any, config: RunnableConfig) -> Steps[Any]:
    found = yield Graph(partial(saver.get_tuple, config), partial(saver.aget_tuple, config))
    return found
