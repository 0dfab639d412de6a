"""`Level`: low, medium, high, critical, and the bands of the score that they stand for."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Literal, get_args

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers.number import fraction_of, quoted

Level = Literal["low", "medium", "high", "critical"]

LEVELS: tuple[Level, ...] = get_args(Level)

BANDS = (0.3, 0.6, 0.9)
"""Where medium, high and critical begin."""


def level_of(score: float) -> Level:
    """The level of a score from 0 to 1. Raises `Unreadable` for any other.

    >>> level_of(0.2), level_of(0.6), level_of(1.0)
    ('low', 'high', 'critical')
    """
    return LEVELS[bisect_right(BANDS, fraction_of(score, "score"))]


def lowest_score(level: Level) -> float:
    """The score at which a level begins."""
    return (0.0, *BANDS)[LEVELS.index(level)]


def next_band(level: Level) -> float:
    """The score below which a level lies; 1 for the highest."""
    return (*BANDS, 1.0)[LEVELS.index(level)]


def read_level(value: Any, what: str) -> Level:
    """The level that a text names, in any case and with a full stop or quotes around it.

    >>> read_level(" High.", "risk")
    'high'
    """
    if value is None:
        raise Unreadable(f"The {what} is missing.")
    word = value.strip().strip("\"'`*.").casefold() if isinstance(value, str) else None
    for level in LEVELS:
        if word == level:
            return level
    raise Unreadable(f"The {what} is {quoted(value)}, which is none of {', '.join(LEVELS)}.")


def checked_level(value: Any, option: str) -> Level:
    """A level that a user gave as an option."""
    if value not in LEVELS:
        raise GateError(f"{option}: unknown level {quoted(value)}; known: {', '.join(LEVELS)}")
    return value  # type: ignore[no-any-return]  # narrowed by the membership test
