"""The nodes of the workflow that are no gates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph import StateGraph
from langgraph.types import Command

from langgraph_hitl._reads import schema_keys
from langgraph_hitl._subgraph.channels import HANDED, Handed, typed_dict
from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl.errors import NotApproved
from langgraph_hitl.review.state import approved
from langgraph_hitl.triggers.condition import Condition

CASE = "hitl_case"
"""The channel with the newest review of the subject from before this case, if there is one."""


def complexity_node(
    condition: Condition,
    clock: Clock,
    *,
    needed: str,
    passes: str,
    subject: str,
    builder: StateGraph[Any, Any, Any, Any],
) -> Callable[[Any], Any]:
    """The node that finds out whether a case is complex; the expert is told why it is."""
    keys = schema_keys(builder.state_schema)
    tells = HANDED in builder.channels

    def complexity_check(state: Any) -> Any:
        values = state if isinstance(state, Mapping) else {key: getattr(state, key) for key in keys}
        finding = condition.evaluate(values, clock())
        begun = {CASE: _newest(state, subject).get("review_id")}
        if not finding.needed:
            return Command(update=begun, goto=passes)
        told = {HANDED: Handed(finding=finding.to_json())} if tells else {}
        return Command(update=begun | told, goto=needed)

    return complexity_check


def release_node(
    node: Any, subject: str, *, gates: Collection[str], schema: type[Any]
) -> tuple[Any, type[Any]]:
    """The same node, which runs only on what one of `gates` let go on in this case, and its input.

    What passed a check before them is approved too, and so is what was released for an earlier case
    of the thread; neither is enough.
    """

    def check(given: Any) -> Any:
        state = schema(**{key: value for key, value in given.items() if key != CASE})
        approved(state, subject)
        newest = _newest(state, subject)
        if newest["gate"] not in gates or newest["review_id"] == given.get(CASE):
            asked = " and ".join(gates)
            raise NotApproved(f"{asked} have not let {subject!r} go on in this case")
        return state

    seen = typed_dict("ReleaseInput", dict.fromkeys([*schema_keys(schema), CASE], Any))
    return _after(check, node), seen


def _newest(state: Any, subject: str) -> Mapping[str, Any]:
    """The newest record of the subject; nothing where there is none."""
    reviews = state.get("reviews") if isinstance(state, Mapping) else state.reviews
    found = [record for record in reviews or [] if record["subject_key"] == subject]
    return found[-1] if found else {}


def _after(check: Callable[[Any], Any], node: Any) -> Any:
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
