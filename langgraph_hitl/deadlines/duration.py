"""Durations as people write them: `30m`, `24h`, `7d`, `1d 12h`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import quoted

LONGEST = timedelta(days=3660)

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = re.compile(r"([0-9]{1,9})([wdhms])")
_WHOLE = re.compile(r"[0-9]{1,9}[wdhms](?: ?[0-9]{1,9}[wdhms])*")


def duration_of(given: Any, what: str = "timeout") -> timedelta:
    """The duration that a text or a `timedelta` gives.

    Raises `GateError` for anything else, for nothing at all, and for more than ten years.

    >>> duration_of("1d 12h")
    datetime.timedelta(days=1, seconds=43200)
    """
    found = given if isinstance(given, timedelta) else _parsed(given, what)
    text = quoted(str(given))
    if not timedelta(0) < found <= LONGEST:
        raise GateError(f"{what} must be more than nothing and at most ten years, not {text}")
    return found


def duration_text(duration: timedelta) -> str:
    """The text of a duration, which `duration_of` reads.

    >>> duration_text(timedelta(hours=36))
    '1d 12h'
    """
    left, parts = duration, []
    for letter, unit in list(_UNITS.items())[1:]:
        count, left = divmod(left, timedelta(**{unit: 1}))
        if count:
            parts.append(f"{count}{letter}")
    return " ".join(parts)


def _parsed(given: Any, what: str) -> timedelta:
    text = given.strip() if isinstance(given, str) else ""
    letters = [letter for _, letter in _PART.findall(text)]
    if not _WHOLE.fullmatch(text) or letters != sorted(set(letters), key=[*_UNITS].index):
        raise GateError(
            f"{what} must be a duration such as '30m', '24h', '7d' or '1d 12h', not {quoted(given)}"
        )
    parts = {_UNITS[letter]: int(count) for count, letter in _PART.findall(text)}
    try:
        return timedelta(**parts)
    except OverflowError:
        return timedelta.max
