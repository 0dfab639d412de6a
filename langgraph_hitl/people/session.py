"""`SessionLimit` and `Rotation`: against decisions that are made while tired, or by few.

Pure functions over the moments at which people have decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.moment import moment_of


@dataclass(frozen=True, kw_only=True)
class SessionLimit:
    """So many decisions in any time of that length, and then a rest.

    Args:
        decisions: How many.
        within: In which time.

    Raises `GateError` for anything but a whole number from 1 on, and a time above zero.

    >>> from datetime import UTC
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
        _check_length(self.within, "limit")

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


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Everybody decides as many in a time of this length, however fast they are.

    Where only what is open counts, those who are fast get the more, and those who are thorough the
    less. Here what somebody has decided lately counts as much as what is open with them.

    Args:
        within: How far back it counts, such as a shift.

    Raises `GateError` for anything but a time above zero.

    >>> from datetime import UTC
    >>> Rotation(within=timedelta(hours=8)).since(datetime(2026, 12, 1, 17, tzinfo=UTC)).isoformat()
    '2026-12-01T09:00:00+00:00'
    """

    within: timedelta

    def __post_init__(self) -> None:
        _check_length(self.within, "rotation")

    def since(self, at: datetime) -> datetime:
        """What was decided after this counts."""
        return moment_of(at, "at") - self.within


def _check_length(given: Any, what: str) -> None:
    if not isinstance(given, timedelta) or given <= timedelta(0):
        raise GateError(f"{what}: within must be a timedelta above zero, not {given!r:.40}")
