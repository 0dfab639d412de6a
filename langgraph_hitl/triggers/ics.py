"""Reading ICS. What could be read in part only, or otherwise than it was meant, is refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from types import ModuleType
from typing import Any, NoReturn

from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.review.finding import readable
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.rule import (
    Refuse,
    check_rule,
    check_zone_rule,
    settle_until,
    several,
)
from langgraph_hitl.triggers.zone import in_zone, zones_of

EXACT_LENGTH = "X-LANGGRAPH-HITL-LENGTH"
"""A property of ours: days by the calendar and seconds by the clock, where DTEND does not tell."""

_SAYS_WHEN = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_SAYS_WHETHER = ("UID", "SEQUENCE", "STATUS")
_ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", *_SAYS_WHETHER)
_MUST_BE_READ = {*_SAYS_WHEN, *_SAYS_WHETHER, None}  # None: a line that is no property
_ZONED = re.compile(
    r"(?:DTSTART|DTEND|RDATE|EXDATE|RECURRENCE-ID)(?:;[^:]*)?"
    r"(?P<says>;TZID=(?P<zone>\"[^\"]*\"|[^;:]*))(?:;[^:]*)?:(?P<value>.*)",
    re.IGNORECASE,
)
_UTC = ("UTC", "GMT", "ETC/UTC", "ETC/GMT")

_PARSING = threading.Lock()  # the time zones of files share a cache of the library


def libraries() -> tuple[ModuleType, ModuleType]:
    """`icalendar` and `recurring_ical_events`, which nobody needs who reads no calendar."""
    try:
        import icalendar
        import recurring_ical_events  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("Calendar", extra="policy") from None
    return icalendar, recurring_ical_events


def calendars_of(text: str, name: str) -> list[Any]:
    """The calendars of an ICS text, checked. Raises `GateError` with what is wrong with them."""
    icalendar, recurring = libraries()

    def refuse(why: str) -> NoReturn:
        raise GateError(f"{name} cannot be used as an ICS calendar: {why}")

    text = text.removeprefix("\ufeff")
    _check_whole(text, refuse)
    with _PARSING:
        try:
            clear = "\n".join(_clear_zones(text, refuse))
            calendars: list[Any] = icalendar.Calendar.from_ical(clear, multiple=True)
            for calendar in calendars:
                _check_calendar(calendar, refuse)
                recurring.of(calendar)
        except GateError:
            raise
        except Exception as error:
            refuse(readable(f"{type(error).__name__}: {error}"))
    return calendars


def _check_whole(text: str, refuse: Refuse) -> None:
    """A file that breaks off, as after half a download, would be a calendar without some events."""
    within: list[str] = []
    begun = False
    for number, line in enumerate(re.split(r"\r?\n", text), 1):
        if line[:1] in (" ", "\t", ""):  # the rest of the line before, or nothing
            continue
        word, _, what = (part.strip().upper() for part in line.partition(":"))
        if begun and not within and word == "X-COMMENT":  # of caches, and known to the library
            continue
        if not within and (word, what) != ("BEGIN", "VCALENDAR"):
            refuse(f"line {number} is {quoted(line)} where BEGIN:VCALENDAR was expected")
        begun = True
        if word == "BEGIN":
            within.append(what)
        elif word == "END" and within.pop() != what:
            refuse(f"line {number} is {quoted(line)} inside of something else")
    if within:
        refuse(f"it breaks off inside of a {readable(within[-1], 60)}")
    if not begun:
        refuse("it is empty")


def _clear_zones(text: str, refuse: Refuse) -> Iterator[str]:
    """The lines, unfolded. A day has no time zone; with one it would be read as its midnight."""
    for line in re.split(r"\r?\n", re.sub(r"\r?\n[ \t]", "", text)):
        found = _ZONED.fullmatch(line)
        if found and "T" not in found["value"].upper():
            yield line[: found.start("says")] + line[found.end("says") :]
            continue
        if found and "Z" in found["value"].upper() and found["zone"].strip('"').upper() not in _UTC:
            refuse(f"{quoted(line)} is in two time zones")
        yield line


def _check_calendar(calendar: Any, refuse: Refuse) -> None:
    _check_zones(calendar, refuse)
    zones = dict(zones_of(calendar))
    events = calendar.walk("VEVENT")
    if any(str(method).strip().upper() == "CANCEL" for method in several(calendar.get("METHOD"))):
        refuse("it cancels events (METHOD:CANCEL), and says nothing of those that take place")
    if not events and calendar.walk("VFREEBUSY"):
        refuse("it has busy times (VFREEBUSY) and no events; export it with its events")
    for event in events:
        _check_event(event, zones, refuse)
    _check_identities(events, refuse)
    _check_exceptions(events, refuse)


def _check_zones(calendar: Any, refuse_calendar: Refuse) -> None:
    """The clocks of a zone change by rules like those of events."""
    for zone in calendar.walk("VTIMEZONE"):

        def refuse(why: str, zone: Any = zone) -> NoReturn:
            refuse_calendar(f"the time zone {quoted(str(zone.get('TZID')))} {why}")

        for change in zone.subcomponents:
            for rule in several(change.get("RRULE")):
                check_zone_rule(rule, change["DTSTART"].dt, refuse)


def _check_event(event: Any, zones: dict[str, tzinfo], refuse_calendar: Refuse) -> None:
    def refuse(why: str) -> NoReturn:
        refuse_calendar(f"{_label(event)} {why}")

    for name, error in event.errors:
        if name in _MUST_BE_READ:
            refuse(f"has an unreadable {name or 'line'} ({readable(error)})")
    for name in _ONCE:
        if isinstance(event.get(name), list):
            refuse(f"has more than one {name}")
    if "DTSTART" not in event:
        refuse("has no DTSTART")
    if "EXRULE" in event:
        refuse("has an EXRULE, which is no longer part of the format; list the days as EXDATE")
    for name, only_days, zone, value in _times(event):
        if isinstance(value.dt, tuple):
            refuse(f"has a period as its {name}; write it as an event of its own")
        if not isinstance(value.dt, date):
            refuse(f"has a time without a day as its {name}")
        if isinstance(value.dt, datetime) and only_days:
            refuse(f"has a time as its {name}, where VALUE=DATE says that it is a day")
        if zone is not None and isinstance(value.dt, datetime):
            value.dt = in_zone(value.dt, zone, zones)
            if value.dt is None:
                refuse(f"has its {name} in the time zone {quoted(zone)}, which nothing defines")
    _settle_length(event, refuse)
    for rule in several(event.get("RRULE")):
        check_rule(rule, event["DTSTART"].dt, refuse)
        settle_until(rule, event["DTSTART"].dt)


def _settle_length(event: Any, refuse: Refuse) -> None:
    """Leave at the event how long it lasts, where that is not the difference of two wall clocks."""
    event.pop(EXACT_LENGTH, None)
    start: Any = event["DTSTART"].dt
    if "DTEND" in event:
        end = event["DTEND"].dt
        if _kind(start) != _kind(end):
            refuse("starts and ends in different ways: as a day, in local time, or in a time zone")
        if end < start:
            refuse("ends before it starts")
        if isinstance(start, datetime) and start.tzinfo != end.tzinfo:
            event.add(EXACT_LENGTH, _length(0, end - start))
    elif "DURATION" in event:
        lasts = event["DURATION"].dt
        if not isinstance(lasts, timedelta) or lasts < timedelta(0):
            refuse("has a DURATION that is negative, or no length of time")
        if _kind(start) == "day" and lasts.seconds:
            refuse("is of whole days, but its DURATION is not")
        event.add(EXACT_LENGTH, _length(lasts.days, timedelta(seconds=lasts.seconds)))


def _length(days: int, rest: timedelta) -> str:
    return f"{days} {int(rest.total_seconds())}"


def _kind(moment: Any) -> str:
    if not isinstance(moment, datetime):
        return "day"
    return "local" if moment.tzinfo is None else "zone"


def _check_identities(events: list[Any], refuse: Refuse) -> None:
    """Of two events with one UID the library keeps one."""
    known: dict[tuple[str, str], list[Any]] = {}
    for event in events:
        if "UID" not in event or "RECURRENCE-ID" in event:
            continue
        identity = str(event["UID"]), str(event.get("SEQUENCE", -1))
        when = [[part.to_ical() for part in several(event.get(name))] for name in _SAYS_WHEN]
        if known.setdefault(identity, when) != when:
            refuse(f"{_label(event)} has the UID of another event, {quoted(identity[0])}")


def _check_exceptions(events: list[Any], refuse: Refuse) -> None:
    """A moved event whose RECURRENCE-ID is no time of its series would be there twice."""
    starts: dict[str, list[Any]] = {}
    for event in events:
        if "UID" in event and "RECURRENCE-ID" not in event:
            starts.setdefault(str(event["UID"]), []).append(event["DTSTART"].dt)
    for event in events:
        if "RECURRENCE-ID" not in event:
            continue
        moved = event["RECURRENCE-ID"].dt
        for start in starts.get(str(event.get("UID")), ()):
            if _kind(start) != "day" and _kind(moved) == "day":
                refuse(f"{_label(event)} has a day as its RECURRENCE-ID in a series with times")
            if _kind(start) == "day" and _kind(moved) != "day" and moved.time() != time():
                refuse(f"{_label(event)} has a time as its RECURRENCE-ID in a series of days")


def _times(event: Any) -> Iterator[tuple[str, bool, str | None, Any]]:
    """The single times of an event, each with what its property says of it."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"):
        for value in several(event.get(name)):
            zone = value.params.get("TZID")
            only_days = str(value.params.get("VALUE", "")).upper() == "DATE"
            for moment in getattr(value, "dts", [value]):
                yield name, only_days, None if zone is None else str(zone), moment


def event_name(event: Any) -> str | None:
    """What an event is called."""
    summaries = [str(summary).strip() for summary in several(event.get("SUMMARY"))]
    return next(filter(None, summaries), None)


def _label(event: Any) -> str:
    name = event_name(event)
    return f"the event {quoted(name)}" if name else "an event without a name"
