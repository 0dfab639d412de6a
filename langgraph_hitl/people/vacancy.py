"""`vacancy`: whether the people there are can fill a panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from langgraph_hitl.panels.all_of import AllOf
from langgraph_hitl.panels.by_risk import ByRisk
from langgraph_hitl.panels.chain import Chain
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.people.member import Member
from langgraph_hitl.review.decision import Approve
from langgraph_hitl.review.reviewer import DIRECT


def vacancy(panel: Panel, members: Iterable[Member]) -> str | None:
    """What a panel lacks to come to an approval if everybody approves; None if it lacks nothing.

    Every level of a chain and every panel of `by_risk` has to be filled, as each may be the one
    that decides. Whether people are there just now does not matter.

    >>> from langgraph_hitl.panels import anyone, chain
    >>> from langgraph_hitl.people import Reviewer
    >>> people = [Member(Reviewer("maria", "editors", level="lead"))]
    >>> vacancy(anyone("editors"), people) is None
    True
    >>> vacancy(anyone("editor"), people)
    "nobody can decide it: it takes the role 'editor'"
    >>> vacancy(chain("member", "director"), people)
    "nobody can decide it: it takes the level 'director' or above"
    """
    votes = [_approval(member) for member in members]
    return next((lack for part in _parts(panel) if (lack := _lack(part, votes))), None)


def _parts(panel: Panel) -> Iterator[Panel]:
    """Every panel that may have to decide."""
    match panel:
        case ByRisk(parts=parts) | AllOf(parts=parts):
            for part in parts:
                yield from _parts(part)
        case Chain(levels=levels):
            yield from (panel.for_review(score=0, level=level) for level in levels)
        case _:
            yield panel


def _lack(panel: Panel, votes: list[Vote]) -> str | None:
    theirs = [vote for vote in votes if panel.may_vote(vote.identity)]
    if not theirs:
        return f"nobody can decide it: {panel.refusal(DIRECT) or 'there is nobody'}"
    tally = panel.tally(theirs)
    if isinstance(tally.result, Approve):
        return None
    needed = ", ".join(tally.needed) if not tally.settled else "nothing can pass"
    return f"too few can decide it ({panel.rule}): {needed}"


def _approval(member: Member) -> Vote:
    who = member.reviewer
    return Vote(
        voter=who.id, roles=who.roles, level=who.level, skills=who.skills, decision=Approve()
    )
