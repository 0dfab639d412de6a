"""Events that repeat: which of them count, and how those that were written anew do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from langgraph_hitl.triggers import Calendar
from tests.triggers.ics_text import CHRISTMAS, WEEKLY, boundaries, calendar, event, ics, lies_in


def test_repeated_events_have_exceptions() -> None:
    weekly = calendar(*WEEKLY, "EXDATE:20260616T090000Z", "RDATE:20260618T090000Z")
    assert lies_in(weekly, "2026-06-09T09:30")
    assert not lies_in(weekly, "2026-06-16T09:30")
    assert lies_in(weekly, "2026-06-18T09:30")
    assert lies_in(weekly, "2046-06-05T09:30")
    assert not lies_in(weekly, "2026-05-26T09:30")


@pytest.mark.parametrize("bound", ["COUNT=3", "UNTIL=20260616T090000Z"])
def test_repeated_events_can_end(bound: str) -> None:
    weekly = calendar(*WEEKLY[:2], f"RRULE:FREQ=WEEKLY;{bound}")
    assert lies_in(weekly, "2026-06-16T09:30")
    assert not lies_in(weekly, "2026-06-23T09:30")


@pytest.mark.parametrize("until", ["20260616T090000", "20260616T130000Z", "20260616"])
@pytest.mark.parametrize("key", ["America/New_York", "Eastern Standard Time"])
def test_the_last_day_of_a_repeated_event_counts(until: str, key: str) -> None:
    weekly = calendar(
        f"DTSTART;TZID={key}:20260602T090000", "DURATION:PT1H", f"RRULE:FREQ=WEEKLY;UNTIL={until}"
    )
    boundaries(weekly, "2026-06-16T13:00", "2026-06-16T14:00")
    assert not lies_in(weekly, "2026-06-23T13:30")


@pytest.mark.parametrize("until", ["20260616T090000", "20260616T090000Z", "20260616"])
def test_the_last_day_counts_without_a_zone(until: str) -> None:
    for start in ("DTSTART:20260602T090000", "DTSTART;VALUE=DATE:20260602"):
        weekly = calendar(start, f"RRULE:FREQ=WEEKLY;UNTIL={until}", "DURATION:P1D")
        assert lies_in(weekly, "2026-06-16T09:30", UTC)
        assert not lies_in(weekly, "2026-06-23T09:30", UTC)


def overridden(*lines: str, which: str = "RECURRENCE-ID:20260616T090000Z") -> Calendar:
    """The weekly event with one occurrence written anew."""
    return Calendar.parse(ics(event(*WEEKLY, uid="w"), event(which, *lines, uid="w")))


def test_an_occurrence_can_be_moved() -> None:
    moved = overridden("DTSTART:20270101T150000Z", "DTEND:20270101T160000Z", "SUMMARY:Moved")
    assert not lies_in(moved, "2026-06-16T09:30")
    assert lies_in(moved, "2026-06-23T09:30")
    assert moved.events_at(datetime(2027, 1, 1, 15, 30, tzinfo=UTC), UTC) == ["Moved"]


def test_an_occurrence_can_be_longer() -> None:
    longer = overridden("DTSTART:20260616T090000Z", "DTEND:20260620T090000Z")
    assert lies_in(longer, "2026-06-20T08:59")
    assert not lies_in(longer, "2026-06-20T09:00")


def test_an_occurrence_and_those_after_it_can_be_moved() -> None:
    later = overridden(
        "DTSTART:20260616T120000Z",
        "DURATION:PT2H",
        which="RECURRENCE-ID;RANGE=THISANDFUTURE:20260616T090000Z",
    )
    boundaries(later, "2026-06-09T09:00", "2026-06-09T10:00")
    boundaries(later, "2026-06-16T12:00", "2026-06-16T14:00")
    boundaries(later, "2026-06-23T12:00", "2026-06-23T14:00")


def test_cancelled_events_are_left_out() -> None:
    assert not lies_in(calendar(*CHRISTMAS, "STATUS:CANCELLED"), "2026-12-25T10:00")
    assert not lies_in(calendar(*CHRISTMAS, "STATUS:CANCELED"), "2026-12-25T10:00")
    assert lies_in(calendar(*CHRISTMAS, "STATUS:CONFIRMED"), "2026-12-25T10:00")
    assert lies_in(calendar(*CHRISTMAS, "STATUS:TENTATIVE"), "2026-12-25T10:00")


def test_an_occurrence_that_is_cancelled_does_not_come_back() -> None:
    without = overridden("DTSTART:20260616T090000Z", "DURATION:PT1H", "STATUS:cancelled")
    assert lies_in(without, "2026-06-09T09:30")
    assert not lies_in(without, "2026-06-16T09:30")
    assert lies_in(without, "2026-06-23T09:30")


@pytest.mark.parametrize(
    "start",
    ["20260602T090000", "20260602T090000Z", "TZID=Europe/Berlin:20260602T233000"],
)
def test_a_day_as_the_last_one_counts_whole(start: str) -> None:
    start = f"DTSTART;{start}" if start.startswith("TZID") else f"DTSTART:{start}"
    daily = calendar(start, "DURATION:PT15M", "RRULE:FREQ=DAILY;UNTIL=20260604")
    days = [
        day
        for day in range(1, 8)
        if any(lies_in(daily, f"2026-06-{day:02}T{hour}") for hour in ("07:05", "09:05", "21:35"))
    ]
    assert days == [2, 3, 4]
