"""`over`: strictly above the limit a person is asked."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import over
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, as_number, condition, found


def test_the_finding_has_the_field_the_value_and_the_limit() -> None:
    trigger = over("payment.amount", 1000)
    assert found(trigger, payment={"amount": 1200}).to_json() == {
        "needed": True,
        "sentence": "The payment.amount 1200 is over 1000.",
        "trigger": "over",
        "details": {"field": "payment.amount", "value": 1200, "limit": 1000},
    }


@pytest.mark.parametrize(
    ("value", "limit", "needed", "sentence"),
    [
        (1000, 1000, False, "The x 1000 is not over 1000."),
        (1000.01, 1000, True, "The x 1000.01 is over 1000."),
        (123456.78, 1000, True, "The x 123456.78 is over 1000."),
        (1000.0000001, 1000, True, "The x 1000.0000001 is over 1000."),
        (Decimal("0.3"), 0.3, False, "The x 0.3 is not over 0.3."),
        (0.3, Decimal("0.3"), False, "The x 0.3 is not over 0.3."),
        (Decimal("0.1"), 0.1, False, "The x 0.1 is not over 0.1."),
        (Decimal("1000.001"), 1000, True, "The x 1000.001 is over 1000."),
        (0.1 + 0.2, 0.3, True, "The x 0.30000000000000004 is over 0.3."),
        (2**53 + 1, float(2**53), True, "The x 9007199254740993 is over 9007199254740992."),
        (float(2**60), 2**60, False, "The x 1152921504606846976 is not over 1152921504606846976."),
        (2**64, 2**64 - 1, True, "The x 18446744073709551616 is over 18446744073709551615."),
        (-5, 0, False, "The x -5 is not over 0."),
        (-0.0, 0, False, "The x 0 is not over 0."),
        (10**300, 1000, True, "The x 1e+300 is over 1000."),
    ],
)
def test_at_the_limit_nobody_is_asked(value: Any, limit: Any, needed: bool, sentence: str) -> None:
    finding = found(over("x", limit), x=value)
    assert finding.needed is needed
    assert finding.sentence == sentence


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "The x is missing."),
        (math.nan, "The x is NaN, which is not a number."),
        (-math.inf, "The x is infinite, or too great to go by."),
        (10**400, "The x is infinite, or too great to go by."),
        (True, "The x is True, which is not a number."),
        ("12", "The x is '12', which is not a number."),
    ],
)
def test_what_is_no_number_asks_a_person_in_plain_words(value: Any, sentence: str) -> None:
    for trigger in (over("x", 10**9), ~over("x", -(10**9))):
        finding = found(trigger, x=value)
        assert finding.needed is True
        assert finding.sentence == sentence


@given(ANYTHING, st.sampled_from([-1, 0, 0.5, 1000, Decimal("0.7"), 2**63]))
@settings(max_examples=scale(5_000), deadline=None)
def test_nothing_passes_but_a_number_up_to_the_limit(value: Any, limit: Any) -> None:
    number = as_number(value)
    finding = found(over("x", limit), x=value)
    if not finding.needed:
        assert number is not None
        assert number <= limit or math.isclose(number, limit)
    elif number is not None:
        assert Fraction(value) > Fraction(limit) or math.isclose(number, limit)
    if number is None:
        assert found(~over("x", limit), x=value).needed is True


@given(st.integers(), st.integers())
def test_whole_numbers_are_compared_exactly(value: int, limit: int) -> None:
    assert found(over("x", limit), x=value).needed is (value > limit)


@given(st.decimals(-(10**6), 10**6, places=6), st.decimals(-(10**6), 10**6, places=6))
def test_decimals_are_compared_exactly_also_with_floats(value: Decimal, limit: Decimal) -> None:
    for a, b in ((value, limit), (float(value), limit), (value, float(limit))):
        assert found(over("x", b), x=a).needed is (value > limit)


def test_the_field_may_be_a_function() -> None:
    finding = found(over(lambda state: len(state["x"]), 2), x=[1, 2, 3])
    assert finding.sentence == "The value 3 is over 2."


def test_a_new_version_is_not_judged_again() -> None:
    assert condition(over("payment.amount", 5)).later_keys == frozenset()


@pytest.mark.parametrize("limit", [None, True, "5", math.nan, math.inf, [5], 10**400])
def test_the_limit_is_a_finite_number(limit: Any) -> None:
    with pytest.raises(GateError, match="limit must be a finite number, not "):
        over("x", limit)
