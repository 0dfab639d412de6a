"""`Pause`: a time that counts for no deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from langgraph_hitl.errors import GateError


@dataclass(frozen=True)
class Pause:
    """From one moment to another, at which the time runs on.

    >>> from datetime import UTC
    >>> Pause(datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)).length.days
    1
    """

    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.begins.tzinfo is None or self.ends.tzinfo is None:
            raise GateError("a pause needs moments with a time zone (UTC)")
        if self.begins >= self.ends:
            raise GateError(f"a pause ends ({self.ends}) before it has begun ({self.begins})")

    @property
    def length(self) -> timedelta:
        return self.ends - self.begins


def after(begins: datetime, duration: timedelta, pauses: Iterable[Pause]) -> datetime:
    """The moment at which `duration` has run since `begins`; pauses may overlap.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 1, 5, tzinfo=UTC)
    >>> day = timedelta(days=1)
    >>> after(monday, day, [Pause(monday + day / 2, monday + 2 * day)])
    datetime.datetime(2026, 1, 7, 12, 0, tzinfo=datetime.timezone.utc)
    """
    now, left = begins, duration
    for pause in sorted(pauses, key=lambda pause: pause.begins):
        if pause.ends <= now:
            continue
        if pause.begins - now >= left:
            break
        left -= max(pause.begins - now, timedelta(0))
        now = pause.ends
    return now + left
