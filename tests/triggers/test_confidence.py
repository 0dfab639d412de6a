"""`below_confidence`: at or above the threshold it passes, and nothing else does."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import below_confidence
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, as_fraction, condition, found


def test_the_finding_has_the_confidence_the_threshold_and_how_much_is_missing() -> None:
    assert found(below_confidence(0.8), confidence=0.62).to_json() == {
        "needed": True,
        "sentence": "The confidence 0.62 is below 0.8.",
        "score": 0.38,
        "factors": {"confidence": 0.62},
        "trigger": "below_confidence",
        "details": {"confidence": 0.62, "threshold": 0.8},
    }


@pytest.mark.parametrize(
    ("confidence", "threshold", "needed", "sentence"),
    [
        (0.8, 0.8, False, "The confidence 0.8 is at least 0.8."),
        (Decimal("0.8"), 0.8, False, "The confidence 0.8 is at least 0.8."),
        (0.1 + 0.7, 0.8, True, "The confidence 0.7999999999999999 is below 0.8."),
        (0.1 + 0.2, 0.3, False, "The confidence 0.30000000000000004 is at least 0.3."),
        (0.79996, 0.8, True, "The confidence 0.79996 is below 0.8."),
        (1, 1, False, "The confidence 1 is at least 1."),
        (0.9999999, 1.0, True, "The confidence 0.9999999 is below 1."),
        (0, 0, False, "The confidence 0 is at least 0."),
        (-0.0, 0.5, True, "The confidence 0 is below 0.5."),
        (5e-324, 0.5, True, "The confidence 4.941e-324 is below 0.5."),
    ],
)
def test_the_threshold_itself_passes(
    confidence: Any, threshold: float, needed: bool, sentence: str
) -> None:
    finding = found(below_confidence(threshold), confidence=confidence)
    assert finding.needed is needed
    assert finding.sentence == sentence


@pytest.mark.parametrize(
    ("confidence", "sentence"),
    [
        (None, "The confidence is missing."),
        (math.nan, "The confidence is NaN, which is not a number."),
        (1.2, "The confidence is 1.2, outside 0 to 1."),
        (-0.1, "The confidence is -0.1, outside 0 to 1."),
        (85, "The confidence is 85, outside 0 to 1."),
        (True, "The confidence is True, which is not a number."),
        ("0.9", "The confidence is '0.9', which is not a number."),
        ("very high", "The confidence is 'very high', which is not a number."),
        ([0.9], "The confidence is [0.9], which is not a number."),
    ],
)
def test_what_is_no_confidence_asks_a_person_in_plain_words(confidence: Any, sentence: str) -> None:
    for trigger in (below_confidence(0.0), ~below_confidence(1.0)):
        finding = found(trigger, confidence=confidence)
        assert finding.needed is True
        assert finding.sentence == sentence


def test_an_absent_key_asks_a_person() -> None:
    assert found(below_confidence(0.0), other=1).sentence == "The confidence is missing."


@given(ANYTHING, st.sampled_from([0.0, 0.3, 0.7, 0.8, 1.0]))
@settings(max_examples=scale(5_000), deadline=None)
def test_nothing_passes_but_a_number_from_the_threshold_to_1(value: Any, threshold: float) -> None:
    confidence = as_fraction(value)
    finding = found(below_confidence(threshold), confidence=value)
    if not finding.needed:
        assert confidence is not None
        assert confidence >= threshold
    elif confidence is not None:
        assert confidence < threshold
        assert finding.score == pytest.approx(1 - confidence)
    if confidence is None:
        assert found(~below_confidence(threshold), confidence=value).needed is True


@given(st.floats(0, 1), st.floats(0, 1))
def test_it_is_the_comparison_of_two_numbers(confidence: float, threshold: float) -> None:
    finding = found(below_confidence(threshold), confidence=confidence)
    assert finding.needed is (confidence < threshold)
    assert finding.score is not None
    assert 0 <= finding.score <= 1


def test_the_confidence_comes_from_a_key_a_path_or_a_function() -> None:
    assert found(below_confidence(confidence="sure"), sure=0.9).needed is False
    assert found(below_confidence(confidence="a.sure"), a={"sure": 0.9}).needed is False
    assert found(below_confidence(confidence=lambda state: state["x"] / 2), x=1.8).needed is False


def test_it_is_not_read_again_for_a_new_version() -> None:
    assert condition(below_confidence(confidence="a.sure")).later_keys == frozenset()


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan, math.inf, True, None, "0.8", [0.8]])
def test_the_threshold_is_a_number_from_0_to_1(threshold: Any) -> None:
    with pytest.raises(GateError, match="threshold must be a number from 0 to 1, not "):
        below_confidence(threshold)


@pytest.mark.parametrize("source", [None, 0.9, "", "a..b", "review"])
def test_the_source_is_checked_and_named(source: Any) -> None:
    with pytest.raises(GateError, match="confidence"):
        below_confidence(confidence=source)
