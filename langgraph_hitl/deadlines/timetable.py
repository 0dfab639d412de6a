"""`Timetable`: the stages of one review, one after another, until its deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from langgraph_hitl._text.duration import duration_of
from langgraph_hitl.deadlines.event import Event
from langgraph_hitl.deadlines.pause import Pause, after
from langgraph_hitl.deadlines.stage import Stage
from langgraph_hitl.deadlines.standing import Expired, Open, Standing
from langgraph_hitl.errors import GateError

VERSION = 1

_LEAST = timedelta(microseconds=1)


class Span(NamedTuple):
    """One stage, from its first moment to the one at which it is over; `raised` by a person."""

    stage: Stage
    begins: datetime
    ends: datetime | None
    raised: bool = False


@dataclass(frozen=True, init=False)
class Timetable:
    """What time makes of a review. A moment of a deadline is over: answers count before it.

    Args:
        begins: When the review was asked for, with a time zone.
        stages: Who has how long, from the first level to the last.
        within: The time of all stages together; the review ends with it, at whichever stage.
        raises: The moments at which somebody passed the review up, in order.
        pauses: Times that count for nothing, where the review was deferred and its time stopped.

    Raises `GateError` for no stage, a level that comes twice, a stage that nobody can reach because
    the one before it never ends, and moments without a time zone or out of order.

    >>> from datetime import UTC
    >>> asked = datetime(2026, 1, 5, 9, tzinfo=UTC)
    >>> times = Timetable(asked, [Stage("lead", "4h", remind="1h"), Stage("director", "1d")])
    >>> [(event.kind, event.at.hour, event.level) for event in times.events(asked, times.deadline)]
    [('reminder', 12, 'lead'), ('escalated', 13, 'director'), ('expired', 13, None)]
    """

    begins: datetime
    stages: tuple[Stage, ...]
    within: timedelta | None
    raises: tuple[datetime, ...]
    pauses: tuple[Pause, ...]

    def __init__(
        self,
        begins: datetime,
        stages: Iterable[Stage],
        *,
        within: timedelta | str | None = None,
        raises: Sequence[datetime] = (),
        pauses: Iterable[Pause] = (),
    ) -> None:
        total = None if within is None else duration_of(within, "the time of a review")
        object.__setattr__(self, "begins", begins)
        object.__setattr__(self, "stages", tuple(stages))
        object.__setattr__(self, "within", total)
        object.__setattr__(self, "raises", tuple(raises))
        object.__setattr__(self, "pauses", tuple(sorted(pauses, key=lambda p: p.begins)))
        self._check()

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The stages that the review goes through, one after another without a gap."""
        return tuple(self._spans())

    @property
    def deadline(self) -> datetime | None:
        """When the review is over without an answer; None if never."""
        return self.spans[-1].ends

    def at(self, moment: datetime) -> Standing:
        """Who may decide at a moment, or that it is too late."""
        deadline = self.deadline
        if deadline is not None and moment >= deadline:
            return Expired(deadline)
        span = self._span_at(moment)
        return Open(span.stage.level, span.ends)

    def events(self, since: datetime, until: datetime | None = None) -> list[Event]:
        """What happens after one moment, up to and with another, in order."""
        found = sorted(self._events(), key=lambda event: event.at)
        return [each for each in found if since < each.at and (until is None or each.at <= until)]

    def raised(self, moment: datetime) -> Timetable:
        """The same, passed up to the next level by a person.

        Raises `GateError` where it is over, was passed up at a later moment, or nobody is above.
        """
        if isinstance(self.at(moment), Expired):
            raise GateError(f"the review was over at {self.deadline}")
        span = self._span_at(moment)
        if span.stage is self.stages[-1]:
            raise GateError(f"nobody is above {span.stage.level or 'those who are asked'!r}")
        return _with(self, raises=(*self.raises, moment))

    def paused(self, pause: Pause) -> Timetable:
        """The same, with a time that does not count."""
        return self.with_pauses((*self.pauses, pause))

    def with_pauses(self, pauses: Iterable[Pause]) -> Timetable:
        """The same, with these times that do not count and no others."""
        return _with(self, pauses=tuple(pauses))

    def over_by(self, moment: datetime) -> Timetable:
        """The same, or one that is over at a moment, if that comes first."""
        if self.deadline is not None and self.deadline <= moment:
            return self
        return _with(self, within=max(self._running(moment), _LEAST))

    def _running(self, moment: datetime) -> timedelta:
        """How much time has run until a moment."""
        run, at = timedelta(0), self.begins
        for pause in self.pauses:
            if pause.begins >= moment:
                break
            run += max(pause.begins - at, timedelta(0))
            at = max(at, pause.ends)
        return run + max(moment - at, timedelta(0))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, which `from_json` reads."""
        return {
            "schema_version": VERSION,
            "begins": self.begins.isoformat(),
            "stages": [
                {
                    "level": stage.level,
                    "limit": _seconds(stage.limit),
                    "remind": [_seconds(one) for one in stage.remind],
                }
                for stage in self.stages
            ],
            "within": _seconds(self.within),
            "raises": [moment.isoformat() for moment in self.raises],
            "pauses": [[one.begins.isoformat(), one.ends.isoformat()] for one in self.pauses],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Timetable:
        """The inverse of `to_json`. Raises `GateError` for another version."""
        if stored.get("schema_version") != VERSION:
            raise GateError(f"a timetable of version {stored.get('schema_version')!r} is unknown")
        return cls(
            datetime.fromisoformat(stored["begins"]),
            [
                Stage(
                    one["level"],
                    _duration(one["limit"]),
                    remind=[timedelta(seconds=seconds) for seconds in one["remind"]],
                )
                for one in stored["stages"]
            ],
            within=_duration(stored["within"]),
            raises=[datetime.fromisoformat(moment) for moment in stored["raises"]],
            pauses=[Pause(*map(datetime.fromisoformat, pair)) for pair in stored["pauses"]],
        )

    def _spans(self) -> Iterator[Span]:
        end = None if self.within is None else after(self.begins, self.within, self.pauses)
        begins, raises = self.begins, list(self.raises)
        for stage in self.stages:
            over = None if stage.limit is None else after(begins, stage.limit, self.pauses)
            over = min((one for one in (over, end) if one is not None), default=None)
            above = stage is not self.stages[-1]
            if above and raises and begins <= raises[0] and (over is None or raises[0] < over):
                yield Span(stage, begins, raises[0], raised=True)
                begins = raises.pop(0)
                continue
            yield Span(stage, begins, over)
            if over is None or over == end:
                return
            begins = over

    def _span_at(self, moment: datetime) -> Span:
        reached = [span for span in self.spans if span.begins <= moment]
        return reached[-1] if reached else self.spans[0]

    def _events(self) -> Iterator[Event]:
        for number, span in enumerate(self.spans):
            if number:
                before = self.spans[number - 1]
                yield Event("escalated", span.begins, span.stage.level, raised=before.raised)
            yield from self._reminders(span)
        if self.deadline is not None:
            yield Event("expired", self.deadline)

    def _reminders(self, span: Span) -> Iterator[Event]:
        """They come so long before the stage is over by time, if it still goes on then."""
        limit, planned = span.stage.limit, span.ends
        if span.raised:
            planned = None if limit is None else after(span.begins, limit, self.pauses)
        if planned is None or span.ends is None:
            return
        for before in span.stage.remind:
            at = planned - before
            if span.begins < at < span.ends:
                yield Event("reminder", at, span.stage.level)

    def _check(self) -> None:
        if not self.stages:
            raise GateError("a timetable needs a stage")
        levels = [stage.level for stage in self.stages]
        if len(set(levels)) < len(levels):
            raise GateError(f"a level comes twice among the stages: {levels}")
        moments = [self.begins, *self.raises]
        if any(moment.tzinfo is None for moment in moments):
            raise GateError("a timetable needs moments with a time zone (UTC)")
        if moments != sorted(moments):
            raise GateError("a review is passed up after it was asked for, and in order")
        if sum(span.raised for span in self.spans) < len(self.raises):
            raise GateError("a review cannot be passed up when it is over, or from its last stage")


def _with(table: Timetable, **changes: Any) -> Timetable:
    """A timetable with other raises or pauses."""
    given = {"within": table.within, "raises": table.raises, "pauses": table.pauses}
    return Timetable(table.begins, table.stages, **{**given, **changes})


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
