"""Numbers of votes: exact, whatever their order."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from langgraph_hitl.errors import GateError


def exact(number: float) -> Fraction:
    """The number as it is written, so that 0.1 + 0.2 is 0.3."""
    return Fraction(str(number))


def plain(number: Fraction) -> float:
    """A whole number as an integer."""
    return number.numerator if number.denominator == 1 else float(number)


def checked_count(given: Any, what: str) -> int:
    """A whole number of at least 1."""
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise GateError(f"{what} must be a whole number of at least 1, not {_brief(given)}")
    return int(given)


def checked_weight(given: Any, what: str) -> float:
    """A finite number above 0."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise GateError(f"{what} must be a number above 0, not {_brief(given)}")
    if not 0 < given < math.inf or given > 1e15 or given < 1e-9:
        raise GateError(f"{what} must be a number from 1e-9 to 1e15, not {_brief(given)}")
    return given if isinstance(given, int) else float(given)


def _brief(given: Any) -> str:
    if isinstance(given, float) or (isinstance(given, int) and abs(given) < 10**20):
        return repr(given)
    return f"'{given}'" if isinstance(given, str) and len(given) < 40 else type(given).__name__
