"""Which moments lie in the events of a calendar."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import Calendar
from langgraph_hitl.triggers.schedule import DAYS, Span
from tests.triggers.ics_text import (
    BERLIN,
    CHRISTMAS,
    WEEKLY,
    boundaries,
    calendar,
    event,
    ics,
    lies_in,
    zone,
)

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
AUCKLAND = ZoneInfo("Pacific/Auckland")
HONOLULU = ZoneInfo("Pacific/Honolulu")


def test_a_day_is_the_local_day() -> None:
    christmas = calendar(*CHRISTMAS)
    boundaries(christmas, "2026-12-24T23:00", "2026-12-25T23:00", BERLIN)
    boundaries(christmas, "2026-12-25T05:00", "2026-12-26T05:00", NEW_YORK)
    boundaries(christmas, "2026-12-24T11:00", "2026-12-25T11:00", AUCKLAND)
    boundaries(christmas, "2026-12-25T10:00", "2026-12-26T10:00", HONOLULU)
    farthest = timezone(timedelta(hours=-23, minutes=-59))
    boundaries(christmas, "2026-12-25T23:59", "2026-12-26T23:59", farthest)
    boundaries(
        christmas, "2026-12-24T00:01", "2026-12-25T00:01", timezone(-farthest.utcoffset(None))
    )


@pytest.mark.parametrize("day", range(10, 20))
def test_every_day_of_a_week_is_found_from_far_away(day: int) -> None:
    whole = calendar(f"DTSTART;VALUE=DATE:202606{day}")
    noon = calendar(f"DTSTART:202606{day}T120000", "DURATION:PT1H")
    for hours in (-23, -10, 14, 23):
        tz = timezone(timedelta(hours=hours))
        first = datetime(2026, 6, day, tzinfo=tz).astimezone(UTC).replace(tzinfo=None)
        boundaries(whole, f"{first}", f"{first + timedelta(days=1)}", tz)
        boundaries(noon, f"{first + timedelta(hours=12)}", f"{first + timedelta(hours=13)}", tz)


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    boundaries(calendar("DTSTART;VALUE=DATE:20260329"), "2026-03-28T23:00", "2026-03-29T22:00")
    boundaries(calendar("DTSTART;VALUE=DATE:20261025"), "2026-10-24T22:00", "2026-10-25T23:00")


@pytest.mark.parametrize(
    ("length", "last_day"),
    [
        ((), "2026-12-25"),
        (("DTEND;VALUE=DATE:20261226",), "2026-12-25"),
        (("DTEND;VALUE=DATE:20261225",), "2026-12-25"),
        (("DTEND;VALUE=DATE:20270102",), "2027-01-01"),
        (("DURATION:P1D",), "2026-12-25"),
        (("DURATION:P2W",), "2027-01-07"),
    ],
)
def test_days_end_before_their_dtend(length: tuple[str, ...], last_day: str) -> None:
    days = calendar("DTSTART;VALUE=DATE:20261225", *length)
    last = datetime.fromisoformat(f"{last_day}T23:59:59")
    boundaries(days, "2026-12-25T00:00", (last + timedelta(seconds=1)).isoformat(), tz=UTC)


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART;TZID=Europe/Berlin;VALUE=DATE:20261225",
        "DTSTART;VALUE=DATE;tzid=Europe/Berlin:20261225",
        'DTSTART;TZID="Europe/Berlin":20261225',
        "DTSTART;TZID=Europe/Ber\n lin:20261225",
        "DTSTART:20261225",
    ],
)
def test_a_day_has_no_zone_of_its_own(start: str) -> None:
    boundaries(calendar(start), "2026-12-25T05:00", "2026-12-26T05:00", NEW_YORK)


def test_times_without_a_zone_are_local() -> None:
    lunch = calendar("DTSTART:20260601T120000", "DTEND:20260601T130000")
    boundaries(lunch, "2026-06-01T10:00", "2026-06-01T11:00", BERLIN)
    boundaries(lunch, "2026-06-01T16:00", "2026-06-01T17:00", NEW_YORK)
    boundaries(lunch, "2026-06-01T22:00", "2026-06-01T23:00", HONOLULU)


def test_times_in_utc_and_in_a_zone_are_the_same_everywhere() -> None:
    utc = calendar("DTSTART:20260601T120000Z", "DTEND:20260601T130000Z")
    tokyo = calendar("DTSTART;TZID=Asia/Tokyo:20260601T210000", "DURATION:PT1H")
    windows = calendar("DTSTART;TZID=Tokyo Standard Time:20260601T210000", "DURATION:PT1H")
    for within in (utc, tokyo, windows):
        for tz in (BERLIN, NEW_YORK, AUCKLAND, UTC):
            boundaries(within, "2026-06-01T12:00", "2026-06-01T13:00", tz)


def test_start_and_end_may_be_in_different_zones() -> None:
    flight = calendar(
        "DTSTART;TZID=Europe/Berlin:20260328T220000", "DTEND;TZID=America/New_York:20260329T030000"
    )
    boundaries(flight, "2026-03-28T21:00", "2026-03-29T07:00")


def test_a_zone_that_the_file_defines_is_that_of_the_file() -> None:
    here = ics(zone("Our own", "+0100", "+0200"), event(*in_zone("Our own")))
    there = ics(event(*in_zone("Our own")), zone("Our own", "-0500", "-0400"))
    for _ in range(2):
        boundaries(Calendar.parse(here), "2026-03-28T22:00", "2026-03-29T04:00")
        boundaries(Calendar.parse(there), "2026-03-29T04:00", "2026-03-29T10:00")


def in_zone(key: str) -> tuple[str, ...]:
    """23:00 to 06:00 in the night in which summer begins."""
    return f"DTSTART;TZID={key}:20260328T230000", f"DTEND;TZID={key}:20260329T060000"


def test_a_definition_of_a_known_zone_changes_nothing() -> None:
    text = ics(zone("Europe/Berlin", "-0500", "-0400"), event(*in_zone("Europe/Berlin")))
    boundaries(Calendar.parse(text), "2026-03-28T22:00", "2026-03-29T04:00")


def test_the_zone_of_a_calendar_is_that_of_its_times_without_one() -> None:
    text = ics(event("DTSTART:20260601T120000", "DURATION:PT1H"), head="X-WR-TIMEZONE:Asia/Tokyo")
    boundaries(Calendar.parse(text), "2026-06-01T03:00", "2026-06-01T04:00", BERLIN)
    text = text.replace("T120000", "T120000Z")
    boundaries(Calendar.parse(text), "2026-06-01T12:00", "2026-06-01T13:00", BERLIN)


NIGHTLY = "DTSTART;TZID=Europe/Berlin:20260101T220000"


@pytest.mark.parametrize(
    ("length", "spring_ends", "autumn_ends"),
    [
        ("DTEND;TZID=Europe/Berlin:20260102T060000", "2026-03-29T04:00", "2026-10-25T05:00"),
        ("DURATION:PT8H", "2026-03-29T05:00", "2026-10-25T04:00"),
        ("DURATION:P1D", "2026-03-29T20:00", "2026-10-25T21:00"),
        ("DURATION:P1DT1H", "2026-03-29T21:00", "2026-10-25T22:00"),
    ],
)
def test_a_night_in_which_the_clocks_change(
    length: str, spring_ends: str, autumn_ends: str
) -> None:
    nights = calendar(NIGHTLY, length, "RRULE:FREQ=WEEKLY;BYDAY=SA")
    boundaries(nights, "2026-03-28T21:00", spring_ends)
    boundaries(nights, "2026-10-24T20:00", autumn_ends)


def test_how_long_an_event_lasts_is_not_for_others_to_say() -> None:
    lunch = ("DTSTART:20260601T120000Z", "DTEND:20260601T130000Z")
    for length in ("0 60", "never"):
        marked = calendar(*lunch, f"X-LANGGRAPH-HITL-LENGTH:{length}")
        boundaries(marked, "2026-06-01T12:00", "2026-06-01T13:00")


def test_a_time_that_is_there_twice_or_never() -> None:
    twice = calendar(
        "DTSTART;TZID=Europe/Berlin:20261025T023000", "DTEND;TZID=Europe/Berlin:20261025T030000"
    )
    boundaries(twice, "2026-10-25T00:30", "2026-10-25T02:00")  # from the first 02:30 on
    never = calendar("DTSTART;TZID=Europe/Berlin:20260329T023000", "DURATION:PT30M")
    boundaries(never, "2026-03-29T01:30", "2026-03-29T02:00")  # as long after the change


def test_half_an_hour_of_daylight_saving() -> None:
    nights = calendar("DTSTART:20260101T220000", "DTEND:20260102T060000", "RRULE:FREQ=DAILY")
    boundaries(nights, "2026-04-04T11:00", "2026-04-04T19:30", LORD_HOWE)
    boundaries(nights, "2026-10-03T11:30", "2026-10-03T19:00", LORD_HOWE)


def test_a_moment_without_length_covers_nothing() -> None:
    reminder = calendar("DTSTART:20260601T120000Z")
    assert not lies_in(reminder, "2026-06-01T12:00")
    same = calendar("DTSTART:20260601T120000Z", "DTEND:20260601T120000Z")
    assert not lies_in(same, "2026-06-01T12:00")


def test_events_that_are_marked_as_free_count() -> None:
    assert lies_in(calendar(*CHRISTMAS, "TRANSP:TRANSPARENT"), "2026-12-25T10:00")


def test_what_is_no_event_does_not_count() -> None:
    todo = "BEGIN:VTODO\nUID:t\nDTSTART:20260601T000000Z\nDUE:20260602T000000Z\nEND:VTODO"
    assert not lies_in(Calendar.parse(ics(todo)), "2026-06-01T12:00")
    free_busy = "BEGIN:VFREEBUSY\nFREEBUSY:20260601T000000Z/P1D\nEND:VFREEBUSY"
    both = Calendar.parse(ics(todo, free_busy, event(*CHRISTMAS)))
    assert not lies_in(both, "2026-06-01T12:00")


@pytest.mark.parametrize(
    "text", [ics(), "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ics() + "\n" + ics()]
)
def test_no_moment_lies_in_an_empty_calendar(text: str) -> None:
    empty = Calendar.parse(text)
    for moment in ("1970-01-01T00:00", "2026-12-25T10:00", "2099-12-31T23:59"):
        assert empty.events_at(datetime.fromisoformat(moment).replace(tzinfo=UTC), BERLIN) == []


def test_a_file_may_hold_several_calendars() -> None:
    both = Calendar.parse(ics(event(*CHRISTMAS)) + "\r\n" + ics(event("DTSTART:20261226")))
    assert lies_in(both, "2026-12-25T10:00")
    assert lies_in(both, "2026-12-26T10:00")


def test_a_moment_is_never_guessed() -> None:
    with pytest.raises(GateError, match="the moment must have a time zone"):
        calendar(*CHRISTMAS).events_at(datetime(2026, 12, 25), BERLIN)


def test_events_have_names() -> None:
    named = Calendar.parse(
        ics(
            event(*CHRISTMAS),
            event("DTSTART:20261225", "SUMMARY:Christmas Day"),
            event("DTSTART:20261225", "SUMMARY;LANGUAGE=en:One", "SUMMARY;LANGUAGE=de:Eins"),
            event("DTSTART:20261225", "SUMMARY:  "),
            event("DTSTART:20261225"),
        )
    )
    names = named.events_at(datetime(2026, 12, 25, 10, tzinfo=UTC), UTC)
    assert names == ["Christmas Day", "One", None]


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig"])
def test_a_calendar_is_read_from_a_file(tmp_path: Path, encode: str) -> None:
    path = tmp_path / "holidays.ics"
    path.write_bytes(ics(event("SUMMARY:Año nuevo", "DTSTART:20260101")).encode(encode))
    for given_path in (path, str(path)):
        holidays = Calendar.read(given_path)
        assert holidays.name == "holidays.ics"
        assert repr(holidays) == "<Calendar holidays.ics>"
        assert holidays.events_at(datetime(2026, 1, 1, tzinfo=UTC), UTC) == ["Año nuevo"]


def test_a_text_in_another_encoding_costs_only_letters(tmp_path: Path) -> None:
    path = tmp_path / "holidays.ics"
    path.write_bytes(ics(event("SUMMARY:Año nuevo", "DTSTART:20260101")).encode("latin-1"))
    assert Calendar.read(path).events_at(datetime(2026, 1, 1, tzinfo=UTC), UTC) == [
        "A\ufffdo nuevo"
    ]


A_YEAR = st.integers(0, 365 * 24 * 60 - 1).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
AROUND_CHANGES = st.tuples(
    st.sampled_from(
        ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"]
    ),
    st.integers(-36 * 60, 36 * 60),
).map(lambda t: datetime.fromisoformat(t[0]).replace(tzinfo=UTC) + timedelta(minutes=t[1]))


@given(
    st.sampled_from(DAYS),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 24 * 60 - 1),
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE]),
    st.lists(A_YEAR | AROUND_CHANGES, min_size=1, max_size=20),
)
def test_a_weekly_event_in_local_time_is_a_span(
    day: str, start: int, minutes: int, tz: ZoneInfo, moments: list[datetime]
) -> None:
    first = datetime(2025, 12, 22) + timedelta(days=DAYS.index(day), minutes=start)  # a Monday
    last = first + timedelta(minutes=minutes)
    weekly = calendar(
        f"DTSTART:{first:%Y%m%dT%H%M%S}", f"DTEND:{last:%Y%m%dT%H%M%S}", "RRULE:FREQ=WEEKLY"
    )
    span = Span.parse(f"{day} {first:%H:%M}-{last:%H:%M}")
    for moment in moments:
        expected = span.contains(moment.astimezone(tz))
        assert bool(weekly.events_at(moment, tz)) is expected, moment.astimezone(tz)


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the library that follows the rules."""
    asked: list[Any] = []
    of: Callable[[Any], Any] = recurring_ical_events.of

    def counted(ics: Any) -> Any:
        asked.append(ics)
        return of(ics)

    monkeypatch.setattr(recurring_ical_events, "of", counted)
    return asked


def test_a_week_of_reviews_follows_the_rules_once(queries: list[Any]) -> None:
    weekly = calendar(*WEEKLY)
    queries.clear()
    tuesday = datetime(2026, 6, 9, tzinfo=UTC)
    found = [
        len(weekly.events_at(tuesday + timedelta(minutes=15 * quarter), tz))
        for quarter in range(4 * 24)
        for tz in (UTC, BERLIN)
    ]
    assert sum(found) == 8
    assert len(queries) == 1


def test_few_weeks_are_kept(queries: list[Any]) -> None:
    weekly = calendar(*WEEKLY)
    for week in range(100):
        assert lies_in(weekly, f"{datetime(2026, 6, 9, 9, 30) + timedelta(weeks=week)}")
    assert len(weekly._weeks) <= 8


def test_many_threads_may_ask_at_once() -> None:
    daily = "DTSTART;TZID=Our own:20260101T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY"
    events = [event(*daily) for _ in range(3)]
    several = Calendar.parse(ics(zone("Our own", "+0100", "+0200"), *events))
    moments = [
        datetime(2026, 1, 1, 8, 30, tzinfo=UTC) + timedelta(days=7 * n, hours=n % 2)
        for n in range(12)
    ]
    alone = [lies_in(several, str(moment)) for moment in moments]
    assert alone == [True, False] * 6
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(lies_in, several, str(moment)) for moment in moments * 20]
        together = [answer.result(timeout=60) for answer in asked]
    assert together == alone * 20


def test_a_failed_query_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    weekly = calendar(*WEEKLY)

    def broken(_ics: Any) -> Any:
        raise OverflowError("too far")

    with monkeypatch.context() as patch:
        patch.setattr(recurring_ical_events, "of", broken)
        with pytest.raises(OverflowError):
            lies_in(weekly, "2026-06-09T09:30")
    assert lies_in(weekly, "2026-06-09T09:30")
