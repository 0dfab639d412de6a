"""`risk_at_least`: from a level, or a score, of risk on a person is asked."""

from __future__ import annotations

import math
from decimal import Decimal
from enum import Enum
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import LEVELS, Score, factor, level_of, risk_at_least, weighted
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, as_fraction, condition, found


def test_a_level_finds_the_level_and_the_score_at_which_it_begins() -> None:
    assert found(risk_at_least("high"), risk="critical").to_json() == {
        "needed": True,
        "sentence": "The risk is critical, at least high.",
        "score": 0.9,
        "trigger": "risk_at_least",
        "details": {"level": "critical", "threshold": "high"},
    }


def test_a_score_finds_its_factors_and_its_level() -> None:
    risk = weighted(factor("amount", "amount", weight=2), factor("reach", "reach"))
    trigger = risk_at_least(0.6, risk=risk)
    assert found(trigger, amount=0.7, reach=1.0).to_json() == {
        "needed": True,
        "sentence": "The risk 0.8 is at least 0.6.",
        "score": 0.8,
        "factors": {"amount": 0.466666666667, "reach": 0.333333333333},
        "trigger": "risk_at_least",
        "details": {"level": "high", "threshold": 0.6},
    }


@pytest.mark.parametrize(("threshold", "risk"), [*product(LEVELS, LEVELS)])
def test_levels_are_in_order(threshold: str, risk: str) -> None:
    finding = found(risk_at_least(threshold), risk=risk)
    assert finding.needed is (LEVELS.index(risk) >= LEVELS.index(threshold))


@pytest.mark.parametrize(
    ("risk", "threshold", "needed", "sentence"),
    [
        (0.6, "high", True, "The risk is high (0.6), at least high."),
        (0.42, "high", False, "The risk is medium (0.42), below high."),
        (1 / 3, "high", False, "The risk is medium (0.3333), below high."),
        (0.5999999999999999, "high", False, "The risk is medium (0.5999999999999999), below high."),
        (0.59999, "high", False, "The risk is medium (0.59999), below high."),
        (Decimal("0.6"), "high", True, "The risk is high (0.6), at least high."),
        (1, "critical", True, "The risk is critical (1), at least critical."),
        (0, "low", True, "The risk is low (0), at least low."),
        (0.7, 0.7, True, "The risk 0.7 is at least 0.7."),
        (0.7000000000000001, 0.7, True, "The risk 0.7000000000000001 is at least 0.7."),
        (0.6999999999999998, 0.7, False, "The risk 0.6999999999999998 is below 0.7."),
        (0.0, 0, True, "The risk 0 is at least 0."),
    ],
)
def test_at_the_threshold_a_person_is_asked(
    risk: Any, threshold: Any, needed: bool, sentence: str
) -> None:
    finding = found(risk_at_least(threshold), risk=risk)
    assert finding.needed is needed
    assert finding.sentence == sentence


def test_a_mean_of_equal_values_reaches_that_value() -> None:
    risk = weighted(*(factor(name, name, weight=0.1) for name in "abcdefg"))
    assert found(risk_at_least(0.7, risk=risk), **dict.fromkeys("abcdefg", 0.7)).needed is True
    assert found(risk_at_least("high", risk=risk), **dict.fromkeys("abcdefg", 0.6)).needed is True


@pytest.mark.parametrize(
    ("risk", "by_level", "by_score"),
    [
        (None, "The risk is missing.", "The risk is missing."),
        (1.2, "The risk is 1.2, outside 0 to 1.", "The risk is 1.2, outside 0 to 1."),
        (
            math.nan,
            "The risk is NaN, which is not a number.",
            "The risk is NaN, which is not a number.",
        ),
        (
            "severe",
            "The risk is 'severe', which is none of low, medium, high, critical.",
            "The risk is 'severe', where a score from 0 to 1 was expected.",
        ),
        (
            True,
            "The risk is True, which is not a number.",
            "The risk is True, which is not a number.",
        ),
        (
            {"level": "low"},
            "The risk is {'level': 'low'}, which is not a number.",
            "The risk is {'level': 'low'}, which is not a number.",
        ),
    ],
)
def test_what_is_no_risk_asks_a_person_in_plain_words(
    risk: Any, by_level: str, by_score: str
) -> None:
    for threshold, sentence in (("critical", by_level), (1.0, by_score)):
        for trigger in (risk_at_least(threshold), ~risk_at_least(threshold)):
            finding = found(trigger, risk=risk)
            assert finding.needed is True
            assert finding.sentence == sentence


def test_a_level_does_not_tell_a_score() -> None:
    finding = found(risk_at_least(0.1), risk="low")
    assert finding.needed is True
    assert finding.sentence == "The risk is 'low', where a score from 0 to 1 was expected."


@pytest.mark.parametrize("wrong", [1.2, math.nan, None, "high", -0.1])
def test_a_scorer_that_returns_nonsense_asks_a_person(wrong: Any) -> None:
    for trigger in (
        risk_at_least(1.0, risk=lambda state: wrong),
        ~risk_at_least(0.0, risk=lambda state: wrong),
        risk_at_least("critical", risk=lambda state: Score(wrong, {})),
        ~risk_at_least("low", risk=lambda state: Score(wrong, {})),
    ):
        assert found(trigger).needed is True


def test_a_level_may_be_a_member_of_an_enumeration_of_texts() -> None:
    class Risk(str, Enum):  # noqa: UP042  # in 3.11 its text differs from that of StrEnum
        LOW = "low"

    finding = found(risk_at_least("high"), risk=Risk.LOW)
    assert finding.needed is False
    assert finding.sentence == "The risk is low, below high."


@given(ANYTHING)
@settings(max_examples=scale(3_000), deadline=None)
def test_nothing_passes_but_a_risk_below_the_threshold(risk: Any) -> None:
    score = risk.value if isinstance(risk, Score) else as_fraction(risk)
    finding = found(risk_at_least("high"), risk=risk)
    if not finding.needed:
        if isinstance(risk, str):
            assert "low" in risk.lower() or "medium" in risk.lower()
        else:
            assert score is not None
            assert level_of(score) in ("low", "medium")
    if score is not None:
        assert finding.needed is (score >= 0.6)
        assert found(risk_at_least(0.6), risk=risk).needed is (score >= 0.6)
    else:
        assert found(risk_at_least(0.6), risk=risk).needed is True
        assert found(~risk_at_least(0.6), risk=risk).needed is True


def test_a_new_version_is_judged_again() -> None:
    assert condition(risk_at_least("high", risk="case.risk")).later_keys == {"case"}


@pytest.mark.parametrize("threshold", ["severe", "High", "", "x" * 100_000])
def test_an_unknown_level_is_an_error_that_lists_the_known_ones(threshold: str) -> None:
    with pytest.raises(GateError, match="threshold: unknown level") as caught:
        risk_at_least(threshold)
    assert "known: low, medium, high, critical" in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan, True, None, ["high"]])
def test_a_threshold_is_a_level_or_a_number_from_0_to_1(threshold: Any) -> None:
    match = r"threshold must be a level \(low, medium, high, critical\) or a number from 0 to 1, no"
    with pytest.raises(GateError, match=match):
        risk_at_least(threshold)


@pytest.mark.parametrize("source", [None, 0.9, "", "a..b", "review"])
def test_the_source_is_checked_and_named(source: Any) -> None:
    with pytest.raises(GateError, match="risk"):
        risk_at_least("high", risk=source)


def test_a_factor_alone_is_no_score() -> None:
    alone: Any = factor("size", "size")
    with pytest.raises(GateError, match=r"risk takes a score, such as weighted\(size\)"):
        risk_at_least("high", risk=alone)
