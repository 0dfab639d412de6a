"""Numbers of votes: exact, whatever their order."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from langgraph_hitl.errors import GateError

LEAST, MOST = 1e-6, 1_000_000


def exact(number: float) -> Fraction:
    """The number as it is written, so that 0.1 + 0.2 is 0.3."""
    return Fraction(str(number))


def plain(number: Fraction) -> float:
    """A whole number as an integer."""
    return number.numerator if number.denominator == 1 else float(number)


def checked_count(given: Any, what: str) -> int:
    """A whole number from 1 on."""
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST:
        raise GateError(f"{what} must be a whole number from 1 to {MOST}, not {_brief(given)}")
    return int(given)


def checked_weight(given: Any, what: str) -> float:
    """A finite number above 0."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise GateError(f"{what} must be a number above 0, not {_brief(given)}")
    if not LEAST <= given <= MOST:
        raise GateError(f"{what} must be a number from {LEAST} to {MOST}, not {_brief(given)}")
    return given if isinstance(given, int) else float(given)


def _brief(given: Any) -> str:
    if isinstance(given, float) or (isinstance(given, int) and abs(given) < 10**20):
        return repr(given)
    return f"'{given}'" if isinstance(given, str) and len(given) < 40 else type(given).__name__
