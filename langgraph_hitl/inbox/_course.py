"""`Course`: what time and people make of a review while it is pending. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from langgraph_hitl.deadlines import Event, Expired, Limit, Open, Pause, Stage, Timetable
from langgraph_hitl.errors import GateError, InboxError
from langgraph_hitl.panels import Panel, panel_from_json
from langgraph_hitl.panels.chain import Chain

if TYPE_CHECKING:
    from langgraph_hitl.inbox._destination import Destination

DEADLINE = "system:deadline"
"""Who acts where nobody did in time."""

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Course:
    """The panel that a review was filed with, and its times.

    A chain stands at the level with which the review began. `told` is the moment up to which the
    events of the timetable are in the audit; `reached` is the highest level of a chain that has
    decided an earlier version. `escalated` names whom it was passed on to, one after another, and
    `theirs` is the panel of the last of them that brought people, for any value.
    """

    panel: Panel
    times: Timetable
    told: datetime
    reached: str | None = None
    escalated: tuple[str, ...] = ()
    theirs: Panel | None = None

    @property
    def deadline(self) -> datetime | None:
        """When the review is over without an answer."""
        return self.times.deadline

    @property
    def next_at(self) -> datetime | None:
        """When time does something to the review next."""
        events = self.events()
        return events[0].at if events else None

    def present(self, clock: datetime) -> datetime:
        """The present moment; a clock that was put back undoes nothing."""
        return max(clock, self.told)

    def panel_at(self, moment: datetime) -> Panel:
        """Who decides at a moment; after the deadline, who decided until then."""
        match self.times.at(moment):
            case Open(level=level):
                pass
            case Expired():
                level = self.times.spans[-1].stage.level
        if level is None or not isinstance(self.panel, Chain):
            return self.panel
        return replace(self.panel, at=level)

    def events(self, until: datetime | None = None) -> list[Event]:
        """What happens by time, and is not in the audit yet; all of it, or up to a moment.

        Where the end of a new version had come before it was filed, it comes at once.
        """
        deadline = self.times.deadline
        if deadline is not None and deadline <= self.told:
            return [Event("expired", self.told)]
        return self.times.events(self.told, until)

    def climbs(self) -> list[datetime]:
        """When time passes it up, to people who have not put it off."""
        return [event.at for event in self.events() if event.kind == "escalated"]

    def told_until(self, moment: datetime) -> Course:
        """The same, after its events were written."""
        return replace(self, told=max(moment, self.told))

    def raised(self, moment: datetime) -> Course:
        """The same, passed up by a person, for whom no pause of those below goes on.

        Raises `GateError` where nobody is above.
        """
        times = self.times.with_pauses(self._pauses_until(moment))
        return replace(self, times=times.raised(moment), told=moment)

    def passed_to(
        self, name: str, leads: Destination, panel: Panel | None, moment: datetime
    ) -> Course:
        """The same, passed on by a person to `panel`, or with None to those who have it.

        A new panel has a time of its own, which is never over later than it was before. No pause of
        those before goes on.
        """
        times = self.times.with_pauses(self._pauses_until(moment))
        if leads.timeout is not None:
            times = times.over_by(moment + leads.timeout)
        passed = replace(self, times=times, told=moment, escalated=(*self.escalated, name))
        if panel is None:
            return passed
        fresh = begun(panel, _limit_left(times, panel, moment), moment)
        times = (fresh or unlimited(panel, moment)).times
        return replace(passed, panel=panel, times=times, theirs=leads.panel)

    def paused(self, pause: Pause) -> Course:
        """The same, with a time that does not count, in place of one that has not ended then."""
        times = self.times.with_pauses([*self._pauses_until(pause.begins), pause])
        return replace(self, times=times, told=max(pause.begins, self.told))

    def _pauses_until(self, moment: datetime) -> list[Pause]:
        """Those that have begun; none goes on beyond a moment at which people do something else."""
        return [
            Pause(one.begins, min(one.ends, moment))
            for one in self.times.pauses
            if one.begins < moment
        ]

    @property
    def digest(self) -> str:
        """For the audit, which tells when it was changed behind the inbox."""
        return course_digest(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, which `course_from_json` reads."""
        return {
            "version": VERSION,
            "panel": self.panel.to_json(),
            "times": self.times.to_json(),
            "told": self.told.isoformat(),
            "reached": self.reached,
        } | self._escalated_json()

    def _escalated_json(self) -> dict[str, Any]:
        if not self.escalated:
            return {}
        theirs = None if self.theirs is None else self.theirs.to_json()
        return {"escalated": [*self.escalated], "theirs": theirs}


def course_digest(stored: Mapping[str, Any]) -> str:
    """The digest of a course as it is stored."""
    text = json.dumps(stored, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def course_from_json(stored: Mapping[str, Any]) -> Course:
    """The inverse of `Course.to_json`. Raises `InboxError` for what that cannot have written."""
    try:
        return Course(
            panel=panel_from_json(stored["panel"]),
            times=Timetable.from_json(stored["times"]),
            told=datetime.fromisoformat(stored["told"]),
            reached=stored["reached"],
            escalated=tuple(stored.get("escalated", ())),
            theirs=panel_from_json(stored["theirs"]) if stored.get("theirs") else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError, GateError) as error:
        raise InboxError(
            f"The course of a review was changed or is damaged ({type(error).__name__}); "
            "inbox.verify() says which"
        ) from error


def begun(panel: Panel, limit: Limit | None, asked_at: datetime) -> Course | None:
    """The course of a review that is asked for now; None where it has neither time nor levels."""
    times = (limit or Limit()).timetable(asked_at, panel)
    if times is None and isinstance(panel, Chain):
        left = panel.levels[panel.levels.index(panel.level) :]
        times = Timetable(asked_at, [Stage(level) for level in left])
    return None if times is None else Course(panel=panel, times=times, told=asked_at)


def continued(before: Course, panel: Panel, limit: Limit | None, now: datetime) -> Course | None:
    """The course of the next version: its time runs on, and it never comes down again.

    The deadline is never later than it was, and a level that was reached stays reached, also where
    a version in between is decided by other people. The times of another kind of panel count from
    the first question.
    """
    moment = before.present(now)
    present = before.panel_at(moment)
    reached = present.level if isinstance(present, Chain) else before.reached
    if reached is not None:
        panel = panel.for_review(level=reached, score=0)
    fresh = begun(panel, limit, before.times.begins)
    course = fresh
    if _same_chain(panel, present):
        course = before
        while not isinstance(course.times.at(moment), Expired) and _below(course, panel, moment):
            course = course.raised(moment)
    ends = [one.deadline for one in (before, fresh) if one is not None and one.deadline is not None]
    if course is None and (ends or reached is not None or before.escalated):
        course = replace(unlimited(panel, before.times.begins), told=moment)
    if course is None:
        return None
    times = course.times.over_by(min(ends)) if ends else course.times
    told = max(moment, course.told)
    return replace(course, times=times, reached=reached, told=told, escalated=before.escalated)


def stayed(before: Course, panel: Panel, now: datetime) -> Course:
    """The course of the next version of one that was passed on: it stays with those people.

    `panel` is theirs for the new value. Their time runs on.
    """
    if isinstance(panel, Chain):
        course = continued(before, panel, None, now)
        assert course is not None
    else:
        course = replace(before, panel=panel, told=before.present(now))
    return replace(course, theirs=before.theirs)


def unlimited(panel: Panel, moment: datetime) -> Course:
    """The course of a review that has all the time there is."""
    return Course(panel=panel, times=Timetable(moment, [Stage()]), told=moment)


def _limit_left(times: Timetable, panel: Panel, moment: datetime) -> Limit | None:
    """What is left of a time for other people, who are reminded as those before, if it suffices."""
    if times.deadline is None:
        return None
    left = times.deadline - moment
    own = panel.within.values() if isinstance(panel, Chain) else ()
    shortest = min([left, *own])
    remind = {before for stage in times.stages for before in stage.remind if before < shortest}
    return Limit(left, remind=remind)


def _same_chain(panel: Panel, other: Panel) -> bool:
    """Whether both are chains of the same levels."""
    chains = isinstance(panel, Chain) and isinstance(other, Chain)
    return chains and panel.to_json()["levels"] == other.to_json()["levels"]


def _below(course: Course, panel: Panel, moment: datetime) -> bool:
    """Whether a course has not reached the level of a chain of the same levels."""
    now = course.panel_at(moment)
    assert isinstance(now, Chain)
    assert isinstance(panel, Chain)
    return panel.levels.index(now.level) < panel.levels.index(panel.level)
