"""Away from one moment to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.people import Absence
from tests.people.crowd import NOON, at, away

HOURS = st.integers(-100, 100)
SPANS = st.tuples(HOURS, HOURS).filter(lambda pair: pair[0] < pair[1])


@given(SPANS, HOURS)
def test_it_has_its_beginning_and_not_its_end(span: tuple[int, int], hour: int) -> None:
    assert away(*span).covers(at(hour)) is (span[0] <= hour < span[1])


@given(SPANS, SPANS)
def test_two_overlap_where_they_share_a_moment(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    shared = bool({*range(*one)} & {*range(*other)})
    assert away(*one).overlaps(away(*other)) is shared
    assert away(*other).overlaps(away(*one)) is shared


def test_the_zone_does_not_matter() -> None:
    east = timezone(timedelta(hours=5))
    assert Absence(NOON.astimezone(east), at(1).astimezone(east)) == Absence(NOON, at(1))
    assert str(Absence(NOON, at(1))) == "from 2026-12-01 12:00 to 2026-12-01 13:00 UTC"


@pytest.mark.parametrize(
    ("begins", "ends", "message"),
    [
        (NOON, NOON, "ends .* before it has begun"),
        (NOON, at(-1), "ends .* before it has begun"),
        (NOON.replace(tzinfo=None), NOON, "begins has no time zone"),
        (NOON, datetime(2027, 1, 1), "ends has no time zone"),
        (NOON, "2027-01-01", "ends must be a datetime"),
    ],
    ids=str,
)
def test_times_that_are_no_absence(begins: Any, ends: Any, message: str) -> None:
    with pytest.raises(GateError, match=f"absence: .*{message}"):
        Absence(begins, ends)


@pytest.mark.parametrize("delegate", ["", 5, "*"])
def test_a_delegate_is_an_id(delegate: Any) -> None:
    with pytest.raises(GateError, match="the delegate of an absence"):
        Absence(NOON, datetime(2027, 1, 1, tzinfo=UTC), delegate)
