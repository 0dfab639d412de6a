"""`Span`: days and hours of the week, such as `Mon-Fri 09:00-17:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import quoted

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MIDNIGHT = 24 * 60

_EXAMPLES = "write it as 'Mon-Fri 09:00-17:00', 'Mon,Wed 22:00-06:00', 'Sat-Sun' or '09:00-17:00'"
_HOURS = re.compile(r"(?:^|\s)([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})$")
_DAYS = re.compile(r"([A-Za-z]+)(?:\s*-\s*([A-Za-z]+))?")


@dataclass(frozen=True, slots=True)
class Span:
    """Days, and hours of them. `start` and `end` are minutes since midnight, the end exclusive.

    Where the end is not after the start, the span crosses midnight and belongs to the day that it
    starts on.
    """

    text: str
    days: frozenset[int]
    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Span:
        """The span that a text names. Raises `GateError` with the part that is wrong.

        >>> Span.parse("Sat 10:00-14:00").contains(datetime(2026, 12, 5, 13, 59))
        True
        >>> Span.parse("Fri 22:00-06:00").contains(datetime(2026, 12, 5, 5, 59))
        True
        """
        clean = " ".join(text.split())
        hours = _HOURS.search(clean)
        days = clean[: hours.start()] if hours else clean
        if not clean:
            raise _malformed(text, "it is empty")
        start, end = _hours(hours, text) if hours else (0, MIDNIGHT)
        return cls(clean, _days(days, text) if days else frozenset(range(7)), start, end)

    def contains(self, local: datetime) -> bool:
        """Whether the span contains a moment, given by what the clock on the wall shows."""
        day, minute = local.weekday(), 60 * local.hour + local.minute
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        late = day in self.days and minute >= self.start
        return late or ((day - 1) % 7 in self.days and minute < self.end)


def _days(named: str, text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in named.split(","):
        found = _DAYS.fullmatch(part.strip())
        if found is None:
            raise _malformed(text, f"{quoted(part.strip())} is neither a day nor hours")
        first = _day(found[1], text)
        last = _day(found[2] or found[1], text)
        days |= {(first + offset) % 7 for offset in range((last - first) % 7 + 1)}
    return frozenset(days)


def _day(word: str, text: str) -> int:
    if word.title() not in DAYS:
        raise _malformed(text, f"{quoted(word)} is no day (known: {', '.join(DAYS)})")
    return DAYS.index(word.title())


def _hours(found: re.Match[str], text: str) -> tuple[int, int]:
    start, end = _minutes(found[1], found[2], text), _minutes(found[3], found[4], text)
    if start == end:
        raise _malformed(text, "it ends when it starts (a whole day is 00:00-24:00)")
    if start == MIDNIGHT:
        raise _malformed(text, "24:00 is an end and no start")
    return start, end


def _minutes(hour: str, minute: str, text: str) -> int:
    minutes = 60 * int(hour) + int(minute)
    if int(minute) > 59 or minutes > MIDNIGHT:
        raise _malformed(text, f"there is no {hour}:{minute}")
    return minutes


def _malformed(text: str, why: str) -> GateError:
    return GateError(f"{quoted(text)} is no span of the week: {why}; {_EXAMPLES}")
