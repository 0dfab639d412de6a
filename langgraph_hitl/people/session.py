"""`SessionLimit` and `rotated`: against decisions that are made while tired.

Pure functions over the moments at which people have decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.moment import moment_of

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SessionLimit:
    """So many decisions in any time of that length, and then a rest.

    Args:
        decisions: How many.
        within: In which time.

    Raises `GateError` for anything but a whole number from 1 on, and a time above zero.

    >>> limit = SessionLimit(decisions=2, within=timedelta(hours=1))
    >>> decided = [datetime(2026, 12, 1, 9, minute, tzinfo=UTC) for minute in (0, 20)]
    >>> limit.reached(decided, datetime(2026, 12, 1, 9, 30, tzinfo=UTC))
    True
    >>> limit.free_at(decided, datetime(2026, 12, 1, 9, 30, tzinfo=UTC)).isoformat()
    '2026-12-01T10:00:00+00:00'
    """

    decisions: int
    within: timedelta

    def __post_init__(self) -> None:
        count: Any = self.decisions
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise GateError(f"limit: decisions must be a whole number from 1 on, not {count!r:.40}")
        length: Any = self.within
        if not isinstance(length, timedelta) or length <= timedelta(0):
            raise GateError(f"limit: within must be a timedelta above zero, not {length!r:.40}")

    def reached(self, decided: Iterable[datetime], at: datetime) -> bool:
        """Whether somebody who has decided at these moments is to rest now."""
        return self.free_at(decided, at) > moment_of(at, "at")

    def free_at(self, decided: Iterable[datetime], at: datetime) -> datetime:
        """When somebody who has decided at these moments may go on: now, or after a rest.

        Moments that lie ahead count like the others, as clocks can be put back.
        """
        now = moment_of(at, "at")
        latest = sorted((moment_of(one, "decided") for one in decided), reverse=True)
        if len(latest) < self.decisions:
            return now
        return max(now, latest[self.decisions - 1] + self.within)


def rotated(
    people: Iterable[str],
    decisions: Mapping[str, Iterable[datetime]],
    *,
    at: datetime,
    within: timedelta,
) -> list[str]:
    """People in the order in which it is their turn.

    First is who has decided the least lately, then who has not decided for the longest time, then
    goes the id.

    Args:
        people: Their ids.
        decisions: The moments at which each of them has decided; nobody has to be in it.
        at: The present moment.
        within: How far back it counts.

    >>> at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    >>> decided = {"ann": [at - timedelta(minutes=5)], "bob": [at - timedelta(days=2)]}
    >>> rotated(["ann", "bob", "cem"], decided, at=at, within=timedelta(hours=8))
    ['cem', 'bob', 'ann']
    """
    since = moment_of(at, "at") - within

    def turn(person: str) -> tuple[int, datetime, str]:
        moments = [moment_of(one, "decided") for one in decisions.get(person, ())]
        return sum(one > since for one in moments), max(moments, default=_NEVER), person

    return sorted(people, key=turn)
