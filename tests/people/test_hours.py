"""When somebody is at work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from langgraph_hitl.errors import GateError
from langgraph_hitl.people import WorkingHours
from langgraph_hitl.triggers.calendar import Calendar

CHRISTMAS = Calendar.parse(
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Christmas Day\n"
    "DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR"
)
OFFICE = WorkingHours("Mon-Fri 09:00-17:00", tz="Europe/Berlin", holidays=CHRISTMAS)


@pytest.mark.parametrize(
    ("day", "hour", "minute", "works"),
    [
        (1, 7, 59, False),
        (1, 8, 0, True),
        (1, 15, 59, True),
        (1, 16, 0, False),
        (5, 12, 0, False),  # a Saturday
        (25, 12, 0, False),  # a Friday, and Christmas
        (28, 12, 0, True),
    ],
)
def test_working_time(day: int, hour: int, minute: int, works: bool) -> None:
    assert OFFICE.contain(datetime(2026, 12, day, hour, minute, tzinfo=UTC)) is works


def test_several_spans() -> None:
    hours = WorkingHours("Mon 09:00-10:00", "Tue 22:00-06:00", tz="UTC")
    assert hours.contain(datetime(2026, 11, 30, 9, tzinfo=UTC))
    assert hours.contain(datetime(2026, 12, 2, 5, tzinfo=UTC))
    assert not hours.contain(datetime(2026, 12, 2, 6, tzinfo=UTC))
    assert repr(hours) == "WorkingHours('Mon 09:00-10:00', 'Tue 22:00-06:00', tz='UTC')"


@pytest.mark.parametrize(
    ("spans", "options", "message"),
    [
        ((), {"tz": "UTC"}, "name spans"),
        (("Mon-Fry",), {"tz": "UTC"}, "Fry"),
        ((5,), {"tz": "UTC"}, "a span is a text"),
        (("Mon",), {"tz": "Europe/Belin"}, "unknown time zone 'Europe/Belin'"),
        (("Mon",), {"tz": None}, "tz must be a name"),
        (("Mon",), {"tz": "UTC", "holidays": "x.ics"}, "holidays takes calendars"),
        (("Mon",), {"tz": "UTC", "holidays": ["x.ics"]}, "holidays takes calendars"),
        (("Mon",), {"tz": "UTC", "holidays": None}, "holidays takes calendars"),
    ],
)
def test_hours_that_are_none(spans: Any, options: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        WorkingHours(*spans, **options)
