"""`route_to_expert`: the right person for a review, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from langgraph_hitl.people.assignment import least_loaded
from langgraph_hitl.people.delegation import deputies
from langgraph_hitl.people.member import Member
from langgraph_hitl.people.moment import moment_of
from langgraph_hitl.review.reviewer import checked_names

Priority = Literal["critical", "high", "normal", "low"]

Load: TypeAlias = int | Mapping[str, int]
"""How many reviews are open with somebody: in all, or by priority."""

_PRIORITIES: tuple[Priority, ...] = get_args(Priority)


@dataclass(frozen=True)
class Assigned:
    """Somebody who has the skills and is there; or who acts for somebody who has them."""

    to: str
    acting_for: str | None = None


@dataclass(frozen=True)
class OnCall:
    """Nobody else is there; `has_skills` tells whether the person called has the skills."""

    to: str
    has_skills: bool


@dataclass(frozen=True)
class Nobody:
    """Nobody is there, not even on call. It stays with everybody who may decide it."""

    reason: str


Routed: TypeAlias = Assigned | OnCall | Nobody


def route_to_expert(
    members: Iterable[Member],
    *,
    at: datetime,
    skills: str | Iterable[str] = (),
    loads: Mapping[str, Load] | None = None,
    priority: str = "normal",
    waiting_since: Mapping[str, datetime] | None = None,
    decisions: Mapping[str, Sequence[datetime]] | None = None,
    standing_in: Mapping[str, Member] | None = None,
) -> Routed:
    """The right person for a review.

    It goes by skill, then by who is at work, then by load. If nobody is left, it is a delegate of
    somebody who has the skills and is away, then somebody on call who has the skills or acts for
    somebody who has, then anybody on call, and else `Nobody`. That is a result and no error. Who
    has to rest gets nothing.

    Args:
        members: Everybody who may decide it.
        at: The present moment.
        skills: What it takes, all of it.
        loads: The reviews that are open with each: how many, or how many of each priority. Of
            these only those count that are as urgent as this one or more, as they come first.
        priority: Its priority: `critical`, `high`, `normal` or `low`; all else counts as critical.
        waiting_since: When each got the last one.
        decisions: The moments of the decisions of each, for the limits.
        standing_in: Who acts for whom, by the id of who is away, where delegates need not be among
            the members.

    >>> from datetime import UTC
    >>> from langgraph_hitl.people import Reviewer
    >>> people = [Member(Reviewer("ann", skills="tax")), Member(Reviewer("bob"), on_call=True)]
    >>> at = datetime(2026, 12, 1, tzinfo=UTC)
    >>> route_to_expert(people, skills="tax", at=at)
    Assigned(to='ann', acting_for=None)
    >>> route_to_expert(people, skills="law", at=at)
    OnCall(to='bob', has_skills=False)
    >>> route_to_expert(people[:1], skills="law", at=at)
    Nobody(reason="nobody has the skill 'law', and nobody is on call")
    """
    now = moment_of(at, "at")
    needed = checked_names(skills, "skills", "a skill")
    everybody = tuple(members)
    experts = [one for one in everybody if {*needed} <= {*one.reviewer.skills}]
    open_now = {one: _load(load, priority) for one, load in (loads or {}).items()}

    def chosen(candidates: Iterable[str]) -> str | None:
        return least_loaded(candidates, open_now, waiting_since or {})

    def is_rested(member: Member) -> bool:
        return member.is_rested((decisions or {}).get(member.id, ()), now)

    def is_ready(member: Member) -> bool:
        return is_rested(member) and member.is_working(now)

    def is_called(member: Member) -> bool:
        return is_rested(member) and member.on_call and not member.is_absent(now)

    found = chosen(one.id for one in experts if is_ready(one))
    if found is not None:
        return Assigned(found)
    acting = deputies(everybody, now) if standing_in is None else standing_in
    away = [one.id for one in experts if one.id in acting and is_ready(acting[one.id])]
    for_whom = {acting[absent].id: absent for absent in reversed(away)}
    found = chosen(for_whom)
    if found is not None:
        return Assigned(found, for_whom[found])
    acting_experts = [acting[one.id] for one in experts if one.id in acting]
    for group, have_skills in ((experts, True), (acting_experts, True), (everybody, False)):
        found = chosen(one.id for one in group if is_called(one))
        if found is not None:
            return OnCall(found, have_skills)
    return Nobody(_reason(experts, needed, now))


def _load(load: Load, priority: str) -> int:
    """How many reviews come before one of this priority."""
    if not isinstance(load, Mapping):
        return load
    least = _rank(priority)
    return sum(count for name, count in load.items() if _rank(name) <= least)


def _rank(priority: str) -> int:
    return _PRIORITIES.index(priority) if priority in _PRIORITIES else 0


def _reason(experts: Sequence[Member], needed: Sequence[str], at: datetime) -> str:
    skills = f"the skill{'s' * (len(needed) > 1)} {' and '.join(map(repr, needed))}"
    if not experts:
        who = f"nobody has {skills}" if needed else "there is nobody"
        return f"{who}, and nobody is on call"
    absent = sum(one.is_absent(at) for one in experts)
    closed = sum(not one.is_absent(at) and not one.is_working(at) for one in experts)
    counts = {
        "away": absent,
        "outside working hours": closed,
        "to rest": len(experts) - absent - closed,
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    having = f" with {skills}" if needed else ""
    return f"of {len(experts)}{having} nobody is there ({told}), and nobody is on call"
