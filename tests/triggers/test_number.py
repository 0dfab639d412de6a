"""What counts as a number, and how a sentence writes it."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.digest import plain_json
from langgraph_hitl.triggers.number import (
    beside,
    checked_fraction,
    checked_number,
    exact,
    exceeds,
    fraction_of,
    json_number,
    kind_of,
    listed,
    number_of,
    quoted,
    shown,
)
from tests.scale import scale
from tests.triggers.hostile import (
    ANYTHING,
    ClaimsToBeANumber,
    Raises,
    Turns,
    as_fraction,
    as_number,
    assert_one_sentence,
    endless,
)

NUMBERS = (
    st.integers(-(10**18), 10**18)
    | st.floats(-1e15, 1e15)
    | st.decimals(-(10**9), 10**9, places=4)
    | st.sampled_from([float(2**60), 2**60, 1e22, 1e40])
)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (0, 0),
        (2**70, 2**70),
        (0.5, 0.5),
        (-0.0, 0.0),
        (Decimal("0.50"), Decimal("0.5")),
        (Decimal("-0"), Decimal(0)),
        (Fraction(1, 4), 0.25),
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(2**62 + 1), 2**62 + 1),
    ],
)
def test_a_number_becomes_one_of_the_plain_types(given: Any, number: Any) -> None:
    found = number_of(given, "amount")
    assert found == number
    assert type(found) is type(number)
    assert not str(found).startswith("-0")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "The amount is missing."),
        (True, "The amount is True, which is not a number."),
        (np.bool_(True), "The amount is a bool, which is not a number."),
        ("12", "The amount is '12', which is not a number."),
        ("", "The amount is '', which is not a number."),
        ([1], "The amount is [1], which is not a number."),
        (np.array(0.5), "The amount is a ndarray, which is not a number."),
        (1 + 2j, "The amount is a complex, which is not a number."),
        (object(), "The amount is an object, which is not a number."),
        (math.nan, "The amount is NaN, which is not a number."),
        (np.float64("nan"), "The amount is NaN, which is not a number."),
        (Decimal("NaN"), "The amount is NaN, which is not a number."),
        (Decimal("sNaN"), "The amount is NaN, which is not a number."),
        (math.inf, "The amount is infinite, or too great to go by."),
        (-math.inf, "The amount is infinite, or too great to go by."),
        (Decimal("Infinity"), "The amount is infinite, or too great to go by."),
        (10**400, "The amount is infinite, or too great to go by."),
        (Decimal("1E+9999"), "The amount is infinite, or too great to go by."),
        (Fraction(10**400), "The amount is infinite, or too great to go by."),
    ],
)
def test_everything_else_is_unreadable_in_one_sentence(given: Any, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        number_of(given, "amount")
    assert str(caught.value) == sentence


def test_what_cannot_be_touched_is_no_number() -> None:
    with pytest.raises(Unreadable, match="The amount is a Raises, which is not a number"):
        number_of(Raises(), "amount")
    with pytest.raises(GateError, match="limit must be a finite number, not a Raises"):
        checked_number(Raises(), "limit")


def test_a_number_that_changes_is_read_once() -> None:
    turns = Turns()
    assert number_of(turns, "amount") == 0.5
    with pytest.raises(Unreadable, match="The amount is NaN"):
        number_of(turns, "amount")


def test_what_only_claims_to_be_a_number_is_none() -> None:
    with pytest.raises(TypeError):
        number_of(ClaimsToBeANumber(), "amount")


@pytest.mark.parametrize(
    ("given", "shown_as"),
    [
        (1.2, "1.2"),
        (-0.1, "-0.1"),
        (1.0000000000000002, "1.0000000000000002"),
        (-1e-300, "-1e-300"),
        (2, "2"),
        (10**30, "1000000000000000000000000000000"),
        (Decimal("1.00000000000000000000000000000000001"), "1.00000000000000000000000000000000001"),
        (Decimal("-1E-9999"), "-1E-9999"),
    ],
)
def test_a_fraction_lies_from_0_to_1(given: Any, shown_as: str) -> None:
    with pytest.raises(Unreadable) as caught:
        fraction_of(given, "confidence")
    expected = f"The confidence is {shown_as}, outside 0 to 1."
    if shown_as == str(10**30):
        expected = "The confidence is 1e+30, outside 0 to 1."
    assert str(caught.value) == expected


@given(ANYTHING)
@settings(max_examples=scale(3_000), deadline=None)
def test_of_any_value_either_a_number_or_a_sentence_comes_out(value: Any) -> None:
    for read, careful in ((number_of, as_number), (fraction_of, as_fraction)):
        try:
            found = float(read(value, "amount"))
        except Unreadable as error:
            assert_one_sentence(str(error))
            assert careful(value) is None
        except (TypeError, RuntimeError):
            assert not isinstance(value, int | str | list | dict)
        else:
            assert math.isfinite(found)
            assert careful(value) in (found, None)  # None: a type that is not weighed there


@pytest.mark.parametrize("given", [None, True, "0.5", math.nan, math.inf, [], object(), 10**400])
def test_an_option_that_is_no_number_is_an_error_that_names_it(given: Any) -> None:
    with pytest.raises(GateError, match="limit must be a finite number, not "):
        checked_number(given, "limit")
    with pytest.raises(GateError, match="rate must be a number from 0 to 1, not "):
        checked_fraction(given, "rate")


@pytest.mark.parametrize("given", [1.2, -0.1, 2, Decimal("1.01")])
def test_an_option_outside_0_to_1_is_an_error(given: Any) -> None:
    with pytest.raises(GateError, match=f"rate must be a number from 0 to 1, not .*{given}"):
        checked_fraction(given, "rate")


def test_a_float_is_compared_as_it_is_written() -> None:
    assert exact(0.3) == exact(Decimal("0.3"))
    assert exact(0.1 + 0.2) > exact(0.3)
    assert exact(10) == exact(10.0)
    assert exact(2**60) == exact(float(2**60)) < exact(2**60 + 1)


@given(NUMBERS, NUMBERS)
@settings(max_examples=scale(3_000), deadline=None)
def test_which_is_greater_is_exact(number: Any, limit: Any) -> None:
    assert exceeds(number, limit) is (exact(number) > exact(limit))
    assert not exceeds(number, number)


@pytest.mark.parametrize(
    ("number", "limit"),
    [(0.1 + 0.2, 0.3), (2**60 + 1, float(2**60)), (2**53 + 1, 2.0**53), (1e23, 10**22)],
)
def test_close_numbers_are_told_apart(number: Any, limit: Any) -> None:
    assert exceeds(number, limit)
    assert not exceeds(limit, number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1000, "1000"),
        (1000.0, "1000"),
        (1234567.89, "1234567.89"),
        (999999999999.25, "999999999999.25"),
        (1e22, "10000000000000000000000"),
        (1e50, "1e+50"),
        (0.0, "0"),
        (Decimal("12.50"), "12.50"),
        (10**40, "1e+40"),
        (Decimal("0." + "1" * 50), "0.111111111111111"),
    ],
)
def test_a_number_in_a_sentence(number: Any, text: str) -> None:
    assert shown(number) == text


@pytest.mark.parametrize(
    ("number", "limit", "text"),
    [
        (0.62348293, 0.8, "0.6235"),
        (0.79999999, 0.8, "0.79999999"),
        (0.7999999999999999, 0.8, "0.7999999999999999"),
        (0.8000000000000002, 0.8, "0.8000000000000002"),
        (0.1 + 0.2, 0.3, "0.30000000000000004"),
        (0.1 + 0.2, 0.4, "0.3"),
        (Decimal("0.7999999999999999999"), 0.8, "0.7999999999999999999"),
        (123456.78, 1000, "123456.78"),
        (1200, 1000, "1200"),
        (10**40, 10**40, "1e+40"),
        (10**40 + 1, 10**40, str(10**40 + 1)),
        (float(2**60), 2**60, "1152921504606846976"),
        (1e50, 10**50, str(int(1e50))),
    ],
)
def test_a_number_beside_its_limit_tells_which_is_greater(
    number: Any, limit: Any, text: str
) -> None:
    assert beside(number, limit) == text


@given(NUMBERS, NUMBERS)
@settings(max_examples=scale(3_000), deadline=None)
def test_a_number_beside_any_limit_stands_on_its_side(number: Any, limit: Any) -> None:
    text = beside(number, limit)
    order = exact(number).compare(exact(limit))
    assert Decimal(text).compare(exact(limit)) == order
    assert len(text) <= 60


@given(NUMBERS | st.sampled_from([2**63, 2**64, 10**300, Decimal("1E+300")]))
def test_a_number_is_stored_as_plain_json(number: Any) -> None:
    stored = json_number(number)
    assert plain_json(stored) == stored
    assert stored == number or math.isclose(stored, number)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("high", "'high'"),
        ({"level": "high"}, "{'level': 'high'}"),
        (None, "None"),
        (b"x", "b'x'"),
        (Decimal("1.5"), "Decimal('1.5')"),
        (np.float32(1.5), "a float32"),
        (object(), "an object"),
        ({"a": [object(), None, 1.5]}, "{'a': [<object>, None, 1.5]}"),
        ([10**5000, 2**64 - 1], "[<int>, 18446744073709551615]"),
        (endless(), "[[[[[[[...]]]]]]]"),
    ],
)
def test_a_value_is_quoted_if_it_is_plain_data(value: Any, text: str) -> None:
    assert quoted(value) == text


@given(ANYTHING)
@settings(max_examples=scale(2_000), deadline=None)
def test_any_value_can_be_quoted_in_a_short_line(value: Any) -> None:
    for text in (quoted(value), kind_of(value)):
        assert 0 < len(text) <= 70
        assert text.isprintable()
        assert " at 0x" not in text


def test_a_huge_value_is_quoted_without_being_written_out() -> None:
    quoted(["x" * 10_000] * 10_000_000)
    quoted(dict.fromkeys(range(100_000)))


def test_a_list_of_names_is_bounded() -> None:
    assert listed(["a"]) == "a"
    assert listed(map(str, range(10))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert listed(map(str, range(500)), most=3) == "0, 1, 2 and 497 more"
    assert len(listed(["x" * 1_000] * 500)) < 700
