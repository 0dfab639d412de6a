"""What the directory says about an identity at a moment: who it is, and for whom it acts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels import Panel
from langgraph_hitl.panels.who import keys_of
from langgraph_hitl.people import Directory, Member, acts_for, deputy_of, members_of
from langgraph_hitl.review.reviewer import DIRECT, Identity, Voter

_log = logging.getLogger(__name__)

FOUR_EYES = "whoever asked for it cannot be the one who decides (four eyes)"

Decisions = Callable[[str, int], Sequence[datetime]]
"""The moments of the latest decisions of a person, so many of them."""


class Acting(NamedTuple):
    """A delegate, with the authority of who is away."""

    id: str
    roles: tuple[str, ...]
    level: str | None
    skills: tuple[str, ...]
    acting_for: str


class Title(NamedTuple):
    """By what somebody may decide: one of these keys, unless one of those has asked for it."""

    keys: tuple[str, ...]
    barred: tuple[str, ...]


class Admission(NamedTuple):
    """With what authority somebody does something, or in `refusal` why not.

    It follows "may not decide it".
    """

    voter: Voter
    refusal: str | None = None


@dataclass(frozen=True)
class Roll:
    """Everybody in the directory when it was asked; `problem` says why it could not be."""

    members: Mapping[str, Member]
    problem: str | None = None

    def absence(self, id: str, now: datetime) -> str | None:
        """Until when somebody is away, and who acts meanwhile; None while they are there."""
        absence = self.members[id].absence_at(now)
        if absence is None:
            return None
        deputy = deputy_of(self.members.values(), id, now)
        acts = "nobody acts" if deputy is None else f"{deputy.id} acts"
        return f"{id} is absent until {told(absence.ends)}, and {acts} meanwhile"

    def titles(self, id: str, now: datetime) -> list[Title]:
        """By what somebody may decide now, the own first; nothing for who is away or unknown."""
        if id not in self.members or self.members[id].is_absent(now):
            return []
        return [
            Title(keys_of(_represented(one)), tuple(dict.fromkeys((id, acting_for(one) or id))))
            for one in self._authorities(id, now)
        ]

    def keys(self, id: str, now: datetime) -> tuple[str, ...]:
        """Every key under which somebody may decide now; none for who is away or unknown."""
        found = [title.keys for title in self.titles(id, now)]
        return tuple(dict.fromkeys(key for keys in found for key in keys))

    def takes(self, review: Review, id: str, now: datetime) -> bool:
        """Whether somebody may decide a review, as lists know it."""
        asked = requester_of(review)
        return any(
            asked not in title.barred and not {*title.keys}.isdisjoint(review.eligible)
            for title in self.titles(id, now)
        )

    def admit(self, review: Review, panel: Panel, id: str, now: datetime) -> Admission:
        """The first authority with which somebody may decide: the own, then those of others."""
        claimed = Identity(id)
        if self.problem is not None:
            return Admission(claimed, self.problem)
        if id not in self.members:
            return Admission(claimed, f"{id!r} is nobody in the directory")
        own = self.members[id].reviewer
        away = self.absence(id, now)
        if away is not None:
            return Admission(own, away)
        barred: Voter | None = None
        for one in self._authorities(id, now):
            if panel.refusal(_represented(one)) is not None:
                continue
            if four_eyes(review, one) is None:
                return Admission(one)
            barred = one
        if barred is None:
            return Admission(own, panel.refusal(own))
        absent = acting_for(barred)
        asked = "" if absent is None else f"{id} acts for {absent}, who asked for it; "
        return Admission(own, f"{asked}{FOUR_EYES}")

    def rest(self, id: str, now: datetime, decisions: Decisions) -> str | None:
        """Until when somebody has to rest after many decisions; None if they need not."""
        member = self.members.get(id)
        if member is None or member.limit is None:
            return None
        decided = decisions(id, member.limit.decisions)
        if member.is_rested(decided, now):
            return None
        return f"{id} has to rest until {told(member.limit.free_at(decided, now))}"

    def _authorities(self, id: str, now: datetime) -> Iterator[Voter]:
        yield self.members[id].reviewer
        for absent in acts_for(self.members.values(), id, now):
            who = absent.reviewer
            yield Acting(id, who.roles, who.level, who.skills, who.id)


def roll_of(directory: Directory) -> Roll:
    """What a directory says now. One that fails is logged, and authorises nobody."""
    try:
        return Roll(members_of(directory))
    except Exception as error:
        _log.exception("the directory of people failed")
        reason = f"{type(error).__name__}: {error}"[:500]
        return Roll({}, f"the directory of people could not be read ({reason})")


def four_eyes(review: Review, voter: Voter) -> str | None:
    """Why nobody decides what they asked for: neither the person, nor a delegate for them."""
    asked = requester_of(review)
    forbidden = asked is not None and asked in (voter.id, acting_for(voter))
    if forbidden or (asked is not None and voter.id == DIRECT.id):
        return FOUR_EYES
    return None


def requester_of(review: Review) -> str | None:
    """Who asked for it: as it was filed, which the audit knows, and not only as lists have it."""
    filed = ((review.question or {}).get("question") or {}).get("requester")
    return filed or review.requester


def acting_for(voter: Voter) -> str | None:
    """Who is away, and is represented."""
    return voter.acting_for if isinstance(voter, Acting) else None


def told(moment: datetime) -> str:
    """A moment for people."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _represented(voter: Voter) -> Voter:
    """Whom a panel sees: the member of the panel, and not who acts for them."""
    if isinstance(voter, Acting):
        return Identity(voter.acting_for, voter.roles, voter.level, voter.skills)
    return voter
