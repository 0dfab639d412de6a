"""ICS texts for the tests."""

from __future__ import annotations

from langgraph_hitl.triggers import Calendar

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
