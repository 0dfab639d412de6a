"""`Calendar`: the events of an ICS file, asked whether a moment lies in one."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.review.finding import readable
from langgraph_hitl.triggers.ics import EXACT_LENGTH, calendars_of, event_name, libraries
from langgraph_hitl.triggers.number import quoted

_DAY = timedelta(days=1)
_WEEKS_KEPT = 8
_CANCELLED = ("CANCELLED", "CANCELED")  # the second is a misspelling that some programs write


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event, once. Its start and end are both in UTC, or both what clocks on the wall show."""

    name: str | None
    start: datetime
    end: datetime

    def covers(self, moment: datetime, local: datetime) -> bool:
        now = local.replace(tzinfo=None) if self.start.tzinfo is None else moment
        return self.start <= now < self.end


class Calendar:
    r"""The events of an ICS calendar, for `during` and `outside`. `read` a file, or `parse` a text.

    Repeated events, exceptions and moved ones count as they stand; cancelled ones do not count,
    and neither does a moment without length, such as a reminder. Events marked as free count like
    those marked as busy. Whole days, and times without a zone, are local to the trigger's `tz`
    (times without a zone to the calendar's X-WR-TIMEZONE, where it has one). Reads the calendar
    once. Needs the extra `[policy]`.

    A calendar without events is valid: no moment lies in it. One that has busy times instead of
    events, or that only cancels events, is refused.

    >>> from datetime import UTC, datetime
    >>> holidays = Calendar.parse(
    ...     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Christmas Day\n"
    ...     "DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR"
    ... )
    >>> holidays.events_at(datetime(2026, 12, 25, 10, tzinfo=UTC), UTC)
    ['Christmas Day']
    """

    def __init__(self, name: str, calendars: Sequence[Any]) -> None:
        self.name = name
        self._calendars = calendars
        self._weeks: dict[int, tuple[Occurrence, ...]] = {}
        self._lock = threading.Lock()

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Calendar:
        """The calendar in a file. Raises `GateError` if it cannot be read, whole and for sure."""
        try:
            text = Path(path).read_bytes().decode("utf-8", errors="replace")
        except (OSError, ValueError, TypeError) as error:
            why = getattr(error, "strerror", None) or error
            raise GateError(f"the calendar {quoted(str(path))} cannot be read: {why}") from None
        return cls.parse(text, name=Path(path).name)

    @classmethod
    def parse(cls, text: str, *, name: str = "the calendar") -> Calendar:
        """The calendar in a text. Raises `GateError` with its `name` if it is not sure."""
        if not isinstance(text, str):
            raise GateError(f"Calendar.parse takes the text of a calendar, not {quoted(text)}")
        name = readable(name, 60)
        return cls(name, calendars_of(text, name))

    def __repr__(self) -> str:
        return f"<Calendar {self.name}>"

    def events_at(self, moment: datetime, tz: tzinfo) -> list[str | None]:
        """The names of the events that a moment lies in, each once; None for one without a name."""
        if moment.utcoffset() is None:
            raise GateError(f"the moment must have a time zone, which {moment} has not")
        local = moment.astimezone(tz)
        found = [event.name for event in self._around(moment) if event.covers(moment, local)]
        return list(dict.fromkeys(found))

    def _around(self, moment: datetime) -> tuple[Occurrence, ...]:
        """The occurrences in the week of a moment, and some days before and after it.

        Found once and kept, as a week of reviews asks for the same. The lock is for the libraries,
        whose rules can stop for ever if two threads follow them at once.
        """
        week = moment.astimezone(UTC).toordinal() // 7
        with self._lock:
            if week not in self._weeks:
                found = self._occurrences(datetime.fromordinal(7 * week).replace(tzinfo=UTC))
                while len(self._weeks) >= _WEEKS_KEPT:
                    del self._weeks[next(iter(self._weeks))]
                self._weeks[week] = found
            return self._weeks[week]

    def _occurrences(self, week: datetime) -> tuple[Occurrence, ...]:
        # Local times can be a day away from UTC, on either side.
        start, end = week - 2 * _DAY, week + 9 * _DAY
        _, recurring = libraries()
        found = [
            _occurrence(event)
            for calendar in self._calendars
            # A query that failed half way through a rule is of no use, so each has its own.
            for event in recurring.of(calendar).between(start, end)
            if str(event.get("STATUS", "")).strip().upper() not in _CANCELLED
        ]
        return tuple(sorted(found, key=lambda event: event.start.replace(tzinfo=None)))


def _occurrence(event: Any) -> Occurrence:
    name = event_name(event)
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    if not isinstance(start, datetime):
        # Some programs end a day on itself, and all show it as that day.
        return Occurrence(name, _midnight(start), _midnight(max(end, start + _DAY)))
    if start.tzinfo is None:
        return Occurrence(name, start, end)
    if EXACT_LENGTH in event:
        days, seconds = map(int, event[EXACT_LENGTH].split())
        end = (start + days * _DAY).astimezone(UTC) + timedelta(seconds=seconds)
    return Occurrence(name, start.astimezone(UTC), end.astimezone(UTC))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
