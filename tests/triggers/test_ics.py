"""Calendars that are refused: what was not read whole, and for sure, is no calendar."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.triggers import Calendar
from tests.triggers.ics_text import event, ics, lies_in, zone

NOON = "DTSTART:20260601T120000Z"
DAILY = (NOON, "DURATION:PT1H")
FREE_BUSY = "BEGIN:VFREEBUSY\nFREEBUSY:20260601T000000Z/P1D\nEND:VFREEBUSY"


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("", "it is empty"),
        (" \n\n", "it is empty"),
        ("<html>Not found</html>", "line 1 is '<html>Not found</html>' where BEGIN:VCALENDAR"),
        ("\nhello", "line 2 is 'hello' where BEGIN:VCALENDAR was expected"),
        (" BEGIN:VCALENDAR\n END:VCALENDAR", "it is empty"),
        (event(NOON), "line 1 is 'BEGIN:VEVENT' where BEGIN:VCALENDAR was expected"),
        (ics() + "\nrest", "line 5 is 'rest' where BEGIN:VCALENDAR was expected"),
        (ics() + "\nEND:VCALENDAR", "line 5 is 'END:VCALENDAR'"),
        (ics(event(NOON)).removesuffix("END:VCALENDAR"), "breaks off inside of a VCALENDAR"),
        (ics(event(NOON))[:60], "breaks off inside of a VEVENT"),
        (ics("BEGIN:VEVENT\nEND:VTODO"), "line 5 is 'END:VTODO' inside of something else"),
        (ics(head="CALSCALE:JULIAN"), "Only Gregorian calendars are supported"),
        (ics(event(NOON), head="X-WR-TIMEZONE:Mars/Olympus"), "Mars/Olympus"),
        (ics("BEGIN:VTIMEZONE\nEND:VTIMEZONE", event(NOON)), "TZID"),
        (ics(event("DTSTART;TZID=Asia/Tokyo:20260601T000000Z")), "is in two time zones"),
        (ics(event(*DAILY), head="METHOD:CANCEL"), "it cancels events (METHOD:CANCEL)"),
        (ics(event(*DAILY), head="METHOD: cancel "), "it cancels events (METHOD:CANCEL)"),
        (ics(FREE_BUSY), "it has busy times (VFREEBUSY) and no events"),
        (ics(event(*DAILY)) + "\n" + ics(FREE_BUSY), "it has busy times (VFREEBUSY) and no events"),
    ],
)
def test_what_is_no_calendar(text: str, culprit: str) -> None:
    with pytest.raises(GateError) as refused:
        Calendar.parse(text, name="holidays.ics")
    assert str(refused.value).startswith("holidays.ics cannot be used as an ICS calendar: ")
    assert culprit in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "culprit"),
    [
        ((), "has no DTSTART"),
        (("DTSTART:tomorrow",), "has an unreadable DTSTART"),
        (("DTSTART:120000",), "has a time without a day as its DTSTART"),
        ((NOON, "DTSTART:20260602T120000Z"), "has more than one DTSTART"),
        ((NOON, "STATUS:CONFIRMED", "STATUS:CANCELLED"), "has more than one STATUS"),
        ((NOON, "RDATE;VALUE=TIME:133000Z"), "has a time without a day as its RDATE"),
        ((NOON, "DTEND:2026"), "has an unreadable DTEND"),
        ((NOON, "DTEND:20260601T115959Z"), "ends before it starts"),
        ((NOON, "DTEND;VALUE=DATE:20260602"), "starts and ends in different ways"),
        ((NOON, "DTEND:20260602T120000"), "starts and ends in different ways"),
        ((NOON, "DURATION:soon"), "has an unreadable DURATION"),
        ((NOON, "DURATION:-PT1H"), "has a DURATION that is negative"),
        (("DTSTART;VALUE=DATE:20260601", "DURATION:PT1H"), "is of whole days"),
        (("DTSTART;TZID=Mars/Olympus:20260601T120000",), "in the time zone 'Mars/Olympus'"),
        (
            (*DAILY, "RRULE:FREQ=DAILY", "EXDATE;TZID=Mars/Olympus:20260601T120000"),
            "has its EXDATE in",
        ),
        (("DTSTART;VALUE=DATE:20260601T000000",), "where VALUE=DATE says that it is a day"),
        ((NOON, "RRULE FREQ=DAILY"), "has an unreadable line"),
        ((NOON, "RRULE:FREQ=SOMETIMES"), "has an unreadable RRULE"),
        ((NOON, "RRULE:COUNT=3"), ""),
        ((NOON, "RRULE:FREQ=DAILY;INTERVAL=0"), "has INTERVAL=0 in its RRULE"),
        ((NOON, "RRULE:FREQ=DAILY;INTERVAL=-1"), "has INTERVAL=-1 in its RRULE"),
        ((NOON, "RRULE:FREQ=DAILY;BYMONTH=13"), "has BYMONTH=13 in its RRULE"),
        ((NOON, "RRULE:FREQ=DAILY;BYMONTHDAY=-32"), "has BYMONTHDAY=-32 in its RRULE"),
        ((NOON, "RRULE:FREQ=YEARLY;BYYEARDAY=0"), "has BYYEARDAY=0 in its RRULE"),
        ((NOON, "RRULE:FREQ=YEARLY;BYWEEKNO=1,54"), "has BYWEEKNO=54 in its RRULE"),
        ((NOON, "RRULE:FREQ=DAILY;BYHOUR=25"), ""),
        ((NOON, "RRULE:FREQ=MINUTELY;INTERVAL=30"), "more than 96 times a day"),
        ((NOON, "RRULE:FREQ=SECONDLY"), "more than 96 times a day"),
        ((NOON, "RRULE:FREQ=HOURLY;BYMINUTE=0,10,20,30,40"), "more than 96 times a day"),
        ((NOON, "RRULE:FREQ=DAILY", "EXDATE:never"), "has an unreadable EXDATE"),
        ((NOON, "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY;INTERVAL=2"), "has an EXRULE"),
        ((NOON, "RDATE;VALUE=PERIOD:20260701T120000Z/PT1H"), "has a period as its RDATE"),
        ((NOON, "RECURRENCE-ID:some"), "has an unreadable RECURRENCE-ID"),
    ],
)
def test_an_event_that_is_not_sure_makes_a_calendar_unusable(
    lines: tuple[str, ...], culprit: str
) -> None:
    text = ics(event(*DAILY), event("SUMMARY:Standby", *lines))
    with pytest.raises(GateError) as refused:
        Calendar.parse(text, name="holidays.ics")
    assert str(refused.value).startswith("holidays.ics cannot be used as an ICS calendar: ")
    assert culprit in str(refused.value)
    assert "the event 'Standby'" in str(refused.value) or not culprit


def test_an_event_without_a_name_is_refused_as_one() -> None:
    with pytest.raises(GateError, match="an event without a name has no DTSTART"):
        Calendar.parse(ics(event()))


def test_a_comment_after_the_end_is_none_of_the_calendar() -> None:
    Calendar.parse(ics(event(*DAILY)) + "\r\nX-COMMENT:Cached\r\n")


@pytest.mark.parametrize(
    "lines",
    [
        ("ATTENDEE;CN=x:not an address", "GEO:here", "PRIORITY:high", "URL:::"),
        ("X-ANYTHING:1", "DESCRIPTION:one\n two"),
    ],
)
def test_what_says_nothing_about_when_may_be_malformed(lines: tuple[str, ...]) -> None:
    Calendar.parse(ics(event(*DAILY, *lines)))


def test_two_events_with_one_uid_are_refused_where_one_would_be_lost() -> None:
    first, second = "DTSTART;VALUE=DATE:20260601", "DTSTART;VALUE=DATE:20260701"
    with pytest.raises(GateError, match="the event 'B' has the UID of another event, 'x'"):
        Calendar.parse(ics(event(first, uid="x"), event(second, "SUMMARY:B", uid="x")))
    Calendar.parse(ics(event(first, uid="x"), event(first, "SUMMARY:B", uid="x")))
    Calendar.parse(ics(event(first, uid="x"), event(second, "SEQUENCE:1", uid="x")))
    Calendar.parse(ics(event(first, uid="x"), event(second, "RECURRENCE-ID:20260601", uid="x")))


@pytest.mark.parametrize(
    ("start", "moved", "culprit"),
    [
        (NOON, "RECURRENCE-ID;VALUE=DATE:20260602", "has a day as its RECURRENCE-ID in a series"),
        (NOON, "RECURRENCE-ID:20260602", "has a day as its RECURRENCE-ID in a series with times"),
        ("DTSTART:20260601T120000", "RECURRENCE-ID:20260602", "has a day as its RECURRENCE-ID"),
        ("DTSTART:20260601", "RECURRENCE-ID:20260602T120000Z", "has a time as its RECURRENCE-ID"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_moved_event_that_would_stay_where_it_was_is_refused(
    start: str, moved: str, culprit: str, order: int
) -> None:
    series = event(start, "RRULE:FREQ=DAILY;COUNT=4", uid="x")
    exception = event("SUMMARY:Later", "DTSTART:20260603T150000Z", moved, uid="x")
    with pytest.raises(GateError, match=f"the event 'Later' {culprit}"):
        Calendar.parse(ics(*[series, exception][::order]))
    Calendar.parse(ics(exception))


def test_the_midnight_of_a_day_names_it_in_a_series_of_days() -> None:
    series = event("DTSTART:20260601", "RRULE:FREQ=DAILY;COUNT=4", uid="x")
    for midnight in ("RECURRENCE-ID:20260602T000000", "RECURRENCE-ID:20260602T000000Z"):
        moved = Calendar.parse(ics(series, event("DTSTART:20260620", midnight, uid="x")))
        assert not lies_in(moved, "2026-06-02T12:00")
        assert lies_in(moved, "2026-06-20T12:00")


def test_a_zone_that_another_file_defined_is_not_borrowed() -> None:
    starts = "DTSTART;TZID=Only There:20260601T120000"
    Calendar.parse(ics(zone("Only There", "+0100", "+0200"), event(starts)))
    with pytest.raises(GateError, match="in the time zone 'Only There', which nothing defines"):
        Calendar.parse(ics(event(starts)))


@pytest.mark.parametrize("text", [None, b"BEGIN:VCALENDAR", Path("holidays.ics")])
def test_only_a_text_is_parsed(text: object) -> None:
    with pytest.raises(GateError, match=r"Calendar\.parse takes the text of a calendar"):
        Calendar.parse(text)  # type: ignore[arg-type]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.ics", tmp_path, "nul\x00.ics", 3.5, None):
        with pytest.raises(GateError, match=r"the calendar .* cannot be read: "):
            Calendar.read(path)  # type: ignore[arg-type]


def test_a_file_that_is_no_calendar_is_named(tmp_path: Path) -> None:
    path = tmp_path / "holidays.ics"
    for content in (b"", b"\x00\x01\xff", ics().encode("utf-16"), b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(GateError, match=r"holidays\.ics cannot be used as an ICS calendar: "):
            Calendar.read(path)


@pytest.mark.parametrize("library", ["icalendar", "recurring_ical_events"])
def test_without_the_libraries_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra) as missing:
        Calendar.parse(ics())
    assert missing.value.extra == "policy"
