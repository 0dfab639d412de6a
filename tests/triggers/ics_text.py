"""ICS texts for the tests, and what they say of a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from langgraph_hitl.triggers import Calendar

BERLIN = ZoneInfo("Europe/Berlin")

CHRISTMAS = ("SUMMARY:Christmas Day", "DTSTART;VALUE=DATE:20261225")
WEEKLY = ("DTSTART:20260602T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")

_numbers = iter(range(1, 1_000_000))


def event(*lines: str, uid: str | None = None) -> str:
    """A VEVENT; with a UID of its own unless it is given."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid or next(_numbers)}", *lines, "END:VEVENT"])


def ics(*components: str, head: str = "") -> str:
    """A VCALENDAR of these components."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", head, *components, "END:VCALENDAR"]
    return "\n".join(line for line in lines if line)


def calendar(*lines: str) -> Calendar:
    """A calendar with one event."""
    return Calendar.parse(ics(event(*lines)))


def zone(key: str, winter: str, summer: str) -> str:
    """A VTIMEZONE with the daylight saving of the European Union."""
    return "\n".join(
        [
            "BEGIN:VTIMEZONE",
            f"TZID:{key}",
            "BEGIN:STANDARD",
            "DTSTART:19701025T030000",
            f"TZOFFSETFROM:{summer}",
            f"TZOFFSETTO:{winter}",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:19700329T020000",
            f"TZOFFSETFROM:{winter}",
            f"TZOFFSETTO:{summer}",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
            "END:DAYLIGHT",
            "END:VTIMEZONE",
        ]
    )


def lies_in(within: Calendar, moment: str, tz: tzinfo = BERLIN) -> bool:
    """Whether a moment lies in an event. Without an offset it is in UTC."""
    at = datetime.fromisoformat(moment)
    return bool(within.events_at(at if at.tzinfo else at.replace(tzinfo=UTC), tz))


def boundaries(within: Calendar, start: str, end: str, tz: tzinfo = BERLIN) -> None:
    """Assert that the event lasts from `start` to `end`, in UTC, the end exclusive."""
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    instant = timedelta(microseconds=1)
    assert not within.events_at(first - instant, tz)
    assert within.events_at(first, tz)
    assert within.events_at(last - instant, tz)
    assert not within.events_at(last, tz)
