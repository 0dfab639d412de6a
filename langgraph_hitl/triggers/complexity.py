"""`complexity_above`: a person is asked where several factors together exceed a threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import Finding, readable
from langgraph_hitl.triggers.factors import (
    Score,
    check_weights,
    checked_weight,
    value_of,
    weighted_mean,
)
from langgraph_hitl.triggers.number import (
    beside,
    checked_fraction,
    fraction_of,
    listed,
    quoted,
    shown,
)
from langgraph_hitl.triggers.source import Derived, Source, checked_text, source_of
from langgraph_hitl.triggers.trigger import Leaf, Trigger

INVERTED = ("confidence", "precedent")
"""Factors that speak for simplicity: they enter as 1 - confidence and 1 - precedent."""

_REMARKS = frozenset({"reason", "reasoning", "explanation"})


def complexity_above(
    threshold: float = 0.7,
    *,
    factors: Mapping[str, str | Callable[[Any], Any] | Source]
    | str
    | Callable[[Any], Any]
    | Source = "complexity",
    weights: Mapping[str, float] | None = None,
) -> Trigger:
    """A person is asked where the mean of the factors exceeds `threshold`.

    Args:
        threshold: From 0 to 1; at the threshold nobody is asked.
        factors: Names with a source of 0 to 1 each, such as `{"ambiguity": "ambiguity", "risk":
            weighted(...), "confidence": logprobs()}`. Or one source of all of them: a state key or
            function that gives a mapping, such as a model's structured output, or
            `from_model(...)`. `confidence` and `precedent` (how well similar cases are known) enter
            as 1 - confidence and 1 - precedent. A single number is the complexity itself.
        weights: How much each factor counts, 1 by default. With one source of all of them, the
            weights name the factors that have to be there.

    A factor that is missing or not a number from 0 to 1 asks a person and says so.

    >>> complex_ = complexity_above(factors={"ambiguity": "ambiguity", "confidence": "confidence"})
    >>> complex_({"ambiguity": 0.9, "confidence": 0.3}).sentence
    'The complexity 0.8 is above 0.7 (ambiguity 0.45, 1 - confidence 0.35).'
    """
    limit = checked_fraction(threshold, "threshold")
    checked = _checked_weights(weights, factors)
    source = _source(factors)

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        score = _score(values["complexity"], checked)
        above = score.value > limit
        relation = "above" if above else "not above"
        number = beside(score.value, limit)
        return Finding(
            needed=above,
            sentence=f"The complexity {number} is {relation} {shown(limit)}{_shares(score)}.",
            score=score.value,
            factors=score.shares,
            details={"threshold": limit},
        )

    return Leaf(
        name="complexity_above",
        judge=judge,
        sources={"complexity": source},
        grades=True,
        options=shown(limit),
    )


def _source(factors: Any) -> Source:
    if not isinstance(factors, Mapping):
        return source_of(factors, "factors")
    if not factors:
        raise GateError("complexity_above: factors is empty")
    sources = {_checked_name(name): source_of(each, name) for name, each in factors.items()}
    return Derived(sources, dict)


def _checked_weights(weights: Any, factors: Any) -> dict[str, float] | None:
    if weights is None:
        return None
    if not isinstance(weights, Mapping):
        raise GateError(f"weights map factors to numbers, not {quoted(weights)}")
    if not weights:
        raise GateError("weights is empty; leave it out for factors that count the same")
    checked = {_checked_name(name): checked_weight(each, name) for name, each in weights.items()}
    if isinstance(factors, Mapping):
        if unknown := [name for name in checked if name not in factors]:
            raise GateError(
                f"weights: no factor is named {listed(unknown)}; known: {listed(factors)}"
            )
        checked = {name: checked.get(name, 1.0) for name in factors}
    check_weights(checked)
    return checked


def _checked_name(name: Any) -> str:
    return checked_text(name, "the name of a factor")


def _score(found: Any, weights: dict[str, float] | None) -> Score:
    if isinstance(found, BaseModel):
        found = found.model_dump()
    if not isinstance(found, Mapping):
        return _single(found, weights)
    if weights is None:
        weights = {_name(name): 1.0 for name in found if name not in _REMARKS}
    if not weights:
        raise Unreadable("The complexity has no factors.")
    values = {name: _value(name, found.get(name)) for name in weights}
    score = weighted_mean(values, weights)
    return Score(score.value, {_shown_name(name): share for name, share in score.shares.items()})


def _single(found: Any, weights: dict[str, float] | None) -> Score:
    """The score where there are no factors with names to it."""
    if weights is not None and found is not None:
        raise Unreadable(
            f"The complexity is {quoted(found)}, where the factors {listed(weights)} were expected."
        )
    if isinstance(found, Score):
        return found
    value = fraction_of(found, "complexity")
    return Score(value, {"complexity": value})


def _name(name: Any) -> str:
    """The name of a factor that a source gave."""
    if not isinstance(name, str) or not name or name != readable(name, 60):
        raise Unreadable(f"The complexity has {quoted(name)} for the name of a factor.")
    return name


def _value(name: str, given: Any) -> float:
    value = value_of(given, name)
    return 1 - value if name.strip().casefold() in INVERTED else value


def _shown_name(name: str) -> str:
    return f"1 - {name}" if name.strip().casefold() in INVERTED else name


def _shares(score: Score) -> str:
    """The shares of the factors in a sentence, the greatest first."""
    if len(score.shares) == 1:
        return ""
    shares = sorted(score.shares.items(), key=lambda item: (-item[1], item[0]))
    return f" ({listed(f'{name} {share:.4g}' for name, share in shares)})"
