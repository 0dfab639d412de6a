"""Rules of repeated events: each that is accepted gives an answer, whatever is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import Calendar, during
from tests.triggers.ics_text import event, ics, lies_in

NOON = "DTSTART:20260105T120000Z"  # a Monday


def repeated(rule: str, start: str = NOON) -> Calendar:
    return Calendar.parse(ics(event("SUMMARY:Standby", start, "DURATION:PT1H", f"RRULE:{rule}")))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20270101T000000Z",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYHOUR=3;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=3",
        "FREQ=DAILY;BYHOUR=9,17;BYSETPOS=3",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=-54",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
    ],
)
def test_a_rule_that_never_matches_is_refused(rule: str) -> None:
    with pytest.raises(GateError, match="'Standby' has an RRULE that never matches, or hardly"):
        repeated(rule)


@pytest.mark.parametrize("frequency", ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
@pytest.mark.parametrize("position", [1, 5, -1])
def test_a_position_among_nothing_is_refused(frequency: str, position: int) -> None:
    with pytest.raises(GateError, match="has a BYSETPOS in its RRULE without the days or times"):
        repeated(f"FREQ={frequency};BYSETPOS={position}")


def test_positions_have_a_bound() -> None:
    with pytest.raises(GateError, match="has more than 100 positions in the BYSETPOS"):
        repeated(f"FREQ=YEARLY;BYDAY=MO;BYSETPOS={','.join(map(str, range(1, 102)))}")


@pytest.mark.parametrize("part", ["BYFOO", "X-SKIP", "BYEASTER", "RSCALE"])
def test_an_unknown_part_is_named(part: str) -> None:
    with pytest.raises(GateError, match=f"'Standby' has {part} in its RRULE, which is not under"):
        repeated(f"FREQ=YEARLY;{part}=1")


@pytest.mark.parametrize(
    ("rule", "start", "year"),
    [("FREQ=HOURLY", "DTSTART:16010101T000000Z", 1601), ("FREQ=DAILY;BYHOUR=1,2,3", "", 1)],
)
def test_a_rule_with_millions_of_times_before_today_is_refused(
    rule: str, start: str, year: int
) -> None:
    with pytest.raises(GateError, match=f"times a day since the year {year}; let it start later"):
        repeated(rule, start or "DTSTART:00010101T000000Z")


@pytest.mark.parametrize(
    ("rule", "moment"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29T12:30"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2044-02-29T12:30"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2044-02-29T12:30"),
        ("FREQ=HOURLY;BYHOUR=3;BYMONTH=2;BYMONTHDAY=29", "2028-02-29T03:30"),
        ("FREQ=DAILY;BYMONTH=2,3;BYMONTHDAY=30", "2026-03-30T12:30"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-03-31T12:30"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5", "2026-03-30T12:30"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-30T12:30"),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=2", "2026-01-06T07:45"),
        ("FREQ=YEARLY;BYYEARDAY=366", "2028-12-31T12:30"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", "2027-01-01T12:30"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-01-12T12:30"),
        ("FREQ=WEEKLY;INTERVAL=9999", "2026-01-05T12:30"),
        ("FREQ=YEARLY;INTERVAL=9999", "2026-01-05T12:30"),
    ],
)
def test_a_rule_that_matches_seldom_is_followed(rule: str, moment: str) -> None:
    assert lies_in(repeated(rule), moment)


def test_an_early_start_is_no_hindrance() -> None:
    assert lies_in(repeated("FREQ=YEARLY", "DTSTART:16040105T120000Z"), "2026-01-05T12:30")
    assert lies_in(repeated("FREQ=DAILY", "DTSTART:19700101T120000Z"), "2026-01-05T12:30")


@pytest.mark.parametrize(
    ("rule", "culprit"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "has an RRULE that never matches"),
        ("FREQ=HOURLY;BYSETPOS=5", "has an RRULE that never matches"),
        ("FREQ=MINUTELY", "repeats more than 96 times a day"),
    ],
)
def test_the_clocks_of_a_zone_change_by_such_rules_too(rule: str, culprit: str) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Our own\nBEGIN:STANDARD\nDTSTART:19701025T030000\n"
        f"TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:{rule}\nEND:STANDARD\nEND:VTIMEZONE"
    )
    with pytest.raises(GateError, match=f"the time zone 'Our own' {culprit}"):
        Calendar.parse(ics(zone, event("DTSTART;TZID=Our own:20260601T120000")))


def numbers(first: int, last: int) -> st.SearchStrategy[str]:
    several = st.lists(st.integers(first, last).filter(bool), min_size=1, max_size=3)
    return several.map(lambda found: ",".join(map(str, found)))


PARTS = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.integers(1, 60).map(str),
        "COUNT": st.integers(1, 5).map(str),
        "BYSETPOS": numbers(-7, 7),
        "BYMONTH": numbers(1, 12),
        "BYMONTHDAY": numbers(-31, 31),
        "BYYEARDAY": numbers(-366, 366),
        "BYDAY": st.sampled_from(["MO", "SA,SU", "FR"]),
        "BYHOUR": numbers(1, 23),
    },
)


@settings(max_examples=60, deadline=None)
@given(PARTS)
def test_what_is_accepted_is_answered(parts: dict[str, str]) -> None:
    """No rule keeps whoever asks waiting; a test that does not end has found one."""
    try:
        within = repeated(";".join(f"{part}={value}" for part, value in parts.items()))
    except GateError:
        return
    found = during(within, tz="UTC")({}, at=datetime(2031, 3, 3, 12, 30, tzinfo=UTC))
    assert "unreadable" not in (found.details or {})
