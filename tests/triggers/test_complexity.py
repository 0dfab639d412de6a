"""`complexity_above`: where the mean of the factors exceeds the threshold, a person is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import Score, complexity_above, factor, weighted
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, as_fraction, condition, found

NAMES = st.sampled_from(["ambiguity", "risk", "confidence", "precedent", "reason", "novelty"])


def test_the_finding_has_the_share_of_every_factor_the_greatest_first() -> None:
    trigger = complexity_above(
        factors={"ambiguity": "ambiguity", "confidence": "confidence"}, weights={"ambiguity": 3}
    )
    assert found(trigger, ambiguity=0.9, confidence=0.3).to_json() == {
        "needed": True,
        "sentence": "The complexity 0.85 is above 0.7 (ambiguity 0.675, 1 - confidence 0.175).",
        "score": 0.85,
        "factors": {"ambiguity": 0.675, "1 - confidence": 0.175},
        "trigger": "complexity_above",
        "details": {"threshold": 0.7},
    }


@pytest.mark.parametrize(
    ("complexity", "needed", "sentence"),
    [
        (0.7, False, "The complexity 0.7 is not above 0.7."),
        (Decimal("0.7"), False, "The complexity 0.7 is not above 0.7."),
        (0.7000000000000001, True, "The complexity 0.7000000000000001 is above 0.7."),
        (0.71234567, True, "The complexity 0.7123 is above 0.7."),
        (1, True, "The complexity 1 is above 0.7."),
        (0, False, "The complexity 0 is not above 0.7."),
        ({"ambiguity": 0.7}, False, "The complexity 0.7 is not above 0.7."),
        ({"confidence": 0.3}, False, "The complexity 0.7 is not above 0.7."),
    ],
)
def test_at_the_threshold_nobody_is_asked(complexity: Any, needed: bool, sentence: str) -> None:
    finding = found(complexity_above(0.7), complexity=complexity)
    assert finding.needed is needed
    assert finding.sentence == sentence


@pytest.mark.parametrize("size", [2, 3, 6, 7, 11])
def test_a_mean_of_equal_values_does_not_exceed_that_value(size: int) -> None:
    factors = {f"f{number}": 0.7 for number in range(size)}
    weights = {name: 0.1 * (number + 1) for number, name in enumerate(factors)}
    for trigger in (complexity_above(0.7), complexity_above(0.7, weights=weights)):
        finding = found(trigger, complexity=factors)
        assert finding.needed is False
        assert finding.score == 0.7
        assert math.fsum((finding.factors or {}).values()) == pytest.approx(0.7, abs=1e-10)


class Judgement(BaseModel):
    """What a model gives as a structured output."""

    ambiguity: float
    confidence: float
    reasoning: str


def test_one_source_may_give_all_factors() -> None:
    given = {"ambiguity": 0.9, "confidence": 0.3, "reasoning": "Two laws contradict."}
    for complexity in (given, Judgement.model_validate(given)):
        finding = found(complexity_above(), complexity=complexity)
        assert finding.factors == {"ambiguity": 0.45, "1 - confidence": 0.35}
    finding = found(complexity_above(factors=lambda state: given))
    assert finding.score == 0.8


def test_a_score_of_factors_is_the_complexity_itself_or_one_of_them() -> None:
    risk = weighted(factor("a", "a"), factor("b", "b"))
    whole = found(complexity_above(0.5, factors=risk), a=0.8, b=0.4)
    assert whole.sentence == "The complexity 0.6 is above 0.5 (a 0.4, b 0.2)."
    part = found(complexity_above(0.5, factors={"risk": risk, "c": "c"}), a=0.8, b=0.4, c=1)
    assert part.factors == {"risk": 0.3, "c": 0.5}


@pytest.mark.parametrize(
    ("complexity", "sentence"),
    [
        (None, "The complexity is missing."),
        (1.2, "The complexity is 1.2, outside 0 to 1."),
        (math.nan, "The complexity is NaN, which is not a number."),
        (True, "The complexity is True, which is not a number."),
        ("high", "The complexity is 'high', which is not a number."),
        ([0.1], "The complexity is [0.1], which is not a number."),
        ({}, "The complexity has no factors."),
        ({"reason": "none"}, "The complexity has no factors."),
        ({"ambiguity": None}, "The ambiguity is missing."),
        ({"ambiguity": 0.1, "summary": "s"}, "The summary is 's', which is not a number."),
        ({"ambiguity": 0.1, "risk": 1.2}, "The risk is 1.2, outside 0 to 1."),
        ({"confidence": None}, "The confidence is missing."),
        ({"confidence": 1.2}, "The confidence is 1.2, outside 0 to 1."),
        ({5: 0.1}, "The complexity has 5 for the name of a factor."),
        ({"": 0.1}, "The complexity has '' for the name of a factor."),
        ({"a\nb": 0.1}, r"The complexity has 'a\nb' for the name of a factor."),
    ],
)
def test_what_is_no_complexity_asks_a_person_in_plain_words(complexity: Any, sentence: str) -> None:
    for trigger in (complexity_above(1.0), ~complexity_above(0.0)):
        finding = found(trigger, complexity=complexity)
        assert finding.needed is True
        assert finding.sentence == sentence


@pytest.mark.parametrize(
    ("complexity", "sentence"),
    [
        ({"ambiguity": 0.1}, "The risk is missing."),
        ({}, "The ambiguity is missing."),
        (0.1, "The complexity is 0.1, where the factors ambiguity, risk were expected."),
        (None, "The complexity is missing."),
        ("low", "The complexity is 'low', where the factors ambiguity, risk were expected."),
    ],
)
def test_the_weights_name_the_factors_that_have_to_be_there(complexity: Any, sentence: str) -> None:
    trigger = complexity_above(1.0, weights={"ambiguity": 1, "risk": 0})
    finding = found(trigger, complexity=complexity)
    assert finding.needed is True
    assert finding.sentence == sentence
    assert found(trigger, complexity={"ambiguity": 1, "risk": 1, "x": "y"}).needed is False


def expected(complexity: Any) -> float | None:
    """The mean, by hand; None where a person has to look."""
    if isinstance(complexity, BaseModel):
        complexity = complexity.model_dump()
    if isinstance(complexity, Score):
        return complexity.value
    if not isinstance(complexity, Mapping):
        return as_fraction(complexity)
    values = []
    for name, each in complexity.items():
        if name in ("reason", "reasoning", "explanation"):
            continue
        fraction = each.value if isinstance(each, Score) else as_fraction(each)
        if fraction is None or not isinstance(name, str) or not name.strip():
            return None
        values.append(1 - fraction if name in ("confidence", "precedent") else fraction)
    return sum(values) / len(values) if values else None


@given(ANYTHING | st.dictionaries(NAMES, st.floats(-0.1, 1.1) | ANYTHING, max_size=5))
@settings(max_examples=scale(5_000), deadline=None)
def test_nothing_passes_but_a_mean_up_to_the_threshold(complexity: Any) -> None:
    mean = expected(complexity)
    finding = found(complexity_above(0.7), complexity=complexity)
    if not finding.needed:
        assert mean is not None
        assert mean <= 0.7 + 1e-9
    elif mean is not None:
        odd = isinstance(complexity, dict) and not all(map(str.isprintable, complexity))
        assert odd or mean > 0.7 - 1e-9
    if mean is None:
        assert found(~complexity_above(0.7), complexity=complexity).needed is True


def test_hundreds_of_factors_do_not_fill_the_sentence() -> None:
    factors = {f"f{number:03}": number / 500 for number in range(500)}
    finding = found(complexity_above(0.3), complexity=factors)
    assert "f491 0.001964, f490 0.00196 and 490 more)." in finding.sentence
    assert len(finding.factors or {}) == 500


def test_a_new_version_is_judged_again() -> None:
    trigger = complexity_above(factors={"a": "case.a", "b": "b"})
    assert condition(trigger).later_keys == {"case", "b"}


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan, True, None, "0.7"])
def test_the_threshold_is_a_number_from_0_to_1(threshold: Any) -> None:
    with pytest.raises(GateError, match="threshold must be a number from 0 to 1, not "):
        complexity_above(threshold)


@pytest.mark.parametrize(
    ("factors", "match"),
    [
        ({}, "factors is empty"),
        (None, "factors must be a state key"),
        (5, "factors must be a state key"),
        ("a..b", "factors: 'a..b' is no state key"),
        ({"a": 5}, "a must be a state key"),
        ({"a": "a..b"}, "a: 'a..b' is no state key"),
        ({5: "a"}, "the name of a factor must be a text"),
        ({"": "a"}, "the name of a factor must be a text"),
        ({"a\x00": "a"}, "the name of a factor has characters that cannot be stored"),
    ],
)
def test_factors_are_sources_with_names(factors: Any, match: str) -> None:
    with pytest.raises(GateError, match=match):
        complexity_above(factors=factors)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ({}, "weights is empty"),
        (5, "weights map factors to numbers, not 5"),
        (["a"], "weights map factors to numbers, not"),
        ({"a": 0, "b": 0.0}, "the weights of a, b sum to nothing"),
        ({"a": -1}, "the weight of a is -1; a weight is 0 or more"),
        ({"a": math.nan}, "the weight of a must be a finite number, not nan"),
        ({"a": math.inf}, "the weight of a must be a finite number, not inf"),
        ({"a": True}, "the weight of a must be a finite number, not True"),
        ({"a": None}, "the weight of a must be a finite number, not None"),
        ({5: 1}, "the name of a factor must be a text"),
    ],
)
@pytest.mark.parametrize("factors", ["complexity", {"a": "a", "b": "b"}])
def test_weights_are_numbers_that_sum_to_something(factors: Any, weights: Any, match: str) -> None:
    with pytest.raises(GateError, match=match):
        complexity_above(factors=factors, weights=weights)


def test_a_weight_of_an_unknown_factor_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(GateError, match="weights: no factor is named ambigity; known: ambiguity"):
        complexity_above(factors={"ambiguity": "a", "risk": "b"}, weights={"ambigity": 2})
    many = {f"f{number}": "x" for number in range(500)}
    with pytest.raises(GateError) as caught:
        complexity_above(factors=many, weights={f"g{number}": 1 for number in range(500)})
    assert len(str(caught.value)) < 300
