"""Values that a state may hold and nobody expects, and what holds for every finding."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any, NoReturn

from hypothesis import strategies as st
from pydantic import BaseModel

from langgraph_hitl.review import Finding
from langgraph_hitl.review.digest import plain_json
from langgraph_hitl.triggers import Score, Trigger
from langgraph_hitl.triggers.condition import Condition, bind
from langgraph_hitl.triggers.source import declare_all
from tests.strategies import JSON

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _raise(*_args: Any, **_options: Any) -> NoReturn:
    raise RuntimeError("nobody touches this")


class Raises:
    """Raises whatever is done to it but copying, which comes before functions see it."""

    def __deepcopy__(self, memo: Any) -> Raises:
        return self

    __repr__ = __str__ = __bool__ = __len__ = __iter__ = __float__ = __int__ = __index__ = _raise
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getitem__ = __format__ = _raise
    __eq__ = __ne__ = __hash__ = _raise
    __getattr__ = _raise


class ClaimsToBeANumber:
    """Says that it is a `float`."""

    __class__ = float  # type: ignore[assignment]  # the lie


class LooseNumber(float):
    """A number that compares as it likes."""

    def __lt__(self, other: Any) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


@Real.register
class Turns:
    """A number at first sight, NaN at the second."""

    def __init__(self) -> None:
        self.looks = 0

    def __float__(self) -> float:
        self.looks += 1
        return 0.5 if self.looks % 2 else math.nan


@dataclass
class Record:
    """An object with a field and a method."""

    x: Any

    def method(self) -> bool:
        return True


class Answer(BaseModel):
    """A structured output."""

    x: Any


def endless() -> list[Any]:
    inner: list[Any] = []
    inner.append(inner)
    return inner


NUMBERS = st.one_of(
    st.floats(),
    st.floats(-0.5, 1.5),
    st.sampled_from([0.3, 0.6, 0.7, 0.8, 0.9, 0.7999999999999999, 0.8000000000000002, -0.0, 1.0]),
    st.integers(),
    st.integers(-2, 2),
    st.sampled_from([10**400, -(10**400), 2**63, 2**64]),
    st.decimals(allow_nan=True),
    st.decimals(0, 1),
    st.sampled_from([Decimal("sNaN"), Decimal("1E+9999"), Decimal("1E-9999"), Decimal("-0")]),
    st.fractions(),
    st.fractions(0, 1),
    st.just(Fraction(10**400)),
)
OBJECTS = st.one_of(
    st.builds(Raises),
    st.builds(LooseNumber, st.floats(0, 1)),
    st.builds(Record, st.booleans()),
    st.builds(Answer, x=st.booleans()),
    st.builds(endless),
    st.builds(Score, st.floats(0, 1), st.just({"a": 1.0})),
    st.binary(max_size=5),
    st.text(max_size=5),
    st.sampled_from(["\ud800", "a\x00b", "x" * 100_000, b"\xff" * 100_000]),
    st.datetimes(),
    st.sets(st.integers()),
    st.just(object()),
    st.sampled_from([int, len, NotImplemented, ...]),
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    JSON | NUMBERS | OBJECTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def condition(trigger: Trigger, *keys: str) -> Condition:
    """The trigger as a gate has it, whose functions read `keys`."""
    return bind(trigger, declare_all(dict.fromkeys(keys)))


def found(trigger: Trigger, **values: Any) -> Finding:
    """What the trigger finds, as a gate asks it; checked for what holds for every finding."""
    finding = condition(trigger, *values).evaluate(values, NOW)
    stored = finding.to_json()
    assert plain_json(stored) == stored
    assert isinstance(finding.needed, bool)
    assert_one_sentence(finding.sentence)
    return finding


def assert_one_sentence(sentence: str) -> None:
    """In words, in one line, from a capital to a full stop."""
    assert sentence.isprintable()
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "  " not in sentence
    assert len(sentence) < 1_000
    for word in ("Traceback", "Error", "object at 0x", "NotJson", "NoneType"):
        assert word not in sentence, sentence


def as_number(value: Any) -> float | None:
    """What a careful reader takes for a number; None for everything else."""
    kinds = (int, float, Decimal, Fraction)
    if isinstance(value, bool) or type(value) not in (*kinds, LooseNumber):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def as_fraction(value: Any) -> float | None:
    """The same for a number from 0 to 1."""
    number = as_number(value)
    return None if number is None or not 0 <= Fraction(value) <= 1 else number
