"""`Stage`: how long a review is with one level, and who is reminded on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.reviewer import checked_name


@dataclass(frozen=True, init=False)
class Stage:
    """The time that one level has.

    Args:
        level: Whose time it is; None where the panel has no levels.
        limit: How long; None for a level that has all the time there is.
        remind: How long before the end people are reminded; a single duration, or several.

    Raises `GateError` for a reminder that would come before the stage has begun, or without an end.

    >>> Stage("lead", "4h", remind="1h").remind
    (datetime.timedelta(seconds=3600),)
    """

    level: str | None
    limit: timedelta | None
    remind: tuple[timedelta, ...]

    def __init__(
        self,
        level: str | None = None,
        limit: timedelta | str | None = None,
        *,
        remind: timedelta | str | Iterable[timedelta | str] = (),
    ) -> None:
        time = None if limit is None else duration_of(limit, "the time of a stage")
        object.__setattr__(self, "level", level and checked_name(level, "the level of a stage"))
        object.__setattr__(self, "limit", time)
        object.__setattr__(self, "remind", reminders_of(remind, "a reminder"))
        self._check_reminders()

    def _check_reminders(self) -> None:
        if not self.remind:
            return
        longest = duration_text(self.remind[0])
        if self.limit is None:
            raise GateError(f"a reminder {longest} before the end of a stage that has no end")
        if self.remind[0] >= self.limit:
            raise GateError(
                f"a reminder {longest} before the end of a stage of {duration_text(self.limit)} "
                "would come before the stage has begun; give a shorter one"
            )


def reminders_of(given: Any, what: str) -> tuple[timedelta, ...]:
    """One duration or several, each once, the longest first; raises `GateError` for none of it.

    >>> reminders_of(["30m", "2h"], "remind")
    (datetime.timedelta(seconds=7200), datetime.timedelta(seconds=1800))
    """
    many = isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping)
    several = given if many else (given,)
    return tuple(sorted({duration_of(one, what) for one in several}, reverse=True))
