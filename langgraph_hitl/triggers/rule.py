"""The rules of repeated events. One that never matches, or has no end of times, is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from math import prod
from typing import Any, NoReturn, TypeAlias

from langgraph_hitl.review.finding import readable

Refuse: TypeAlias = Callable[[str], NoReturn]

_RANGES = {
    "INTERVAL": range(1, 10_000),
    "BYMONTH": range(1, 13),
    "BYMONTHDAY": range(1, 32),
    "BYYEARDAY": range(1, 367),
    "BYWEEKNO": range(1, 54),
}
_BY = {"BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND", *_RANGES} - {"INTERVAL"}
_KNOWN = {"FREQ", "UNTIL", "COUNT", "INTERVAL", "WKST", "BYSETPOS", *_BY}
_MOST_A_DAY = 96
_MOST_POSITIONS = 100
_MOST_TIMES = 2_000_000
_COUNTED_TO = date(2050, 1, 1)
_MOST_STEPS = {"YEARLY": 1_000, "MONTHLY": 5_000, "WEEKLY": 10_000}
_MOST_SHORT_STEPS = 50_000  # a 29th of February on a Monday is 14,610 days from the last


def check_rule(rule: Any, start: date, refuse: Refuse) -> None:
    """Refuse an RRULE that cannot be followed, from its `start`, to an answer in good time."""
    for part in rule:
        if part not in _KNOWN:
            refuse(f"has {readable(part, 40)} in its RRULE, which is not understood")
    for part, allowed in _RANGES.items():
        for number in map(int, several(rule.get(part))):
            if (number if part == "INTERVAL" else abs(number)) not in allowed:
                refuse(f"has {part}={number} in its RRULE")
    if "BYSETPOS" in rule and not _BY & set(rule):
        refuse("has a BYSETPOS in its RRULE without the days or times that it counts")
    if len(several(rule.get("BYSETPOS"))) > _MOST_POSITIONS:
        refuse(f"has more than {_MOST_POSITIONS} positions in the BYSETPOS of its RRULE")
    _check_number(rule, start, refuse)
    _check_match(rule, start, refuse)


def check_zone_rule(rule: Any, start: date, refuse: Refuse) -> None:
    """The same for a rule by which the clocks change."""
    _check_number(rule, start, refuse)
    _check_match(rule, start, refuse)


def settle_until(rule: Any, start: Any) -> None:
    """The last day counts, and a time without a zone is in that of the event."""
    if "UNTIL" not in rule or not isinstance(start, datetime):
        return
    (until,) = several(rule["UNTIL"])
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    if until.tzinfo is None and start.tzinfo is not None:
        until = until.replace(tzinfo=start.tzinfo).astimezone(UTC)
    rule["UNTIL"] = [until]


def several(value: Any) -> list[Any]:
    """The values of a property, or of a part of a rule, that may stand once, often or never."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check_number(rule: Any, start: date, refuse: Refuse) -> None:
    """All times since the start are gone through, and kept, to find those of a week."""
    often = _frequency(rule)
    parts = ("BYMINUTE", "BYSECOND") if often == "HOURLY" else ("BYHOUR", "BYMINUTE", "BYSECOND")
    times = prod(len(several(rule.get(part))) or 1 for part in parts)
    times *= 24 if often == "HOURLY" else 1
    if often in ("MINUTELY", "SECONDLY") or times > _MOST_A_DAY:
        refuse(f"repeats more than {_MOST_A_DAY} times a day")
    if times * (_COUNTED_TO.toordinal() - start.toordinal()) > _MOST_TIMES:
        refuse(f"repeats {times} times a day since the year {start.year}; let it start later")


def _check_match(rule: Any, start: date, refuse: Refuse) -> None:
    """Whoever looks for a time that never comes looks until the year 9999.

    A rule that matched once does so again: days, weeks and leap years come round in 400 years.
    """
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    # Neither end would end the search, which is for a time to compare it with.
    endless = type(rule)({part: rule[part] for part in rule if part not in ("COUNT", "UNTIL")})
    moment = start if isinstance(start, datetime) else datetime.combine(start, time())
    found = rrulestr(endless.to_ical().decode(), dtstart=moment.replace(tzinfo=None))
    interval = int(next(iter(several(rule.get("INTERVAL"))), 1))
    most = _MOST_STEPS.get(_frequency(rule), _MOST_SHORT_STEPS)
    try:
        matches = next(iter(found.replace(interval=_Counted(interval, most))), None) is not None
    except _TooFar:
        matches = False
    if not matches:
        refuse("has an RRULE that never matches, or hardly ever")


def _frequency(rule: Any) -> str:
    return "".join(str(word).upper() for word in several(rule.get("FREQ")))


class _TooFar(Exception):
    """A rule went on more often than it may."""


class _Counted(int):
    """The interval of a rule, which goes on by adding it: so often, and no more.

    The rule itself cannot be told where to stop, as it compares only the times that match.
    """

    left: int

    def __new__(cls, interval: int, most: int) -> _Counted:
        counted = super().__new__(cls, interval)
        counted.left = most
        return counted

    def __radd__(self, position: int) -> int:
        self._count()
        return position + int(self)

    def __mul__(self, days: int) -> int:
        self._count()
        return int(self) * days

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooFar
