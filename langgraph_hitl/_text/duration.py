"""Durations as people write them: `30m`, `24h`, `7d`, `1d 12h`, `2 days`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from langgraph_hitl.errors import GateError

LONGEST = timedelta(days=3660)

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_UNIT = "w(?:eeks?)?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:utes?)?)?|s(?:ec(?:onds?)?)?"
_PART = re.compile(rf"([0-9]{{1,9}}) ?({_UNIT})(?![a-z])")
_WHOLE = re.compile(rf"(?:{_PART.pattern} ?)+")
_SHOWN = 60


def duration_of(given: Any, what: str) -> timedelta:
    """The duration that a text or a `timedelta` gives; `what` names it in errors.

    Raises `GateError` for anything else, for nothing at all, and for more than ten years.

    >>> duration_of("1d 12h", "timeout"), duration_of("2 days", "timeout")
    (datetime.timedelta(days=1, seconds=43200), datetime.timedelta(days=2))
    """
    found = given if isinstance(given, timedelta) else _parsed(given, what)
    if not timedelta(0) < found <= LONGEST:
        raise GateError(
            f"{what} must be more than nothing and at most ten years, not {_brief(str(given))}"
        )
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
    found = [(unit[0], int(count)) for count, unit in _PART.findall(text)]
    letters = [letter for letter, _ in found]
    if not _WHOLE.fullmatch(text) or letters != sorted(set(letters), key=[*_UNITS].index):
        raise GateError(
            f"{what} must be a duration such as '30m', '24h', '7d' or '1d 12h', not {_said(given)}"
        )
    try:
        return timedelta(**{_UNITS[letter]: count for letter, count in found})
    except OverflowError:
        return timedelta.max


def _said(given: Any) -> str:
    """What was given instead; a number lacks its unit."""
    if isinstance(given, str):
        bare = given.strip()
        is_number = bare.isdecimal() and bare.isascii()
        return _brief(given) + (_units(bare) if is_number else "")
    if type(given) is int and 0 < given < 10**6:
        return f"{given}{_units(str(given))}"
    return f"a {type(given).__name__}"


def _units(number: str) -> str:
    return f": hours are '{number}h', minutes '{number}m'"


def _brief(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
