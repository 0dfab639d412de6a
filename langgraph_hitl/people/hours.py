"""`WorkingHours`: when somebody is at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.moment import moment_of
from langgraph_hitl.triggers.calendar import Calendar
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.schedule import Span
from langgraph_hitl.triggers.zone import zone_of


@dataclass(frozen=True, init=False)
class WorkingHours:
    """Hours of the week, but not on holidays.

    Args:
        spans: Texts such as `Mon-Fri 09:00-17:00`, `Sat 22:00-06:00` or `Sat-Sun`.
        tz: The time zone of the hours: `Europe/Berlin`.
        holidays: Calendars whose events are no working time.

    Raises `GateError` for spans that are none, and for an unknown time zone.

    >>> from datetime import UTC
    >>> hours = WorkingHours("Mon-Fri 09:00-17:00", tz="Europe/Berlin")
    >>> hours.contain(datetime(2026, 12, 1, 8, tzinfo=UTC))
    True
    >>> hours.contain(datetime(2026, 12, 1, 16, tzinfo=UTC))
    False
    """

    spans: tuple[Span, ...]
    zone: tzinfo
    zone_name: str
    holidays: tuple[Calendar, ...]

    def __init__(
        self, *spans: str, tz: str | tzinfo, holidays: Iterable[Calendar] | Calendar = ()
    ) -> None:
        if not spans:
            raise GateError("hours: name spans such as 'Mon-Fri 09:00-17:00'")
        zone, zone_name = zone_of(tz)
        object.__setattr__(self, "spans", tuple(map(_span, spans)))
        object.__setattr__(self, "zone", zone)
        object.__setattr__(self, "zone_name", zone_name)
        object.__setattr__(self, "holidays", _calendars(holidays))

    def contain(self, at: datetime) -> bool:
        """Whether a moment is working time."""
        moment = moment_of(at, "at")
        if not any(span.contains(moment.astimezone(self.zone)) for span in self.spans):
            return False
        return not any(calendar.events_at(moment, self.zone) for calendar in self.holidays)

    def __repr__(self) -> str:
        spans = ", ".join(repr(span.text) for span in self.spans)
        return f"WorkingHours({spans}, tz={self.zone_name!r})"


def _span(given: Any) -> Span:
    if not isinstance(given, str):
        raise GateError(
            f"hours: a span is a text such as 'Mon-Fri 09:00-17:00', not {quoted(given)}"
        )
    return Span.parse(given)


def _calendars(given: Any) -> tuple[Calendar, ...]:
    several = (given,) if isinstance(given, Calendar) else given
    if isinstance(several, str) or not isinstance(several, Iterable):
        raise GateError(f"holidays takes calendars: Calendar.read(path), not {quoted(given)}")
    calendars = tuple(several)
    for calendar in calendars:
        if not isinstance(calendar, Calendar):
            raise GateError(
                f"holidays takes calendars: Calendar.read(path), not {quoted(calendar)}"
            )
    return calendars
