"""`handed_to`: what a node before the gate has found out for it, as far as it may count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from langgraph_hitl._subgraph.channels import HANDED, Handed, Route
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import Unreadable
from langgraph_hitl.review.finding import Finding, checked


def handed_to(spec: GateSpec, values: Mapping[str, Any]) -> Handed:
    """What is handed to a gate; what cannot be read is as nothing, and the gate asks by itself.

    Only a router names a review, inside of it. In a channel of the user's graph that name may be of
    another review, which would be taken over with its decision.
    """
    given = values.get(HANDED)
    handed: Handed = {}
    if not isinstance(given, Mapping):
        return handed
    finding = _asking(given.get("finding"))
    if finding is not None:
        handed["finding"] = finding.to_json()
    if spec.part == "pattern":
        handed["route"] = cast("Route", given["route"])
    return handed


def _asking(given: Any) -> Finding | None:
    """What was found before the gate; it can only ask."""
    if not isinstance(given, Mapping) or given.get("needed") is not True:
        return None
    try:
        return checked(Finding.from_json(given))
    except Unreadable:
        return None
