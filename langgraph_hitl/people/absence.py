"""`Absence`: a time in which somebody decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.moment import moment_of
from langgraph_hitl.review.reviewer import checked_name


@dataclass(frozen=True)
class Absence:
    """Away from one moment to another, at which the person is back.

    Args:
        begins: The first moment, with a time zone.
        ends: The moment from which on the person is there again.
        delegate: The id of who acts for the person meanwhile, instead of the usual one.

    Raises `GateError` for times without a zone, and for an end that is not after the beginning.

    >>> from datetime import UTC
    >>> away = Absence(datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))
    >>> away.covers(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)), away.covers(away.ends)
    (True, False)
    """

    begins: datetime
    ends: datetime
    delegate: str | None = None

    def __post_init__(self) -> None:
        for name in ("begins", "ends"):
            object.__setattr__(self, name, moment_of(getattr(self, name), f"absence: {name}"))
        if self.begins >= self.ends:
            raise GateError(f"absence: it ends ({self.ends}) before it has begun ({self.begins})")
        if self.delegate is not None:
            checked_name(self.delegate, "the delegate of an absence")

    def covers(self, at: datetime) -> bool:
        """Whether the person is away at a moment."""
        return self.begins <= moment_of(at, "at") < self.ends

    def overlaps(self, other: Absence) -> bool:
        """Whether there is a moment in both."""
        return self.begins < other.ends and other.begins < self.ends

    def __str__(self) -> str:
        return f"from {self.begins:%Y-%m-%d %H:%M} to {self.ends:%Y-%m-%d %H:%M} UTC"
