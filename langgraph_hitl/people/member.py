"""`Member`: a reviewer, and when this person is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.absence import Absence
from langgraph_hitl.people.hours import WorkingHours
from langgraph_hitl.people.session import SessionLimit
from langgraph_hitl.review.reviewer import Reviewer, checked_name
from langgraph_hitl.triggers.number import quoted


@dataclass(frozen=True, init=False)
class Member:
    """A reviewer, and when this person is there.

    Args:
        reviewer: Who it is.
        absences: When the person is away.
        delegate: The id of who acts for the person then, where the absence names nobody.
        hours: When the person is at work; always without it.
        on_call: Whether the person is called when nobody else is there, at any hour. Without hours
            that is all they are there for; with hours they work then as the others do.
        limit: How many decisions there may be before a rest.

    Raises `GateError` for anything else, for absences that overlap, and for a delegate who is the
    person.

    >>> from datetime import UTC
    >>> winter = Absence(datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))
    >>> maria = Member(Reviewer("maria"), absences=[winter], delegate="cem")
    >>> maria.delegate_at(datetime(2026, 12, 31, tzinfo=UTC))
    'cem'
    >>> maria.delegate_at(datetime(2026, 12, 1, tzinfo=UTC)) is None
    True
    """

    reviewer: Reviewer
    absences: tuple[Absence, ...]
    delegate: str | None
    hours: WorkingHours | None
    on_call: bool
    limit: SessionLimit | None

    def __init__(
        self,
        reviewer: Reviewer,
        *,
        absences: Iterable[Absence] = (),
        delegate: str | None = None,
        hours: WorkingHours | None = None,
        on_call: bool = False,
        limit: SessionLimit | None = None,
    ) -> None:
        _check_type(reviewer, Reviewer, "a Member is made of a Reviewer")
        what = f"{reviewer.id}: "
        if delegate is not None:
            checked_name(delegate, f"{what}delegate")
        if hours is not None:
            _check_type(hours, WorkingHours, f"{what}hours must be WorkingHours")
        if limit is not None:
            _check_type(limit, SessionLimit, f"{what}limit must be a SessionLimit")
        _check_type(on_call, bool, f"{what}on_call must be True or False")
        away = _absences(absences, what)
        for named in (delegate, *(absence.delegate for absence in away)):
            if named == reviewer.id:
                raise GateError(f"{what}nobody can be their own delegate")
        fields = {
            "reviewer": reviewer,
            "absences": away,
            "delegate": delegate,
            "hours": hours,
            "on_call": on_call,
            "limit": limit,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def id(self) -> str:
        """The id of the reviewer."""
        return self.reviewer.id

    def absence_at(self, at: datetime) -> Absence | None:
        """The absence that a moment lies in."""
        return next((absence for absence in self.absences if absence.covers(at)), None)

    def is_absent(self, at: datetime) -> bool:
        """Whether the person is away."""
        return self.absence_at(at) is not None

    def is_working(self, at: datetime) -> bool:
        """Whether the person is neither away, nor outside working hours, nor there to be called."""
        at_work = not self.on_call if self.hours is None else self.hours.contain(at)
        return at_work and not self.is_absent(at)

    def is_rested(self, decided: Iterable[datetime], at: datetime) -> bool:
        """Whether the limit of the person leaves another decision, after these."""
        return self.limit is None or not self.limit.reached(decided, at)

    def delegate_at(self, at: datetime) -> str | None:
        """The id of who is to act for the person; None while the person is there."""
        absence = self.absence_at(at)
        return None if absence is None else self.delegate_in(absence)

    def delegate_in(self, absence: Absence) -> str | None:
        """The id of who is to act for the person in one of the absences."""
        return absence.delegate if absence.delegate is not None else self.delegate


def _absences(given: Any, what: str) -> tuple[Absence, ...]:
    several = (given,) if isinstance(given, Absence) else given
    if isinstance(several, str) or not isinstance(several, Iterable):
        raise GateError(f"{what}absences takes several Absence, not {quoted(given)}")
    absences = tuple(several)
    for absence in absences:
        _check_type(absence, Absence, f"{what}absences takes Absence")
    absences = tuple(sorted(absences, key=lambda one: one.begins))
    for one, other in combinations(absences, 2):
        if one.overlaps(other):
            raise GateError(f"{what}two absences overlap: {one}, and {other}; make it one")
    return absences


def _check_type(given: Any, wanted: type, message: str) -> None:
    if not isinstance(given, wanted):
        raise GateError(f"{message}, not {quoted(given)}")
