"""`FixedClock`: a clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


class FixedClock:
    """A clock for `Inbox.open(url, clock=...)` and for gates (`clock=`).

    Args:
        now: Where it stands; without it, a Monday morning.

    Raises `ValueError` for a time without a zone.

    >>> clock = FixedClock()
    >>> clock.advance(hours=25)
    datetime.datetime(2026, 1, 6, 10, 0, tzinfo=datetime.timezone.utc)
    >>> clock() == clock.now
    True
    """

    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = _in_utc(now)

    def __call__(self) -> datetime:
        """The present moment, in UTC."""
        return self._now

    @property
    def now(self) -> datetime:
        """The present moment, in UTC; assign to it to jump, also back."""
        return self._now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = _in_utc(moment)

    def advance(
        self,
        by: timedelta | None = None,
        *,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
    ) -> datetime:
        """Go on by a timedelta, by what the keywords say, or by both; gives the new moment."""
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._now += step if by is None else by + step
        return self._now


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A clock needs a time with a zone: datetime(..., tzinfo=UTC)")
    return moment.astimezone(UTC)
