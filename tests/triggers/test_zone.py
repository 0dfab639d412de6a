"""Time zones that users name, and the rules that calendars bring along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import icalendar
import pytest

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.zone import CalendarZone, in_zone, zone_of, zones_of
from tests.triggers.ics_text import ics, zone


def test_a_zone_has_a_name() -> None:
    assert zone_of("Europe/Berlin") == (ZoneInfo("Europe/Berlin"), "Europe/Berlin")
    assert zone_of(ZoneInfo("Asia/Tokyo")) == (ZoneInfo("Asia/Tokyo"), "Asia/Tokyo")
    assert zone_of(UTC) == (UTC, "UTC")
    assert zone_of(timezone(timedelta(hours=2)))[1] == "UTC+02:00"


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "Europe", "../etc/passwd", "\x00", "é"])
def test_an_unknown_name_says_what_may_help(name: str) -> None:
    with pytest.raises(GateError) as refused:
        zone_of(name)
    assert str(refused.value).startswith("tz: unknown time zone '")
    assert "pip install tzdata" in str(refused.value)


@pytest.mark.parametrize("tz", [None, 1, timedelta(hours=1), datetime(2026, 1, 1)])
def test_a_zone_is_never_guessed(tz: object) -> None:
    with pytest.raises(GateError, match="tz must be a name such as 'Europe/Berlin' or a tzinfo"):
        zone_of(tz)


def test_a_tzinfo_that_gives_no_time_is_refused() -> None:
    class Nowhere(tzinfo):
        def utcoffset(self, _moment: datetime | None) -> None: ...
        def dst(self, _moment: datetime | None) -> None: ...
        def tzname(self, _moment: datetime | None) -> None: ...

    with pytest.raises(GateError, match="tz: Nowhere gives no time"):
        zone_of(Nowhere())


@pytest.fixture
def defined() -> dict[str, tzinfo]:
    text = ics(zone("Ours", "+0100", "+0200"), zone("Asia/Tokyo", "+0100", "+0200"))
    return dict(zones_of(icalendar.Calendar.from_ical(text)))


def test_a_calendar_defines_what_nobody_else_does(defined: dict[str, tzinfo]) -> None:
    assert list(defined) == ["Ours"]
    noon = datetime(2026, 6, 1, 12)
    assert in_zone(noon, "Ours", defined) == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert in_zone(noon, "Asia/Tokyo", defined) == datetime(2026, 6, 1, 3, tzinfo=UTC)
    assert in_zone(noon, "/Asia/Tokyo", defined) == datetime(2026, 6, 1, 3, tzinfo=UTC)
    assert in_zone(noon, "Tokyo Standard Time", defined) == datetime(2026, 6, 1, 3, tzinfo=UTC)
    assert in_zone(noon, "Theirs", defined) is None


def test_the_rules_of_a_calendar_give_every_offset(defined: dict[str, tzinfo]) -> None:
    ours, berlin = defined["Ours"], ZoneInfo("Europe/Berlin")
    assert isinstance(ours, CalendarZone)
    assert ours.utcoffset(None) is None
    assert ours.tzname(None) == "Ours"
    for day in (datetime(2026, 3, 28), datetime(2026, 10, 24), datetime(2045, 7, 1)):
        for minutes in range(0, 3 * 24 * 60, 30):
            for _ in range(2):
                local = day + timedelta(minutes=minutes)
                if (local.month, local.hour) != (3, 2):  # a time that the clocks leave out
                    assert ours.utcoffset(local) == berlin.utcoffset(local), local
