"""Moments: times that say which zone they are in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import quoted


def moment_of(given: Any, what: str) -> datetime:
    """A moment in UTC, where times of one zone compare as they follow each other.

    Raises `GateError` for what is no time, or has no time zone.

    >>> from datetime import timedelta, timezone
    >>> moment_of(datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=1))), "begins")
    datetime.datetime(2026, 12, 1, 8, 0, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(given, datetime):
        raise GateError(f"{what} must be a datetime with a time zone, not {quoted(given)}")
    if given.utcoffset() is None:
        raise GateError(f"{what} has no time zone: {given}; give it one, such as tzinfo=UTC")
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise GateError(f"{what} lies beyond all calendars: {given}") from None
