"""A new version is scored by what scored the first one."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.review.snapshot import Snapshot


def scored_again(spec: GateSpec, question: Question, snapshot: Snapshot) -> dict[str, Any]:
    """The finding of a new version; a person stays needed, and the score never falls."""
    assert spec.subject is not None
    values = deepcopy(question["inputs"]) | {
        spec.subject.key: _state_value(spec, question, snapshot)
    }
    before = question["finding"]
    if spec.when is None:
        return before
    asked_at = datetime.fromisoformat(question["asked_at"])
    finding = spec.when.evaluate_again(values, asked_at, before).to_json()
    if not finding["needed"] or finding.get("score", 0.0) < before.get("score", 0.0):
        finding = before
    return {**finding, "needed": True}


def _state_value(spec: GateSpec, question: Question, snapshot: Snapshot) -> Any:
    assert spec.subject is not None
    old = question["inputs"].get(spec.subject.key)
    return spec.subject.shown_in(old, deepcopy(snapshot.restore()))
