"""Numbers of unknown origin: what counts as one, and how a sentence writes it."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real
from typing import Any

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import readable


def number_of(value: Any, what: str) -> int | float | Decimal:
    """The number that `value` is. Raises `Unreadable`: missing, NaN, infinite, another type.

    >>> number_of(0.5, "confidence")
    0.5
    """
    if value is None:
        raise Unreadable(f"The {what} is missing.")
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise Unreadable(f"The {what} is {quoted(value)}, which is not a number.")
    if not math.isfinite(value):
        raise Unreadable(f"The {what} is {value}, which is not a number to go by.")
    return value if isinstance(value, int | Decimal) else float(value)


def fraction_of(value: Any, what: str) -> float:
    """The number from 0 to 1 that `value` is. Raises `Unreadable` for everything else."""
    number = number_of(value, what)
    if not 0 <= number <= 1:
        raise Unreadable(f"The {what} is {shown(number)}, outside 0 to 1.")
    return float(number)


def checked_number(value: Any, option: str) -> int | float | Decimal:
    """A number that a user gave as an option."""
    try:
        return number_of(value, option)
    except Unreadable:
        raise GateError(f"{option} must be a finite number, not {value!r}") from None


def checked_fraction(value: Any, option: str) -> float:
    """A number from 0 to 1 that a user gave as an option."""
    try:
        return fraction_of(value, option)
    except Unreadable:
        raise GateError(f"{option} must be a number from 0 to 1, not {value!r}") from None


def shown(number: float | Decimal) -> str:
    """A number in a sentence.

    >>> shown(0.1 + 0.2), shown(1000), shown(0.62348293)
    ('0.3', '1000', '0.62348293')
    """
    return str(number) if isinstance(number, int | Decimal) else f"{number:.12g}"


def beside(number: float | Decimal, limit: float | Decimal) -> str:
    """A number in a sentence with the limit it is compared with: short, unless that hides which
    of the two is greater.

    >>> beside(0.62348293, 0.8), beside(0.79999999, 0.8)
    ('0.6235', '0.79999999')
    """
    if isinstance(number, int):
        return str(number)
    exact, edge = float(number), float(limit)
    short = f"{exact:.4g}"
    rounded = float(short)
    tells = (rounded < edge) == (exact < edge) and (rounded > edge) == (exact > edge)
    return short if tells else repr(exact)


def json_number(number: float | Decimal) -> float:
    """A number as plain JSON."""
    return float(number) if isinstance(number, Decimal) else number


def quoted(value: Any) -> str:
    """A value of unknown origin in a sentence."""
    try:
        return readable(repr(value), 60)
    except Exception:
        return f"a {type(value).__name__}"
