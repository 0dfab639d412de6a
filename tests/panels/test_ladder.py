"""Levels of authority, and which of them a score takes."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Ladder
from langgraph_hitl.panels.ladder import BANDS, DEFAULT_LADDER
from langgraph_hitl.triggers import BANDS as RISK_BANDS

LADDERS = st.lists(st.text("abcdef", min_size=1, max_size=2), min_size=1, unique=True).map(
    lambda names: Ladder(*names)
)


def test_the_ladder_of_the_package() -> None:
    assert DEFAULT_LADDER.levels == ("member", "lead", "director", "executive")
    assert DEFAULT_LADDER.top == "executive"
    assert BANDS == RISK_BANDS


@given(LADDERS)
def test_going_up_passes_every_level_once_and_ends_at_the_top(ladder: Ladder) -> None:
    way = [ladder.levels[0]]
    while (above := ladder.above(way[-1])) is not None:
        way.append(above)
    assert tuple(way) == ladder.levels
    assert way[-1] == ladder.top


@given(LADDERS, st.data())
def test_a_level_reaches_itself_and_what_is_below_it(ladder: Ladder, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(ladder.levels)) for _ in range(2))
    assert ladder.reaches(one, other) is (ladder.rank(one) >= ladder.rank(other))
    assert ladder.reaches(one, other) is (one in ladder.at_least(other))
    assert ladder.highest(one, other) == (one if ladder.reaches(one, other) else other)


@pytest.mark.parametrize("level", [None, "boss", "", 5, "Director"])
def test_a_level_that_the_ladder_does_not_have_reaches_nothing(level: Any) -> None:
    assert not DEFAULT_LADDER.reaches(level, "member")
    with pytest.raises(GateError, match=r"unknown level .*; the ladder has member, lead"):
        DEFAULT_LADDER.reaches("director", level)


def test_a_ladder_without_a_top_is_none() -> None:
    with pytest.raises(GateError, match="a ladder without levels has no top"):
        Ladder()
    with pytest.raises(GateError, match="goes round has no top: lead > director > lead;"):
        Ladder("member", "lead", "director", "lead")


@pytest.mark.parametrize("level", ["", None, 5, "a\x00", "*"])
def test_a_level_is_a_text(level: Any) -> None:
    with pytest.raises(GateError, match="a level of a Ladder"):
        Ladder("member", level)


def test_a_ladder_of_steps() -> None:
    steps = {"director": None, "lead": "director", "member": "lead"}
    assert Ladder.from_steps(steps) == Ladder("member", "lead", "director")
    assert Ladder.from_steps({"member": "lead"}) == Ladder("member", "lead")
    assert Ladder.from_steps({"only": None}) == Ladder("only")


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({"a": "b", "b": "a"}, "goes round has no top: a > b > a"),
        ({"a": "a"}, "goes round has no top: a > a"),
        ({"a": "b", "b": "c", "c": "b"}, "two levels pass up to 'b': 'a', 'c'"),
        ({"a": "c", "b": "c"}, "two levels pass up to 'c': 'a', 'b'"),
        ({"a": "b", "c": "d"}, "the levels 'c' are not on the way up from 'a'"),
        ({"a": "b", "c": "d", "d": "c"}, "the levels 'c', 'd' are not on the way up"),
        ({"a": "b", "c": None}, "the levels 'c' are not on the way up"),
        ({}, "the steps of a ladder map levels"),
        (None, "the steps of a ladder map levels"),
        ({"a": 5}, "a level of a Ladder"),
    ],
    ids=str,
)
def test_steps_that_are_no_ladder(steps: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        Ladder.from_steps(steps)


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (0, "member"),
        (0.29999, "member"),
        (0.3, "lead"),
        (0.6, "director"),
        (0.8999, "director"),
        (0.9, "executive"),
        (1, "executive"),
        (Decimal("0.45"), "lead"),
        (Fraction(1, 10), "member"),
    ],
)
def test_a_score_takes_the_level_of_its_band(score: Any, level: str) -> None:
    assert DEFAULT_LADDER.bands((0.3, 0.6, 0.9)).authority_needed(score) == level
    assert DEFAULT_LADDER.bands().authority_needed(score) == level


@pytest.mark.parametrize(
    "score",
    [
        None,
        math.nan,
        Decimal("nan"),
        Decimal("sNaN"),
        -0.1,
        1.1,
        math.inf,
        True,
        "0.1",
        [],
        10**400,
    ],
)
def test_what_is_no_score_takes_the_top(score: Any) -> None:
    assert DEFAULT_LADDER.bands().authority_needed(score) == "executive"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_never_takes_less(one: float, other: float) -> None:
    bands = DEFAULT_LADDER.bands()
    low, high = map(bands.authority_needed, sorted((one, other)))
    assert DEFAULT_LADDER.reaches(high, low)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ((0.3, 0.6), "take 3 edges, not 2"),
        ((0.1, 0.2, 0.3, 0.4), "take 3 edges, not 4; the highest has no end"),
        ((0.3, 0.3, 0.9), "must rise"),
        ((0.9, 0.6, 0.3), "must rise"),
        ((0, 0.3, 0.6), "above 0 and up to 1, not 0"),
        ((0.3, 0.6, 1.5), "above 0 and up to 1, not 1.5"),
        ((0.3, 0.6, math.nan), "above 0 and up to 1, not nan"),
        ((0.3, 0.6, "0.9"), "above 0 and up to 1"),
        ("369", "a tuple of scores, not str"),
        (None, "a tuple of scores, not NoneType"),
        (0.5, "a tuple of scores, not float"),
    ],
)
def test_bands_that_are_none(edges: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        DEFAULT_LADDER.bands(edges)
