"""`below_confidence`: a person is asked where the model is not sure enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.number import beside, checked_fraction, fraction_of, shown
from langgraph_hitl.triggers.source import Source, source_of
from langgraph_hitl.triggers.trigger import Leaf, Trigger


def below_confidence(
    threshold: float = 0.8, *, confidence: str | Callable[[Any], Any] | Source = "confidence"
) -> Trigger:
    """A person is asked where the confidence is below `threshold`; at or above it nobody is.

    Args:
        threshold: From 0 to 1.
        confidence: A state key or a path into it (`answer.confidence`), a function of the state, or
            one of `langgraph_hitl.confidence`: `logprobs()`, `agreement()`, `stated()`.

    A confidence that is missing, NaN or outside 0 to 1 asks a person and says so. The score of the
    finding is 1 - confidence. The confidence is the model's own of what it made, so it is not read
    again for a version that a person changed.

    >>> below_confidence(0.8)({"confidence": 0.62}).sentence
    'The confidence 0.62 is below 0.8.'
    >>> below_confidence(0.8)({"confidence": 0.8}).needed
    False
    """
    limit = checked_fraction(threshold, "threshold")

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        found = fraction_of(values["confidence"], "confidence")
        low = found < limit
        relation = "below" if low else "at least"
        return Finding(
            needed=low,
            sentence=f"The confidence {beside(found, limit)} is {relation} {shown(limit)}.",
            score=round(1 - found, 12),
            factors={"confidence": found},
            details={"confidence": found, "threshold": limit},
        )

    source = source_of(confidence, "confidence")
    return Leaf(
        name="below_confidence",
        judge=judge,
        sources={"confidence": source},
        options=shown(limit),
    )
