"""The nodes of the workflow that are no gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph import StateGraph
from langgraph.types import Command

from langgraph_hitl._reads import schema_keys
from langgraph_hitl._subgraph.channels import HANDED, Handed
from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl.review.state import approved
from langgraph_hitl.triggers.condition import Condition


def complexity_node(
    condition: Condition,
    clock: Clock,
    *,
    needed: str,
    passes: str,
    builder: StateGraph[Any, Any, Any, Any],
) -> Callable[[Any], Any]:
    """The node that finds out whether a case is complex; the expert is told why it is."""
    keys = schema_keys(builder.state_schema)
    tells = HANDED in builder.channels

    def complexity_check(state: Any) -> Any:
        values = state if isinstance(state, Mapping) else {key: getattr(state, key) for key in keys}
        finding = condition.evaluate(values, clock())
        if not finding.needed:
            return Command(goto=passes)
        told = {HANDED: Handed(finding=finding.to_json())} if tells else {}
        return Command(update=told, goto=needed)

    return complexity_check


def only_approved(node: Any, subject: str) -> Any:
    """The same node, which does not run unless the subject is what was approved."""

    def check(state: Any) -> Any:
        approved(state, subject)
        return state

    if isinstance(node, Runnable):
        return RunnableLambda(check, name="approved") | node
    if iscoroutinefunction(node) or iscoroutinefunction(getattr(node, "__call__", None)):  # noqa: B004

        @wraps(node)
        async def arun(state: Any, *args: Any, **kwargs: Any) -> Any:
            return await node(check(state), *args, **kwargs)

        return arun

    @wraps(node)
    def run(state: Any, *args: Any, **kwargs: Any) -> Any:
        return node(check(state), *args, **kwargs)

    return run
