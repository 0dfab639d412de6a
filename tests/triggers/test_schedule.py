"""Spans of the week: what they contain, and what is no span."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.schedule import DAYS, Span

MONDAY = datetime(2026, 6, 1)
A_DAY = 24 * 60
A_WEEK = 7 * A_DAY


def at(day: str, clock: str) -> datetime:
    """A moment of one week, as a clock on the wall shows it."""
    return datetime.fromisoformat(f"{MONDAY + timedelta(DAYS.index(day)):%Y-%m-%d}T{clock}")


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (
            "Mon-Fri 09:00-17:00",
            "Mon 09:00, Fri 16:59:59.999999",
            "Mon 08:59, Mon 17:00, Sat 12:00",
        ),
        ("Mon,Wed,Fri 09:00-12:00", "Wed 11:59, Fri 09:00", "Tue 10:00, Thu 10:00, Wed 12:00"),
        ("Mon-Wed,Sat 09:00-12:00", "Tue 09:00, Sat 09:00", "Thu 09:00, Sun 09:00"),
        ("09:00-17:00", "Mon 09:00, Sun 16:59", "Mon 17:00, Sun 08:59:59.999999"),
        ("9:00-17:00", "Mon 09:00", "Mon 17:00"),
        ("Sat-Sun", "Sat 00:00, Sun 23:59:59.999999", "Fri 23:59, Mon 00:00"),
        ("Sun", "Sun 00:00, Sun 23:59", "Sat 23:59, Mon 00:00"),
        ("Mon-Mon", "Mon 12:00", "Tue 12:00, Sun 12:00"),
        ("Fri-Mon", "Fri 00:00, Sat 12:00, Sun 12:00, Mon 23:59", "Tue 00:00, Thu 23:59"),
        ("Fri-Mon 10:00-12:00", "Sun 11:00, Mon 11:00", "Tue 11:00, Sun 12:00"),
        ("Fri 22:00-06:00", "Fri 22:00, Sat 00:00, Sat 05:59", "Fri 05:59, Fri 21:59, Sat 06:00"),
        ("Sun 22:00-06:00", "Sun 23:59, Mon 00:00, Mon 05:59", "Sun 05:59, Mon 06:00, Mon 22:00"),
        ("22:00-06:00", "Wed 22:00, Thu 05:59, Mon 00:00", "Wed 06:00, Wed 21:59"),
        ("00:00-24:00", "Mon 00:00, Sun 23:59", ""),
        ("Mon 00:00-24:00", "Mon 00:00, Mon 23:59", "Sun 23:59, Tue 00:00"),
        ("Mon 22:00-24:00", "Mon 23:59", "Tue 00:00, Mon 21:59"),
        ("Mon 22:00-00:00", "Mon 23:59", "Tue 00:00, Mon 00:00"),
        ("  mon - FRI   09:00 - 17:00 ", "Mon 09:00", "Sat 09:00"),
        ("Mon, Wed 09:00-17:00", "Wed 09:00", "Tue 09:00"),
    ],
)
def test_a_span_contains_its_start_and_not_its_end(text: str, inside: str, outside: str) -> None:
    span = Span.parse(text)
    for moment in filter(None, inside.split(", ")):
        assert span.contains(at(*moment.split())), moment
    for moment in filter(None, outside.split(", ")):
        assert not span.contains(at(*moment.split())), moment


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("Mon-Fri 09:00-09:00", "it ends when it starts"),
        ("00:00-00:00", "it ends when it starts"),
        ("24:00-24:00", "it ends when it starts"),
        ("24:00-06:00", "24:00 is an end and no start"),
        ("Mon 09:00-24:01", "there is no 24:01"),
        ("Mon 09:60-17:00", "there is no 09:60"),
        ("Mon 25:00-26:00", "there is no 25:00"),
        ("Mon-Foo 09:00-17:00", "'Foo' is no day (known: Mon, Tue, Wed, Thu, Fri, Sat, Sun)"),
        ("Monday 09:00-17:00", "'Monday' is no day"),
        ("always", "'always' is no day"),
        ("Mon-Fri 9-17", "'Mon-Fri 9-17' is neither a day nor hours"),
        ("Mon-Fri 09:00", "'Mon-Fri 09:00' is neither a day nor hours"),
        ("Mon-Fri 09:00-12:00,13:00-17:00", "is neither a day nor hours"),
        ("Mon-Fri 09:00-12:00 13:00-17:00", "is neither a day nor hours"),
        ("Mon-Fri09:00-17:00", "is neither a day nor hours"),
        ("Mon-Wed-Fri", "is neither a day nor hours"),
        ("Mon,,Fri", "'' is neither a day nor hours"),
        ("Mon, 09:00-17:00", "'' is neither a day nor hours"),
        ("Mon 09:00-17:00 Europe/Berlin", "is neither a day nor hours"),
        ("Mon ٠٩:٠٠-17:00", "is neither a day nor hours"),
        ("Mon –1:00-17:00", "is neither a day nor hours"),
    ],
)
def test_what_is_no_span_names_culprit_and_example(text: str, culprit: str) -> None:
    with pytest.raises(GateError) as refused:
        Span.parse(text)
    assert culprit in str(refused.value)
    assert f"{quoted(text)} is no span of the week: " in str(refused.value)
    assert "write it as 'Mon-Fri 09:00-17:00'" in str(refused.value)


def test_the_culprit_is_quoted_in_full_only_if_it_is_short() -> None:
    with pytest.raises(GateError) as refused:
        Span.parse("x" * 10_000)
    assert len(str(refused.value)) < 400


days = st.sampled_from(DAYS)
hours_of_a_day = st.tuples(st.integers(0, A_DAY - 1), st.integers(0, A_DAY)).filter(
    lambda hours: hours[0] != hours[1]
)
runs = st.one_of(st.tuples(days), st.tuples(days, days))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(st.lists(runs, max_size=3), st.none() | hours_of_a_day)
def test_a_span_is_what_somebody_finds_who_walks_through_the_week(
    named: list[tuple[str, ...]], hours: tuple[int, int] | None
) -> None:
    text = ",".join("-".join(run) for run in named)
    if hours is not None:
        text += f" {clock(hours[0])}-{clock(hours[1])}"
    if not text:
        return

    walked: set[int] = set()
    for first, *rest in named or [("Mon", "Sun")]:
        last = rest[0] if rest else first
        day = DAYS.index(first)
        while True:
            minute = day * A_DAY + (hours[0] if hours else 0)
            stop = hours[1] % A_DAY if hours else 0
            while True:
                walked.add(minute % A_WEEK)
                minute += 1
                if minute % A_DAY == stop:
                    break
            if DAYS[day % 7] == last:
                break
            day += 1

    span = Span.parse(text)
    found = {m for m in range(A_WEEK) if span.contains(MONDAY + timedelta(minutes=m))}
    assert found == walked
