"""So many decisions, and then a rest; and how far back a rotation looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.people import Rotation, SessionLimit
from tests.people.crowd import HOUR, NOON, at

MOMENTS = st.lists(st.integers(-300, 0).map(lambda minutes: at(minutes / 60)), max_size=12)
LIMITS = st.builds(
    SessionLimit,
    decisions=st.integers(1, 5),
    within=st.integers(1, 200).map(lambda minutes: timedelta(minutes=minutes)),
)


@given(LIMITS, MOMENTS)
def test_a_limit_is_reached_by_so_many_in_that_time(limit: SessionLimit, decided: Any) -> None:
    lately = [one for one in decided if one > NOON - limit.within]
    assert limit.reached(decided, NOON) is (len(lately) >= limit.decisions)


@given(LIMITS, MOMENTS)
def test_a_rest_ends_as_soon_as_the_limit_is_not_reached(limit: SessionLimit, decided: Any) -> None:
    free = limit.free_at(decided, NOON)
    assert not limit.reached(decided, free)
    if free > NOON:
        assert limit.reached(decided, free - timedelta(microseconds=1))


@given(LIMITS, st.lists(st.integers(0, 30), max_size=60))
def test_whoever_keeps_to_it_never_decides_more(limit: SessionLimit, pauses: list[int]) -> None:
    decided: list[Any] = []
    now = NOON
    for minutes in pauses:
        now += timedelta(minutes=minutes)
        if not limit.reached(decided, now):
            decided.append(now)
    for first in decided:
        window = [one for one in decided if first <= one < first + limit.within]
        assert len(window) <= limit.decisions


def test_a_clock_that_was_put_back_gives_nothing_away() -> None:
    limit = SessionLimit(decisions=1, within=HOUR)
    assert limit.reached([at(2)], NOON)
    assert limit.free_at([at(2)], NOON) == at(3)


@pytest.mark.parametrize(
    ("decisions", "within"),
    [
        (0, HOUR),
        (-1, HOUR),
        (1.5, HOUR),
        (True, HOUR),
        ("5", HOUR),
        (5, timedelta(0)),
        (5, -HOUR),
        (5, 60),
        (5, None),
    ],
    ids=str,
)
def test_a_limit_that_is_none(decisions: Any, within: Any) -> None:
    with pytest.raises(GateError, match="limit: "):
        SessionLimit(decisions=decisions, within=within)


def test_a_rotation_looks_back() -> None:
    assert Rotation(within=HOUR).since(NOON) == at(-1)


@pytest.mark.parametrize("within", [timedelta(0), -HOUR, 60, None], ids=str)
def test_a_rotation_that_is_none(within: Any) -> None:
    with pytest.raises(GateError, match="rotation: within must be a timedelta above zero"):
        Rotation(within=within)
