"""`during` and `outside`: a person is asked at some hours, by a week or by calendars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.calendar import Calendar
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.schedule import DAYS, Span
from langgraph_hitl.triggers.trigger import Leaf, Trigger
from langgraph_hitl.triggers.zone import zone_of

Hours: TypeAlias = Span | Calendar

_NAMED = 3
_RECORDED = 20


def during(*hours: str | Calendar, tz: str | tzinfo) -> Trigger:
    """A person is asked in these hours: in any of them, if there are several.

    Args:
        hours: Spans of the week, and calendars. A span is `Mon-Fri 09:00-17:00`, `Mon,Wed,Fri
            09:00-12:00`, `Sat-Sun` (whole days) or `09:00-17:00` (daily). Its end is exclusive;
            `Fri-Mon` goes round the weekend; `Fri 22:00-06:00` crosses midnight and belongs to
            Friday. A calendar is `Calendar.read("holidays.ics")`.
        tz: The time zone: a name such as `Europe/Berlin`, or a `tzinfo`.

    Spans go by what the clock on the wall shows in `tz`: where it shows 02:30 twice in autumn, both
    lie in 02:00-03:00, and the hour that is left out in spring has no moments. The moment is that
    of the question, from the gate's `clock`.

    The finding has the local time, the zone and what the moment lies in, in its `details`. Raises
    `GateError` for a span, a calendar or a zone that cannot be understood.

    >>> from datetime import UTC, datetime
    >>> office = during("Mon-Fri 09:00-17:00", tz="Europe/Berlin")
    >>> office({}, at=datetime(2026, 12, 5, 9, 15, tzinfo=UTC)).sentence
    'It is Sat 10:15 (Europe/Berlin), outside Mon-Fri 09:00-17:00.'
    """
    return _trigger("during", hours, tz, asks_within=True)


def outside(*hours: str | Calendar, tz: str | tzinfo) -> Trigger:
    """A person is asked outside of these hours: outside of all of them, if there are several.

    Takes the same as `during`, of which it is the contrary.

    >>> from datetime import UTC, datetime
    >>> closed = outside("Mon-Fri 09:00-17:00", "Sat 10:00-14:00", tz="Europe/Berlin")
    >>> closed({}, at=datetime(2026, 12, 5, 9, 15, tzinfo=UTC)).needed
    False
    """
    return _trigger("outside", hours, tz, asks_within=False)


def _trigger(
    name: str, given: tuple[str | Calendar, ...], tz: str | tzinfo, *, asks_within: bool
) -> Trigger:
    if not given:
        raise GateError(f"{name} takes spans such as 'Mon-Fri 09:00-17:00', or calendars")
    hours = [_hours_of(one, name) for one in given]
    zone, zone_name = zone_of(tz)
    all_hours = " and ".join(map(_described, hours))

    def test(_values: Mapping[str, Any], now: datetime) -> bool:
        return bool(_within(hours, now, zone)) is asks_within

    def judge(_values: Mapping[str, Any], now: datetime) -> Finding:
        within = _within(hours, now, zone)
        local = now.astimezone(zone)
        where = f"within {_listed(within)}" if within else f"outside {all_hours}"
        return Finding(
            needed=bool(within) is asks_within,
            sentence=f"It is {DAYS[local.weekday()]} {local:%H:%M} ({zone_name}), {where}.",
            details={
                "local_time": local.isoformat(),
                "tz": zone_name,
                "within": within[:_RECORDED],
            },
        )

    options = [repr(one) if isinstance(one, Calendar) else repr(one.text) for one in hours]
    shown = ", ".join([*options, f"tz={zone_name!r}"])
    return Leaf(name=name, judge=judge, options=shown, test=test, same=(*hours, id(zone)))


def _hours_of(given: Any, name: str) -> Hours:
    if isinstance(given, Calendar):
        return given
    if isinstance(given, str) and not given.lower().endswith(".ics"):
        return Span.parse(given)
    raise GateError(
        f"{name} takes spans such as 'Mon-Fri 09:00-17:00', or Calendar.read('holidays.ics'), "
        f"not {quoted(given)}"
    )


def _within(hours: list[Hours], now: datetime, zone: tzinfo) -> list[str]:
    if now.utcoffset() is None:
        raise Unreadable(f"The clock gives {now}, which has no time zone.")
    return list(_containing(hours, now, zone))


def _containing(hours: list[Hours], now: datetime, zone: tzinfo) -> Iterator[str]:
    """What the moment lies in, in words."""
    for one in hours:
        if isinstance(one, Calendar):
            for event in one.events_at(now, zone):
                yield f"{'an event' if event is None else quoted(event)} of {one.name}"
        elif one.contains(now.astimezone(zone)):
            yield one.text


def _described(hours: Hours) -> str:
    return f"the events of {hours.name}" if isinstance(hours, Calendar) else hours.text


def _listed(within: list[str]) -> str:
    more = len(within) - _NAMED
    named = within[:_NAMED] + ([f"{more} more"] if more > 0 else [])
    return " and ".join(named)
