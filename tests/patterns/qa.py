"""A graph with a QA gate on a letter."""

from __future__ import annotations

from typing import Any

from langgraph_hitl import ReviewState, qa_sample
from langgraph_hitl._subgraph.gate import Gate
from tests.paused import Paused, graph, spec
from tests.subject_presets import SALT

DRAWN, NOT_DRAWN = "item-1", "item-2"  # at a rate of one half: 0.249 and 0.939
WAYS: dict[str, Any] = {"approved": "release", "needs_revision": "again", "rejected": "archive"}


class State(ReviewState, total=False):
    letter: Any
    case: Any
    high_risk: Any
    flagged_for_review: Any
    urgent: Any
    topic: str
    went: str


def at_qa(case: Any, *, rate: float = 0.5, letter: Any = "Dear", **more: Any) -> Paused:
    """A run through a gate on `letter`, whether it waits there or not; `more` is state."""
    return through(qa_sample("letter", rate=rate, item_id="case", salt=SALT), case, letter, **more)


def through(gate: Gate, case: Any = DRAWN, letter: Any = "Dear", **more: Any) -> Paused:
    """`at_qa`, for a gate of one's own."""
    return Paused(graph(gate, State, **ways(gate)), {"letter": letter, "case": case} | more)


def ways(gate: Gate) -> Any:
    """Where its outcomes lead."""
    return {outcome: node for outcome, node in WAYS.items() if outcome in spec(gate).outcomes}


def sample_of(finding: dict[str, Any]) -> dict[str, Any]:
    """What a record or a request says about the draw."""
    parts = finding.get("parts") or [finding]
    (found,) = [part for part in parts if part["trigger"] == "sampled"]
    details: dict[str, Any] = found["details"]
    return details
