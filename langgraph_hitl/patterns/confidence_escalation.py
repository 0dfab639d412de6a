"""`confidence_escalation`: a person looks at what the model is unsure of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.patterns.options import ReviewOptions, known
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.triggers.confidence import below_confidence
from langgraph_hitl.triggers.source import Source
from langgraph_hitl.triggers.trigger import Trigger, trigger_of


def confidence_escalation(
    subject: str | Lens,
    *,
    confidence: str | Callable[[Any], Any] | Source,
    threshold: float = 0.8,
    when: Trigger | Callable[[Any], Any] | None = None,
    name: str = "confidence_escalation",
    **options: Unpack[ReviewOptions],
) -> Gate:
    """A gate that lets a confident answer out and puts every other one before a person.

    Args:
        subject: The state key of the answer, or a lens such as `last_message()`.
        confidence: A state key or a path into it, a function of the state, or one of
            `langgraph_hitl.confidence`: `logprobs()`, `agreement()`, `stated()`.
        threshold: From 0 to 1. At or above it the answer goes out as `auto_approved`; below it a
            person sees the answer, the confidence and the reason. So does a person where the
            confidence is missing, NaN or outside 0 to 1.
        when: One more reason to ask: a trigger or a function of the state.
        name: The gate's name in requests and traces.
        options: Those of `human_approval`. Approve, edit, reject and respond are allowed by
            default; `Respond(...)` answers in place of the model: it takes the subject's place, and
            the outcome `answered` says so.

    Raises:
        GateError: As `human_approval`; the threshold lies outside 0 to 1.

    >>> from langgraph_hitl import confidence_escalation
    >>> gate = confidence_escalation("answer", confidence="answer_confidence", threshold=0.9)
    """
    trigger = below_confidence(threshold, confidence=confidence)
    if when is not None:
        trigger |= trigger_of(when, named=True)
    return review_gate(
        kind="confidence_escalation",
        name=name,
        subject=subject,
        default_decisions=("approve", "edit", "reject", "respond"),
        when=trigger,
        **known(confidence_escalation, options),
    )
