"""`risk_at_least`: a person is asked from a level, or a score, of risk on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.factors import Factor, Score
from langgraph_hitl.triggers.level import (
    LEVELS,
    checked_level,
    level_of,
    lowest_score,
    next_band,
    read_level,
)
from langgraph_hitl.triggers.number import beside, fraction_of, quoted, shown
from langgraph_hitl.triggers.source import Source, source_of
from langgraph_hitl.triggers.trigger import Judge, Leaf, Trigger


def risk_at_least(
    threshold: str | float, *, risk: str | Callable[[Any], Any] | Source = "risk"
) -> Trigger:
    """A person is asked where the risk is `threshold` or more.

    Args:
        threshold: A level (`low`, `medium`, `high`, `critical`), or a score from 0 to 1.
        risk: A state key, a path, or a function that gives a level or a score; `weighted(...)`, a
            scorer of weighted factors; or `from_model(...)`, a model that names the level.

    Scores stand for levels by bands: medium begins at 0.3, high at 0.6, critical at 0.9. A level
    does not tell a score, so with a score as the threshold the risk has to be a score. What is
    neither a level nor a number from 0 to 1 asks a person and says so.

    >>> risk_at_least("high")({"risk": "critical"}).sentence
    'The risk is critical, at least high.'
    >>> risk_at_least("high")({"risk": 0.42}).sentence
    'The risk is medium (0.42), below high.'
    """
    if isinstance(risk, Factor):
        raise GateError(f"risk takes a score, such as weighted({risk.name}), not the factor itself")
    judge = _by_level(threshold) if isinstance(threshold, str) else _by_score(threshold)
    return Leaf(
        name="risk_at_least",
        judge=judge,
        sources={"risk": source_of(risk, "risk")},
        grades=True,
        options=quoted(threshold),
    )


def _by_level(threshold: str) -> Judge:
    least = checked_level(threshold, "threshold")

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        score = _score(values["risk"])
        level = read_level(values["risk"], "risk") if score is None else level_of(score.value)
        reached = LEVELS.index(level) >= LEVELS.index(least)
        number = "" if score is None else f" ({beside(score.value, next_band(level))})"
        relation = "at least" if reached else "below"
        return Finding(
            needed=reached,
            sentence=f"The risk is {level}{number}, {relation} {least}.",
            score=lowest_score(level) if score is None else score.value,
            factors=score.shares if score else None,
            details={"level": level, "threshold": least},
        )

    return judge


def _by_score(threshold: float) -> Judge:
    try:
        least = fraction_of(threshold, "threshold")
    except Unreadable:
        raise GateError(
            f"threshold must be a level ({', '.join(LEVELS)}) or a number from 0 to 1, not "
            f"{quoted(threshold)}"
        ) from None

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        score = _score(values["risk"])
        if score is None:
            raise Unreadable(
                f"The risk is {quoted(values['risk'])}, where a score from 0 to 1 was expected."
            )
        reached = score.value >= least
        relation = "at least" if reached else "below"
        return Finding(
            needed=reached,
            sentence=f"The risk {beside(score.value, least)} is {relation} {shown(least)}.",
            score=score.value,
            factors=score.shares,
            details={"level": level_of(score.value), "threshold": least},
        )

    return judge


def _score(risk: Any) -> Score | None:
    """The risk as a score; None where it is a text."""
    if isinstance(risk, Score):
        return risk
    if isinstance(risk, str):
        return None
    value = fraction_of(risk, "risk")
    return Score(value, {"risk": value})
