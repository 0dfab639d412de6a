"""Levels and the bands of scores that they stand for."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers import BANDS, LEVELS, Level, level_of
from langgraph_hitl.triggers.level import checked_level, lowest_score, next_band, read_level
from tests.triggers.hostile import ANYTHING


def test_the_levels_and_their_bands() -> None:
    assert LEVELS == ("low", "medium", "high", "critical")
    assert BANDS == (0.3, 0.6, 0.9)


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (0, "low"),
        (0.2999999999999999, "low"),
        (0.3, "medium"),
        (0.5999999999999999, "medium"),
        (0.6, "high"),
        (0.8999999999999999, "high"),
        (0.9, "critical"),
        (1, "critical"),
        (-0.0, "low"),
    ],
)
def test_a_band_begins_at_its_edge(score: float, level: Level) -> None:
    assert level_of(score) == level


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan, math.inf, None, True, "0.5"])
def test_what_is_no_score_has_no_level(score: Any) -> None:
    with pytest.raises(Unreadable, match="The score is "):
        level_of(score)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_contains_its_scores(level: Level) -> None:
    assert level_of(lowest_score(level)) == level
    assert level_of(math.nextafter(next_band(level), 0)) == level


@given(st.floats(0, 1))
def test_a_score_lies_in_the_band_of_its_level(score: float) -> None:
    level = level_of(score)
    assert lowest_score(level) <= score <= next_band(level)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("high", "high"),
        (" High. ", "high"),
        ("HIGH", "high"),
        ("**critical**", "critical"),
        ('"low"', "low"),
        ("`medium`.\n", "medium"),
    ],
)
def test_a_level_is_read_as_models_write_it(text: str, level: Level) -> None:
    assert read_level(text, "risk") == level


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "The risk is missing."),
        ("", "The risk is '', which is none of low, medium, high, critical."),
        ("severe", "The risk is 'severe', which is none of low, medium, high, critical."),
        ("not low", "The risk is 'not low', which is none of low, medium, high, critical."),
        ("low high", "The risk is 'low high', which is none of low, medium, high, critical."),
        (5, "The risk is 5, which is none of low, medium, high, critical."),
        (["high"], "The risk is ['high'], which is none of low, medium, high, critical."),
    ],
)
def test_what_names_no_level_is_unreadable(value: Any, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_level(value, "risk")
    assert str(caught.value) == sentence


@given(ANYTHING)
def test_nothing_is_a_level_but_its_name(value: Any) -> None:
    try:
        level = read_level(value, "risk")
    except Unreadable:
        return
    assert isinstance(value, str)
    assert level in value.lower()


@pytest.mark.parametrize("given", ["High", "severe", "", None, 5, [], "x" * 100_000])
def test_an_unknown_level_is_an_error_that_lists_the_known_ones(given: Any) -> None:
    with pytest.raises(GateError, match=r"threshold: unknown level .*; known: low, med") as caught:
        checked_level(given, "threshold")
    assert len(str(caught.value)) < 200
