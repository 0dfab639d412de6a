"""Dates and moments, in state and in policies. A moment has a time zone, a date has none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers.number import quoted

When: TypeAlias = date | datetime

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_when(value: Any) -> When | None:
    """The date or the moment that a value or its ISO text is; None for anything else.

    A time of day without a time zone is neither: nobody knows when it is. Subclasses, which compare
    as they like, become their plain types.

    >>> read_when("2026-12-31")
    datetime.date(2026, 12, 31)
    >>> read_when("2026-12-31T09:00") is None
    True
    """
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, datetime):
        plain = datetime.fromisoformat(datetime.isoformat(value))
        return None if plain.utcoffset() is None else plain
    return date.fromisoformat(date.isoformat(value)) if isinstance(value, date) else None


def checked_when(given: Any, what: str) -> When:
    """A date or a moment that a user gave as an option."""
    found = read_when(given)
    if found is None:
        raise GateError(
            f"{what} must be a date such as 2026-12-31, or a moment with its offset such as "
            f"2026-12-31T18:00:00+01:00, not {quoted(given)}"
        )
    return found


def checked_at(at: datetime | None) -> datetime:
    """The moment of an option `at`: now, if it is None."""
    if at is None:
        return datetime.now(UTC)
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise GateError(f"at must be a datetime with a time zone, not {quoted(str(at))}")
    return at


def compared(value: Any, bound: When, what: str) -> int:
    """-1, 0 or 1 as a value is before, at or after a bound. Raises `Unreadable` for another kind.

    A date is compared with a date and a moment with a moment: one with the other would need a time
    zone that nobody gave.
    """
    if value is None:
        raise Unreadable(f"The {what} is missing.")
    found = read_when(value)
    if isinstance(bound, datetime):
        if not isinstance(found, datetime):
            raise Unreadable(f"The {what} is {quoted(value)}, which is no moment with an offset.")
        return (found > bound) - (found < bound)
    if found is None or isinstance(found, datetime):
        raise Unreadable(f"The {what} is {quoted(value)}, which is no date.")
    return (found > bound) - (found < bound)


def end_of(when: When) -> datetime:
    """The first moment after it: a date ends with its last second by UTC."""
    if isinstance(when, datetime):
        return when
    if when == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(when + timedelta(days=1), time(), UTC)


def _parsed(text: str) -> When | None:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
