"""Bounds: exact, of one kind, and nothing else than yes, no or unreadable."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.policies import Equal, From, In, Max, Min, Until
from langgraph_hitl.policies.bound import Bound, check_together
from tests.scale import scale
from tests.triggers.hostile import ANYTHING

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Loose(datetime):
    """A moment that compares as it likes."""

    def __gt__(self, other: object) -> bool:
        return False

    __lt__ = __ge__ = __le__ = __gt__


class Word(str):
    """A text that is equal to every other."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("bound", "value"),
    [
        (Until(NOON), Loose(2027, 1, 1, tzinfo=UTC)),
        (Equal("a"), Word("b")),
        (In(["a", "c"]), Word("b")),
    ],
)
def test_values_do_not_say_themselves_how_they_compare(bound: Bound, value: Any) -> None:
    assert bound.holds(value, "x") is False


@pytest.mark.parametrize(
    ("bound", "value", "holds"),
    [
        (Equal(0.3), Decimal("0.3"), True),
        (Equal(0.3), 0.1 + 0.2, False),
        (Equal(2**53 + 1), float(2**53), False),
        (Max(Decimal("0.3")), 0.3, True),
        (Max(2**53), 2**53 + 1, False),
        (Min(0), -0.0, True),
        (From(date(2026, 6, 1)), date(2026, 6, 1), True),
        (From(date(2026, 6, 1)), "2026-05-31", False),
        (Until(NOON), NOON, True),
        (Until(NOON), "2026-06-01T12:00:00.000001Z", False),
        (In([True]), True, True),
        (In([False]), True, False),
    ],
)
def test_comparisons_are_exact(bound: Bound, value: Any, holds: bool) -> None:
    assert bound.holds(value, "x") is holds


@pytest.mark.parametrize(
    ("bound", "value", "sentence"),
    [
        (Equal("a"), None, "The x is missing."),
        (Equal("a"), 5, "The x is 5, which is not a text."),
        (Equal(1), True, "The x is True, which is not a number."),
        (Equal(value=True), 1, "The x is 1 instead of true or false."),
        (Max(5), math.nan, "The x is NaN, which is not a number."),
        (From("2026-06-01"), NOON, "The x is a datetime, which is no date."),
        (From(NOON), "2026-06-01", "The x is '2026-06-01', which is no moment with an offset."),
        (Until(NOON), "2026-06-01T12:00:00", "The x is '2026-06-01T12:00:00', which is no mom"),
        (Until("2026-06-01"), "1 June", "The x is '1 June', which is no date."),
    ],
)
def test_another_kind_is_unreadable(bound: Bound, value: Any, sentence: str) -> None:
    with pytest.raises(Unreadable) as raised:
        bound.holds(value, "x")
    assert str(raised.value).startswith(sentence)


@given(
    st.sampled_from(
        [
            *(Equal("a"), Equal(5), Equal(value=True), In(["a", "b"]), In([1, 2])),
            *(Min(1), Max(1), From("2026-06-01"), Until(NOON)),
        ]
    ),
    ANYTHING,
)
@settings(max_examples=scale(3_000), deadline=None)
def test_of_whatever_there_is_a_bound_says_yes_or_no_or_raises(bound: Bound, value: Any) -> None:
    try:
        held = bound.holds(value, "x")
    except Exception:
        return
    assert held is True or held is False


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Equal(None), "equal takes a text, a number, or true or false"),  # type: ignore[arg-type]
        (lambda: Equal(math.nan), "equal must be a finite number"),
        (lambda: In("ab"), "in takes a list of values"),
        (lambda: In([]), "in takes 1 to 1000 values, not 0"),
        (lambda: In(["a", 1]), "values of one kind"),
        (lambda: In([1, True]), "values of one kind"),
        (lambda: In(["a", "a"]), "in has 'a' twice"),
        (lambda: Min("5"), "min must be a finite number"),  # type: ignore[arg-type]
        (lambda: Max(True), "max must be a finite number"),
        (lambda: From("June"), "from must be a date"),
        (lambda: Until(datetime(2026, 1, 1)), "until must be a date"),
        (lambda: check_together((Min(5), Max(4))), "never at least 5 and at most 4"),
        (lambda: check_together((Min(5), Min(4))), "two bounds Min"),
        (lambda: check_together((In([1]), Min(4))), "In beside other bounds"),
        (lambda: check_together((From("2026-01-01"), Until(NOON))), "a date beside a moment"),
    ],
)
def test_a_bound_that_says_nothing_is_refused(make: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        make()


def test_bounds_are_equal_by_what_they_say() -> None:
    assert len({Min(5), Min(5), Max(5)}) == 2
    assert In(["a"]) == In(["a"])
    assert len({Equal("a"), Equal("a"), From("2026-01-01"), From(date(2026, 1, 1))}) == 2
