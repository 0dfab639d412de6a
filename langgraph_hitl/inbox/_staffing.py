"""Whether the people there are can decide what the gates of a graph ask."""

from __future__ import annotations

from typing import Any

from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.terms import terms_in
from langgraph_hitl.errors import GateError, InboxError
from langgraph_hitl.inbox._registry import gates
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.panels import anyone
from langgraph_hitl.people import Rotation, vacancy


def check_people(people: Any, assign: Any) -> None:
    """Raises `InboxError` for what is no directory, and where there is nobody to assign to."""
    if people is not None and not callable(getattr(people, "reviewers", None)):
        raise InboxError(f"people= takes a Roster, or a directory with reviewers(), not {people!r}")
    if not isinstance(assign, bool | Rotation):
        raise InboxError(f"assign= must be True, False or a Rotation, not {assign!r}")
    if assign and people is None:
        raise InboxError("assign= needs people=, so that there is somebody to assign to")


def check_gates(roll: Roll | None, app: Any) -> None:
    """Raises `GateError` for a gate that nobody in the directory can decide.

    A directory that fails just now says nothing about that; it is logged, and authorises nobody.
    """
    for node, spec in gates(app):
        check_gate(roll, spec, where=f"{spec.name!r} (node {node!r})" if node else repr(spec.name))


def check_gate(roll: Roll | None, spec: GateSpec, *, where: str) -> None:
    """Raises `GateError` for one that nobody in the directory can decide; `where` names it."""
    if roll is None or roll.problem is not None or spec.desk is None:
        return
    lack = _lack(spec, roll)
    if lack is not None:
        raise GateError(f"Gate {where}: {lack}; nobody else is in the directory")


def _lack(spec: GateSpec, roll: Roll) -> str | None:
    for terms in terms_in(spec.panel, spec.limit, spec.policy, spec.escalations, spec.chair):
        lack = vacancy(terms.panel or anyone(), roll.members.values())
        if lack is not None:
            return terms.blamed(lack)
    return None
