"""Factors and their weighted mean."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers import (
    Factor,
    Score,
    amount_bands,
    factor,
    irreversibility,
    personal_data,
    public_reach,
    risk_at_least,
    weighted,
)
from langgraph_hitl.triggers.source import Path
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, as_number, found

BANDS = {1_000: 0.3, 10_000: 0.7, 100_000: 1.0}
FRACTIONS = st.floats(0, 1)
WEIGHTS = st.floats(0, 1e6) | st.integers(0, 100) | st.sampled_from([5e-324, 1e-200, 1e300])


def value(one: Factor, **state: Any) -> float:
    """The value of a single factor."""
    score = weighted(one)(state)
    assert isinstance(score, Score)
    return score.value


def sentence(one: Factor, **state: Any) -> str:
    """What a person reads where the factor cannot be read."""
    trigger = risk_at_least(0.0, risk=weighted(one))
    assert found(~trigger, **state).needed is True
    return found(trigger, **state).sentence


# The mean


def test_the_score_is_the_weighted_mean_with_the_share_of_each() -> None:
    score = weighted(factor("a", "a", weight=3), factor("b", "b"))({"a": 1.0, "b": 0.2})
    assert score == Score(0.8, {"a": 0.75, "b": 0.05})


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10, 100])
@pytest.mark.parametrize("level", [0.1, 0.3, 0.6, 0.7, 0.9, 1.0])
def test_a_mean_of_equal_values_is_exactly_that_value(size: int, level: float) -> None:
    names = [f"f{number}" for number in range(size)]
    score = weighted(*(factor(name, name, weight=0.1 * (n + 1)) for n, name in enumerate(names)))
    assert score(dict.fromkeys(names, level)).value == level


@given(st.lists(st.tuples(FRACTIONS, WEIGHTS), min_size=1, max_size=8))
@settings(max_examples=scale(3_000), deadline=None)
def test_the_mean_of_any_weights(pairs: list[tuple[float, float]]) -> None:
    factors = [factor(f"f{n}", f"f{n}", weight=weight) for n, (_, weight) in enumerate(pairs)]
    state = {f"f{n}": fraction for n, (fraction, _) in enumerate(pairs)}
    if not any(weight for _, weight in pairs):
        with pytest.raises(GateError, match="sum to nothing"):
            weighted(*factors)
        return
    score = weighted(*factors)(state)
    total = sum(Fraction(weight) for _, weight in pairs)
    mean = sum(Fraction(fraction) * Fraction(weight) for fraction, weight in pairs) / total
    assert 0 <= score.value <= 1
    assert score.value == pytest.approx(float(mean), abs=1e-11)
    assert math.fsum(score.shares.values()) == pytest.approx(score.value, abs=1e-10)
    assert score.shares.keys() == state.keys()


def test_a_factor_without_weight_has_to_be_there_too() -> None:
    score = weighted(factor("a", "a"), factor("b", "b", weight=0))
    assert score({"a": 0.5, "b": 1.0}) == Score(0.5, {"a": 0.5, "b": 0.0})
    with pytest.raises(Unreadable, match="The b is missing"):
        score({"a": 0.5})


def test_a_score_of_factors_may_be_a_factor() -> None:
    inner = weighted(factor("a", "a"), factor("b", "b"))
    score = weighted(factor("inner", inner), factor("c", "c"))({"a": 0.2, "b": 0.4, "c": 0.9})
    assert score == Score(0.6, {"inner": 0.15, "c": 0.45})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "The impact is missing."),
        (1.2, "The impact is 1.2, outside 0 to 1."),
        (-0.1, "The impact is -0.1, outside 0 to 1."),
        (math.nan, "The impact is NaN, which is not a number."),
        (True, "The impact is True, which is not a number."),
        ("high", "The impact is 'high', which is not a number."),
    ],
)
def test_a_value_that_is_no_fraction_asks_a_person(given: Any, expected: str) -> None:
    assert sentence(factor("impact", "x"), x=given) == expected


@given(ANYTHING)
@settings(max_examples=scale(1_000), deadline=None)
def test_a_factor_of_anything_is_a_fraction_or_asks(given: Any) -> None:
    finding = found(~risk_at_least(0.0, risk=weighted(factor("impact", "x"))), x=given)
    if not finding.needed:
        assert isinstance(given, Score) or 0 <= (as_number(given) or 0) <= 1


@pytest.mark.parametrize("wrong", [1.2, -0.1, math.nan, math.inf, None, "0.5", True])
def test_a_scorer_cannot_make_a_score_outside_0_to_1(wrong: Any) -> None:
    with pytest.raises(Unreadable, match="The score is "):
        Score(wrong, {})


# Amounts


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, 0.0),
        (999.99, 0.0),
        (1_000, 0.3),
        (9_999, 0.3),
        (10_000.0, 0.7),
        (Decimal("99999.99"), 0.7),
        (100_000, 1.0),
        (10**30, 1.0),
    ],
)
def test_an_amount_has_the_value_of_its_band(amount: Any, expected: float) -> None:
    assert value(amount_bands("amount", BANDS), amount=amount) == expected


@pytest.mark.parametrize("amount", [0.1, Decimal("0.1"), 0.3, Decimal("0.3")])
def test_a_band_begins_at_its_edge_also_for_decimals(amount: Any) -> None:
    bands = {0.1: 0.5, 0.3: 0.5}
    assert value(amount_bands("amount", bands), amount=amount) == 0.5
    assert value(amount_bands("amount", {Decimal("0.1"): 0.5}), amount=0.1) == 0.5


def test_an_amount_below_the_first_band_and_below_zero_asks_a_person() -> None:
    assert sentence(amount_bands("x", BANDS), x=-5) == "The amount -5 lies below the first band."
    assert value(amount_bands("x", {-100: 0.2}), x=-50) == 0.2
    below = sentence(amount_bands("x", {-100: 0.2}, name="balance"), x=-100.5)
    assert below == "The balance -100.5 lies below the first band."


@pytest.mark.parametrize("bands", [None, {}, [], "x", 5])
def test_bands_are_a_mapping(bands: Any) -> None:
    with pytest.raises(GateError, match="amount: bands map amounts to values from 0 to 1, not "):
        amount_bands("amount", bands)


@pytest.mark.parametrize("bands", [{"a": 0.3}, {math.nan: 0.3}, {True: 0.3}, {None: 0.3}])
def test_the_edges_of_bands_are_numbers(bands: Any) -> None:
    with pytest.raises(GateError, match="an amount in bands must be a finite number"):
        amount_bands("amount", bands)


@pytest.mark.parametrize("worth", [1.2, -0.1, math.nan, None, True, "0.3"])
def test_the_values_of_bands_lie_from_0_to_1(worth: Any) -> None:
    with pytest.raises(GateError, match="a value in bands must be a number from 0 to 1"):
        amount_bands("amount", {1_000: worth})


# Kinds


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", 0.0),
        ("contact", 0.4),
        ("financial", 0.8),
        ("special", 1.0),
        (["contact", "special", "none"], 1.0),
        (("contact",), 0.4),
        ([], 0.0),
        (True, 1.0),
        (False, 0.0),
    ],
)
def test_the_gravest_kind_of_personal_data_counts(kind: Any, expected: float) -> None:
    assert value(personal_data(), personal_data=kind) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("reversible", 0.0), ("costly", 0.5), ("irreversible", 1.0)]
)
def test_what_cannot_be_undone(kind: str, expected: float) -> None:
    assert value(irreversibility(), reversibility=kind) == expected


@pytest.mark.parametrize(
    ("reach", "expected"),
    [("internal", 0.0), ("partners", 0.3), ("public", 1.0), (["partners", "customers"], 0.6)],
)
def test_who_sees_it(reach: Any, expected: float) -> None:
    assert value(public_reach(), reach=reach) == expected


@pytest.mark.parametrize("answer", [True, False])
def test_true_or_false_says_nothing_about_reversibility_or_reach(answer: bool) -> None:
    """`reversibility: False` could mean either."""
    assert sentence(irreversibility(), reversibility=answer) == (
        f"The irreversibility is {answer}, which is none of reversible, costly, irreversible."
    )
    assert sentence(public_reach(), reach=answer).startswith(f"The public reach is {answer}, which")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (None, "The personal data is missing."),
        ("health", "The personal data is 'health', which is none of none, contact, financial, sp"),
        ("Special", "The personal data is 'Special', which is none of "),
        (5, "The personal data is 5, which is none of "),
        (["contact", "health"], "The personal data is 'health', which is none of "),
        (["contact", None], "The personal data is None, which is none of "),
        ({"kind": "contact"}, "The personal data is {'kind': 'contact'}, which is none of "),
    ],
)
def test_an_unknown_kind_asks_a_person(kind: Any, expected: str) -> None:
    assert sentence(personal_data(), personal_data=kind).startswith(expected)


@given(ANYTHING)
@settings(max_examples=scale(1_000), deadline=None)
def test_any_kind_is_graded_or_asks(kind: Any) -> None:
    for make in (personal_data, irreversibility, public_reach):
        finding = found(~risk_at_least(0.0, risk=weighted(make("x"))), x=kind)
        assert finding.needed or isinstance(kind, str | bool | list | tuple)


def test_hundreds_of_kinds_do_not_fill_the_sentence() -> None:
    kinds = {f"kind-{number}": 0.5 for number in range(500)}
    text = sentence(personal_data("x", kinds=kinds), x="unknown")
    assert text.endswith("kind-8, kind-9 and 490 more.")
    assert value(personal_data("x", kinds=kinds), x="kind-499") == 0.5


@pytest.mark.parametrize("kinds", [None, {}, [], 5, {5: 0.3}, {"": 0.3}, {"a": 1.2}, {"a": True}])
def test_kinds_map_names_to_fractions(kinds: Any) -> None:
    for make in (personal_data, irreversibility, public_reach):
        with pytest.raises(GateError, match=r"personal data: |irreversibility: |public reach: "):
            make("x", kinds=kinds)


# What cannot be built


@pytest.mark.parametrize("weight", [-1, -0.1, math.nan, math.inf, True, None, "1", 10**400])
def test_a_weight_is_a_finite_number_of_0_or_more(weight: Any) -> None:
    with pytest.raises(GateError, match=r"the weight of impact (must be a finite number|is -)"):
        factor("impact", "x", weight=weight)
    with pytest.raises(GateError, match="the weight of amount"):
        amount_bands("x", BANDS, weight=weight)


def test_weights_that_sum_to_nothing_are_an_error() -> None:
    with pytest.raises(GateError, match="the weights of a, b sum to nothing"):
        weighted(factor("a", "a", weight=0), factor("b", "b", weight=0.0))
    many = [factor(f"f{n}", "x", weight=0) for n in range(500)]
    with pytest.raises(GateError, match="f8, f9 and 490 more sum to nothing"):
        weighted(*many)


def test_weights_of_any_size_are_weighed() -> None:
    for weight in (1e308, 5e-324):
        score = weighted(factor("a", "a", weight=weight), factor("b", "b", weight=weight))
        assert score({"a": 1.0, "b": 0.5}).value == 0.75


def test_two_factors_of_one_name_are_an_error() -> None:
    with pytest.raises(GateError, match="two factors have the same name; make one of them with"):
        weighted(amount_bands("a", BANDS), amount_bands("b", BANDS))
    weighted(amount_bands("a", BANDS), amount_bands("b", BANDS, name="fee"))


@pytest.mark.parametrize("given", [(), (None,), ("a",), (0.5,), (Path("a"),)])
def test_weighted_takes_factors(given: tuple[Any, ...]) -> None:
    with pytest.raises(GateError, match="weighted takes factors"):
        weighted(*given)


@pytest.mark.parametrize("name", [None, "", " ", 5, "a\x00"])
def test_a_factor_has_a_name(name: Any) -> None:
    makers: tuple[Any, ...] = (factor, Factor)
    for make in makers:
        with pytest.raises(GateError, match="the name of a factor"):
            make(name, "x")


@pytest.mark.parametrize("source", [None, 0.5, "", "a..b", "reviews"])
def test_the_source_of_a_factor_is_checked(source: Any) -> None:
    makers: tuple[Any, ...] = (factor, Factor)
    for make in makers:
        with pytest.raises(GateError, match="impact"):
            make("impact", source)
