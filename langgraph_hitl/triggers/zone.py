"""Time zones: those that a user names, and those that calendars bring along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from langgraph_hitl.errors import GateError
from langgraph_hitl.review.finding import readable
from langgraph_hitl.triggers.number import quoted


def zone_of(tz: Any) -> tuple[tzinfo, str]:
    """The time zone of an option `tz`, and what to call it.

    >>> zone_of("Europe/Berlin")
    (zoneinfo.ZoneInfo(key='Europe/Berlin'), 'Europe/Berlin')
    """
    if isinstance(tz, str):
        zone = named_zone(tz)
        if zone is None:
            raise GateError(
                f"tz: unknown time zone {quoted(tz)}; give a name such as 'Europe/Berlin' (if it "
                "is one, the machine may have no time zone data: pip install tzdata)"
            )
        return zone, tz
    if not isinstance(tz, tzinfo):
        raise GateError(f"tz must be a name such as 'Europe/Berlin' or a tzinfo, not {quoted(tz)}")
    try:
        datetime(2000, 1, 1, tzinfo=UTC).astimezone(tz).isoformat()
        return tz, readable(str(tz), 60)
    except Exception as error:
        raise GateError(f"tz: {type(tz).__name__} gives no time: {readable(str(error))}") from None


def named_zone(name: str) -> ZoneInfo | None:
    """The zone of the time zone database with a name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


class CalendarZone(tzinfo):
    """A zone that a calendar defines by rules.

    Its offsets are remembered by day, as the library follows the rules from their beginning for
    each time that it is asked about.
    """

    def __init__(self, key: str, rules: tzinfo) -> None:
        self.key = key
        self._rules = rules
        self._days: dict[int, timedelta | None] = {}

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        day = moment.toordinal()
        if day not in self._days:
            first, last = (
                self._found(datetime.combine(moment, clock)) for clock in (time.min, time.max)
            )
            self._days[day] = first if first == last else None
        found = self._days[day]
        return self._found(moment) if found is None else found

    def dst(self, _moment: datetime | None) -> None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return self.key

    def _found(self, moment: datetime) -> timedelta | None:
        from icalendar.timezone import tzp

        found: datetime = tzp.localize(moment.replace(tzinfo=None), self._rules)
        return found.utcoffset()


def zones_of(calendar: Any) -> Iterator[tuple[str, tzinfo]]:
    """The zones that an ICS calendar defines, other than those that all know.

    The library keeps the first definition that any calendar of the process gave to a name.
    """
    from icalendar.timezone import tzp

    for component in calendar.walk("VTIMEZONE"):
        name = str(component["TZID"])
        if _known_zone(name) is None:
            yield name, CalendarZone(name, tzp.create_timezone(component))


def in_zone(moment: datetime, name: str, defined: dict[str, tzinfo]) -> datetime | None:
    """A moment of a calendar in the zone of that name; None if nothing defines it."""
    zone = defined.get(name) or _known_zone(name)
    if zone is not None:
        return moment.replace(tzinfo=zone)
    return moment if hasattr(moment.tzinfo, "key") else None


def _known_zone(name: str) -> ZoneInfo | None:
    """A zone of the time zone database, by its name there or in Windows."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = name.strip("/")
    return named_zone(WINDOWS_TO_OLSON.get(name, name))
