"""Who acts for somebody who is away.

One step only: the delegate of a delegate acts for nobody else, and one who is absent too does not
act at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.people.member import Member


class Problem(NamedTuple):
    """What is wrong with whom; `absence` is the place of the absence that it is about."""

    id: str
    text: str
    absence: int | None = None


def deputy_of(members: Iterable[Member], id: str, at: datetime) -> Member | None:
    """Who acts for somebody at a moment.

    None if the person is there or unknown, has no delegate, or one who is not there or unknown.

    >>> from datetime import UTC
    >>> from langgraph_hitl.people import Absence, Reviewer
    >>> away = Absence(datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))
    >>> people = [Member(Reviewer("ann"), absences=[away], delegate="bob"), Member(Reviewer("bob"))]
    >>> deputy_of(people, "ann", datetime(2026, 12, 31, tzinfo=UTC)).id
    'bob'
    >>> deputy_of(people, "ann", datetime(2027, 1, 4, tzinfo=UTC)) is None
    True
    """
    return _deputy({member.id: member for member in members}, id, at)


def deputies(members: Iterable[Member], at: datetime) -> dict[str, Member]:
    """Everybody who is away and for whom somebody acts, by id, with who it is."""
    by_id = {member.id: member for member in members}
    found = {absent: _deputy(by_id, absent, at) for absent in by_id}
    return {absent: deputy for absent, deputy in found.items() if deputy is not None}


def may_act_for(members: Iterable[Member], id: str, absent: str, at: datetime) -> bool:
    """Whether somebody acts for somebody else at a moment."""
    deputy = deputy_of(members, absent, at)
    return deputy is not None and deputy.id == id


def acts_for(members: Iterable[Member], id: str, at: datetime) -> tuple[Member, ...]:
    """All for whom somebody acts at a moment."""
    by_id = {member.id: member for member in members}
    found = deputies(by_id.values(), at)
    return tuple(by_id[absent] for absent, deputy in found.items() if deputy.id == id)


def delegation_problem(members: Iterable[Member]) -> Problem | None:
    """The first thing that is wrong with the delegates of people, as far as it can be known."""
    by_id = {member.id: member for member in members}
    for check in (_unknown, _circular, _absent_too):
        problem = next(check(by_id), None)
        if problem is not None:
            return problem
    return None


def _deputy(by_id: Mapping[str, Member], id: str, at: datetime) -> Member | None:
    absent = by_id.get(id)
    named = None if absent is None else absent.delegate_at(at)
    deputy = None if named is None else by_id.get(named)
    return None if deputy is None or deputy is absent or deputy.is_absent(at) else deputy


def _unknown(by_id: Mapping[str, Member]) -> Iterator[Problem]:
    for member in by_id.values():
        usual: list[tuple[int | None, str | None]] = [(None, member.delegate)]
        named = ((place, one.delegate) for place, one in enumerate(member.absences))
        for place, delegate in (*usual, *named):
            if delegate is not None and delegate not in by_id:
                others = [other for other in by_id if other != member.id]
                hint = suggestion(delegate, others) if others else ""
                text = f"{member.id} delegates to {delegate!r}, who is nobody here{hint}"
                yield Problem(member.id, text, place)


def _circular(by_id: Mapping[str, Member]) -> Iterator[Problem]:
    """Usual delegates who lead back: when all of them are away, nobody acts."""
    for person in by_id:
        way = [person]
        while (following := by_id[way[-1]].delegate) is not None and following not in way:
            way.append(following)
        if following == person:
            text = (
                f"delegation goes round: {' > '.join([*way, person])}; leave one delegate out, and "
                "name it with each absence"
            )
            yield Problem(person, text)


def _absent_too(by_id: Mapping[str, Member]) -> Iterator[Problem]:
    for member in by_id.values():
        for place, absence in enumerate(member.absences):
            delegate = member.delegate_in(absence)
            theirs = by_id[delegate].absences if delegate is not None else ()
            for other in theirs:
                if absence.overlaps(other):
                    text = (
                        f"{member.id} is away {absence} and delegates to {delegate}, who is absent "
                        f"too, {other}; name another delegate for that time"
                    )
                    yield Problem(member.id, text, place)
