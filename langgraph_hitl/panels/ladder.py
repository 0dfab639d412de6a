"""`Ladder`: levels of authority from the lowest to the top, and the scores that need them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from numbers import Real
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.review.reviewer import checked_name

BANDS = (0.3, 0.6, 0.9)
"""Where the second, third and fourth level begin."""


@dataclass(frozen=True, init=False)
class Ladder:
    """Levels of authority, from the lowest to the top; a level includes those below it.

    Args:
        levels: Their names, each once.

    Raises `GateError` for a ladder without a top: one without levels, or one that comes round to
    a level again.

    >>> ladder = Ladder("member", "lead", "director")
    >>> ladder.top, ladder.above("member"), ladder.above("director")
    ('director', 'lead', None)
    >>> ladder.reaches("director", "lead"), ladder.reaches(None, "member")
    (True, False)
    """

    levels: tuple[str, ...]

    def __init__(self, *levels: str) -> None:
        if not levels:
            raise GateError("a ladder without levels has no top; name them, the lowest first")
        names = tuple(checked_name(level, "a level of a Ladder") for level in levels)
        for place, name in enumerate(names):
            if name in names[:place]:
                way = " > ".join(names[names.index(name) : place + 1])
                raise GateError(f"a ladder that goes round has no top: {way}; name each level once")
        object.__setattr__(self, "levels", names)

    @classmethod
    def from_steps(cls, steps: Mapping[str, str | None]) -> Ladder:
        """The ladder in which each level passes up to the one that stands with it.

        Raises `GateError` where it goes round, branches, or falls apart.

        >>> Ladder.from_steps({"lead": "director", "member": "lead"}).levels
        ('member', 'lead', 'director')
        """
        if not isinstance(steps, Mapping) or not steps:
            raise GateError("the steps of a ladder map levels to the next one above them")
        below: dict[Any, str] = {}
        for level, above in steps.items():
            if above in below and above is not None:
                raise GateError(f"two levels pass up to {above!r:.40}: {below[above]!r}, {level!r}")
            below[above] = level
        lowest = [level for level in steps if level not in below]
        if not lowest:
            return cls(*_way(next(iter(steps)), steps))
        levels = _way(lowest[0], steps)
        apart = [level for level in steps if level not in levels]
        if apart:
            raise GateError(
                f"the levels {', '.join(map(repr, apart))} are not on the way up from "
                f"{lowest[0]!r}; a ladder has one way up"
            )
        return cls(*levels)

    @property
    def top(self) -> str:
        """The highest level."""
        return self.levels[-1]

    def __contains__(self, level: object) -> bool:
        return level in self.levels

    def rank(self, level: Any) -> int:
        """How high a level is, from 0. Raises `GateError` for one that is unknown."""
        if level not in self.levels:
            raise GateError(f"unknown level {level!r:.40}; the ladder has {', '.join(self.levels)}")
        return self.levels.index(level)

    def reaches(self, level: str | None, needed: str) -> bool:
        """Whether a level is enough. One that the ladder does not have is not, and neither is None.

        Raises `GateError` if the level `needed` is unknown.
        """
        least = self.rank(needed)
        return level in self.levels and self.levels.index(level) >= least

    def above(self, level: str) -> str | None:
        """The next level up; None above the top."""
        return next(iter(self.levels[self.rank(level) + 1 :]), None)

    def at_least(self, level: str) -> tuple[str, ...]:
        """A level and those above it."""
        return self.levels[self.rank(level) :]

    def highest(self, *levels: str) -> str:
        """The highest of some levels."""
        return max(levels, key=self.rank)

    def bands(self, edges: Iterable[float] = BANDS) -> Bands:
        """Which level it takes for which score.

        Args:
            edges: The scores at which the levels above the lowest begin, one for each.

        Raises `GateError` for anything else.

        >>> bands = Ladder("member", "lead", "director", "executive").bands((0.3, 0.6, 0.9))
        >>> bands.authority_needed(0.2), bands.authority_needed(0.6), bands.authority_needed(None)
        ('member', 'director', 'executive')
        """
        return Bands(self, checked_edges(edges, self.levels, "bands"))


@dataclass(frozen=True)
class Bands:
    """Which level of a ladder it takes for which score. Made by `Ladder.bands`."""

    ladder: Ladder
    edges: tuple[float, ...]

    def authority_needed(self, score: Any) -> str:
        """The level that it takes; the top for a score that is missing, or none from 0 to 1."""
        return self.ladder.levels[band_of(score, self.edges)]


def band_of(score: Any, edges: tuple[float, ...]) -> int:
    """In which band a score lies, from 0; in the last one if it is none from 0 to 1."""
    number = _score(score)
    return len(edges) if number is None else bisect_right(edges, number)


def checked_edges(given: Any, levels: tuple[Any, ...], what: str) -> tuple[float, ...]:
    """Rising scores, one for each level but the lowest."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise GateError(f"{what} must be a tuple of scores, not {type(given).__name__}")
    edges = tuple(given)
    for edge in edges:
        number = _score(edge)
        if number is None or number == 0:
            raise GateError(f"{what}: an edge is a number above 0 and up to 1, not {edge!r:.40}")
    if any(low >= high for low, high in pairwise(edges)):
        raise GateError(f"{what}: the edges must rise, not {edges!r:.80}")
    if len(edges) != len(levels) - 1:
        raise GateError(
            f"{what}: {len(levels)} levels ({', '.join(map(str, levels))}) take "
            f"{len(levels) - 1} edges, not {len(edges)}; the highest has no end"
        )
    return tuple(map(float, edges))


def _score(given: Any) -> float | None:
    """A number from 0 to 1, if it is one."""
    if isinstance(given, bool) or not isinstance(given, Real | Decimal):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if not math.isnan(number) and 0 <= number <= 1 else None


def _way(level: str, steps: Mapping[str, str | None]) -> list[str]:
    """The levels from one upwards, with the one at which it comes round, if it does."""
    way = [level]
    above = steps[level]
    while above is not None:
        way.append(above)
        if above in way[:-1]:
            break
        above = steps.get(above)
    return way


DEFAULT_LADDER = Ladder("member", "lead", "director", "executive")
