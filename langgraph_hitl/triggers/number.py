"""Numbers of unknown origin: what counts as one, and how a sentence writes it."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from numbers import Integral, Real
from typing import Any, TypeAlias

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import readable

Number: TypeAlias = int | float | Decimal

_MAX_JSON_INT = 2**63
_PLAIN = 2**1_000  # some way below what a float holds
_QUOTED = (type(None), bool, int, float, Decimal, str, bytes, list, tuple, dict, set, frozenset)


class _Brief(reprlib.Repr):
    """Plain data; of an object inside it the name of its type."""

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if x.bit_length() <= 64 else "<int>"

    def repr_instance(self, x: Any, level: int) -> str:
        return super().repr_instance(x, level) if type(x) in _QUOTED else f"<{type(x).__name__}>"


_BRIEF = _Brief()
_BRIEF.maxstring = _BRIEF.maxother = 60


def number_of(value: Any, what: str) -> Number:
    """The number that `value` is. Raises `Unreadable`: missing, NaN, infinite, another type.

    >>> number_of(0.5, "confidence")
    0.5
    """
    if type(value) is float and math.isfinite(value):
        return value + 0.0
    if type(value) is int and -_PLAIN < value < _PLAIN:
        return value
    if value is None:
        raise Unreadable(f"The {what} is missing.")
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise Unreadable(f"The {what} is {quoted(value)}, which is not a number.")
    try:
        number = _plain(value)
        size = float(number)
    except OverflowError:
        size = math.inf
    except ValueError:  # a signalling NaN
        size = math.nan
    if math.isnan(size):
        raise Unreadable(f"The {what} is NaN, which is not a number.")
    if math.isinf(size):
        raise Unreadable(f"The {what} is infinite, or too great to go by.")
    return number


def fraction_of(value: Any, what: str) -> float:
    """The number from 0 to 1 that `value` is. Raises `Unreadable` for everything else."""
    number = number_of(value, what)
    if not 0 <= number <= 1:
        raise Unreadable(f"The {what} is {beside(number, int(number > 0))}, outside 0 to 1.")
    return float(number)


def checked_number(value: Any, option: str) -> Number:
    """A number that a user gave as an option."""
    try:
        return number_of(value, option)
    except Unreadable:
        raise GateError(f"{option} must be a finite number, not {quoted(value)}") from None


def checked_fraction(value: Any, option: str) -> float:
    """A number from 0 to 1 that a user gave as an option."""
    try:
        return fraction_of(value, option)
    except Unreadable:
        raise GateError(f"{option} must be a number from 0 to 1, not {quoted(value)}") from None


def exact(number: Number) -> Decimal:
    """A number for comparisons: a float with decimals counts as what it is written as, so that
    0.3 is `Decimal("0.3")`.
    """
    if isinstance(number, float) and not number.is_integer():
        return _written(number)
    return Decimal(number)


def exceeds(number: Number, limit: Number) -> bool:
    """Whether a number is greater than another one, each exact.

    An int and a float compare like what they are written as, which is faster.

    >>> exceeds(0.1 + 0.2, 0.3), exceeds(Decimal("0.3"), 0.3)
    (True, False)
    """
    if type(number) is Decimal or type(limit) is Decimal:
        return exact(number) > exact(limit)
    return number > limit


def shown(number: Number) -> str:
    """A number in a sentence.

    >>> shown(0.1 + 0.2), shown(1000), shown(0.62348293), shown(Decimal("12.50"))
    ('0.3', '1000', '0.62348293', '12.50')
    """
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    text = "" if isinstance(number, float) else str(number)
    return text if 0 < len(text) <= 30 else f"{float(number):.15g}"


def beside(number: Number, limit: Number) -> str:
    """A number in a sentence with the limit it is compared with: short, unless that hides which
    of the two is greater.

    >>> beside(0.62348293, 0.8), beside(0.79999999, 0.8), beside(1234567.5, 1000)
    ('0.6235', '0.79999999', '1234567.5')
    """
    side = exact(number).compare(exact(limit))
    short = [f"{float(number):.4g}"] if isinstance(number, float) and abs(number) <= 1 else []
    forms = (*short, shown(number), str(exact(number)))
    telling = (form for form in forms if Decimal(form).compare(exact(limit)) == side)
    return readable(next(telling), 60)


def json_number(number: Number) -> int | float:
    """A number as plain JSON; what JSON has no exact form for becomes a float."""
    if isinstance(number, int) and -_MAX_JSON_INT <= number < _MAX_JSON_INT:
        return number
    return float(number)


def quoted(value: Any) -> str:
    """A value of unknown origin in a sentence: in full if it is plain data and short."""
    if type(value) in _QUOTED:
        try:
            return readable(_BRIEF.repr(value), 60)
        except Exception:  # a part of it that has no representation
            return kind_of(value)
    return quoted(str.__str__(value)) if isinstance(value, str) else kind_of(value)


def listed(names: Iterable[str], most: int = 10) -> str:
    """Names in a sentence, and how many more there are.

    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    texts = [readable(name, 60) for name in names]
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more} more" if more > 0 else "")


def kind_of(value: Any) -> str:
    """What a value is, in words: `a dict`, `an object`."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {readable(name, 60)}"


@lru_cache(maxsize=4_096)
def _written(number: float) -> Decimal:
    return Decimal(repr(number))


def _plain(value: Real | Decimal) -> Number:
    """One of the three types, and no negative zero."""
    if isinstance(value, Decimal):
        return Decimal(value) or Decimal(0)
    return int(value) if isinstance(value, Integral) else float(value) + 0.0
