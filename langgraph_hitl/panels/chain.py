"""`chain`: decided at one level at a time, and passed upwards where that level does not decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from langgraph_hitl._text.duration import duration_of
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.electorate import Electorate
from langgraph_hitl.panels.ladder import DEFAULT_LADDER, Bands, Ladder, checked_edges
from langgraph_hitl.panels.panel import VERSION, Panel
from langgraph_hitl.panels.quorum import Quorum
from langgraph_hitl.panels.verdict import Verdict
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.panels.who import level_key
from langgraph_hitl.review.reviewer import Voter


@dataclass(frozen=True, kw_only=True)
class Chain(Panel):
    """One vote of the level that it has reached, or of a higher one.

    `at` is that level, as far as it is known. `within` has the time that each level has.
    """

    levels: tuple[str, ...]
    ladder: Ladder
    within: Mapping[str, timedelta] = field(default_factory=dict)
    edges: tuple[float, ...] = ()
    at: str | None = None
    blind: bool = False
    may_change: bool = True

    def __post_init__(self) -> None:
        _check_levels(self.levels, self.ladder)
        if self.at is not None and self.at not in self.levels:
            raise GateError(f"chain: {self.at!r:.40} is none of {', '.join(self.levels)}")
        if (self.blind, self.may_change) != (False, True):
            raise GateError("chain: one vote decides it, so blind= and may_change= mean nothing")

    @property
    def level(self) -> str:
        """The level that decides now. As long as no score is known that it goes by, the highest."""
        if self.at is not None:
            return self.at
        return self.levels[-1] if self.edges else self.levels[0]

    @property
    def next_level(self) -> str | None:
        """The level that it is passed up to; None from the highest."""
        return next(iter(self.levels[self.levels.index(self.level) + 1 :]), None)

    @property
    def time_limit(self) -> timedelta | None:
        """The time that the present level has; None where it has no limit."""
        return self.within.get(self.level)

    def raised(self) -> Chain:
        """The chain one level up. Raises `GateError` from the highest."""
        if self.next_level is None:
            raise GateError(f"chain: nobody is above {self.level!r}")
        return replace(self, at=self.next_level)

    def authority_needed(self, score: Any) -> str:
        """The level that may decide a value with this score; the lowest in a chain without bands.

        With bands it is the highest for a score that is missing, or none from 0 to 1.
        """
        if not self.edges:
            return self.levels[0]
        return Bands(Ladder(*self.levels), self.edges).authority_needed(score)

    def for_review(
        self, *, score: Any = None, risk: str | None = None, level: str | None = None
    ) -> Chain:
        """The chain at the level that the score takes, or at `level` if that is higher."""
        reached = [self.authority_needed(score)]
        reached += [self.at] if self.at is not None else []
        reached += [self._stage_for(level)] if level is not None else []
        return replace(self, at=max(reached, key=self.levels.index))

    @property
    def varies(self) -> bool:
        return bool(self.edges)

    @property
    def rule(self) -> str:
        return f"{self.level} or above, in the chain {', '.join(self.levels)}"

    @property
    def single(self) -> bool:
        return True

    @property
    def eligible_keys(self) -> tuple[str, ...]:
        return self._stage.eligible_keys

    def is_eligible(self, voter: Voter) -> bool:
        return self.ladder.reaches(voter.level, self.level)

    def refusal(self, voter: Voter) -> str | None:
        if self.is_eligible(voter):
            return None
        return f"it takes the level {self.level!r} or above"

    def judge(self, votes: Sequence[Vote]) -> Verdict | None:
        return self._stage.judge(votes)

    def needed(self, votes: Sequence[Vote]) -> tuple[str, ...]:
        return (f"one of the level {self.level!r} or above",)

    def weighed(self, votes: Sequence[Vote]) -> tuple[float, float, int]:
        return self._stage.weighed(votes)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "panel": "chain",
            "levels": [*self.levels],
            "ladder": [*self.ladder.levels],
            "within": {level: limit.total_seconds() for level, limit in self.within.items()},
            "bands": [*self.edges],
            "at": self.at,
            "blind": self.blind,
            "may_change": self.may_change,
        }

    def _keys(self) -> Iterable[str]:
        return map(level_key, self.ladder.at_least(self.levels[0]))

    @cached_property
    def _stage(self) -> Quorum:
        keys = tuple(map(level_key, self.ladder.at_least(self.level)))
        return Quorum(electorate=Electorate(keys=keys), n=1, against=1)

    def _stage_for(self, level: str) -> str:
        """The lowest of its levels that includes one of the ladder; the highest for all others."""
        if level not in self.ladder:
            return self.levels[-1]
        enough = (own for own in self.levels if self.ladder.reaches(own, level))
        return next(enough, self.levels[-1])


def chain(
    *levels: str,
    ladder: Ladder | None = None,
    within: Mapping[str, timedelta | str] | None = None,
    bands: Iterable[float] | None = None,
) -> Chain:
    """Decided by one person of the first level, and passed up to the next where nobody does.

    A higher level may always decide what waits for a lower one.

    Args:
        levels: The levels that it passes through, the lowest first.
        ladder: All levels there are; without it those of the package: member, lead, director,
            executive.
        within: How much time each level has (`{"member": "4h"}`); without one it waits.
        bands: Scores from which on a review begins at the second level, the third and so on, one
            for each level but the first. A review without a score begins at the highest.

    Raises `GateError` for unknown levels, and for levels that do not rise.

    >>> from langgraph_hitl import Reviewer
    >>> panel = chain("member", "lead", "director", within={"member": "4h"})
    >>> panel.next_level, panel.raised().rule
    ('lead', 'lead or above, in the chain member, lead, director')
    >>> panel.raised().refusal(Reviewer("maria", level="member"))
    "it takes the level 'lead' or above"
    >>> own = Ladder("clerk", "head", "board")
    >>> chain("clerk", "board", ladder=own).rule
    'clerk or above, in the chain clerk, board'
    """
    own = Ladder(*levels)
    ladder = DEFAULT_LADDER if ladder is None else ladder
    edges = () if bands is None else checked_edges(bands, own.levels, "chain: bands")
    limits = _limits({} if within is None else within, own)
    return Chain(levels=own.levels, ladder=ladder, within=limits, edges=edges)


def _check_levels(levels: tuple[str, ...], ladder: Any) -> None:
    if not isinstance(ladder, Ladder):
        raise GateError(f"chain: ladder must be a Ladder, not {type(ladder).__name__}")
    for level in levels:
        if level not in ladder:
            raise GateError(
                f"chain: unknown level {level!r}{suggestion(level, ladder.levels)} "
                "(ladder= takes levels of your own)"
            )
    ranks = [ladder.rank(level) for level in levels]
    if ranks != sorted(ranks):
        raise GateError(
            f"chain: {', '.join(levels)} does not rise; the ladder is {', '.join(ladder.levels)}"
        )


def _limits(given: Any, own: Ladder) -> dict[str, timedelta]:
    if not isinstance(given, Mapping):
        raise GateError("chain: within maps levels to times, such as {'lead': '4h'}")
    limits = {}
    for level, limit in given.items():
        if level not in own:
            raise GateError(
                f"chain: within has a time for {level!r:.40}, which is none of "
                f"{', '.join(own.levels)}"
            )
        limits[level] = duration_of(limit, f"chain: the time of {level!r}")
    return limits
