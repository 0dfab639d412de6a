"""Who gets what: a review goes to the right person, and queues stay even.

All of it happens within a transaction of its caller, who has asked the directory before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, assert_never

from langgraph_hitl.inbox._shares import Shares
from langgraph_hitl.inbox._staff import Roll, requester_of
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.who import keys_of, level_in
from langgraph_hitl.people import (
    Assigned,
    Member,
    Nobody,
    OnCall,
    Rotation,
    deputy_of,
    route_to_expert,
)
from langgraph_hitl.people.assignment import Move, next_move

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.writing import Transaction

ASSIGNMENT = "system:assignment"
"""Who acts where the inbox assigns by itself."""

PAGE = 50
"""Reviews that one transaction gives away: nobody waits for it for long."""


@dataclass
class Turns:
    """Whose turn it is, in one transaction. Where the directory fails nothing is given or taken."""

    tx: Transaction
    roll: Roll
    now: datetime
    rotation: Rotation | None = None
    given: list[str] = field(default_factory=list)
    """The ids of the reviews that went from one to another, in order."""

    @cached_property
    def shares(self) -> Shares:
        """What everybody has; from the first look on nobody else assigns."""
        self.tx.take_turn()
        return Shares(self.tx, self.roll, self.now, self.rotation)

    def keep_or_assign(self, review: Review) -> Review:
        """A version that was filed stays with who had the one before, if they can take it."""
        holder = review.assigned
        if holder is None or not self.roll.takes(review, holder, self.now):
            review = self.assign(review)
        self.even(but=review)
        return review

    def assign(self, review: Review) -> Review:
        """Assign a pending review anew; to nobody, if nobody is there."""
        if self.roll.problem is not None:
            return review
        return self.give(review, self._chosen(review))

    def give(self, review: Review, to: str | None) -> Review:
        """Keep whose turn it is, and tell so; nothing if it is theirs."""
        if to == review.assigned:
            return review
        self.tx.note(
            review.id,
            "assigned",
            actor=ASSIGNMENT,
            channel="inbox",
            content={"to": to},
            round=review.round,
        )
        self.shares.moved(review, to)
        self.given.append(review.id)
        return self.tx.assign(review, to=to)

    def assign_next(self, after: Review | None) -> tuple[int, Review | None]:
        """Assign one page of what is nobody's; how many, and the last one that was tried."""
        page = self.tx.unassigned(after, now=self.now, limit=PAGE)
        done = sum(self.assign(review).assigned is not None for review in page)
        return done, _last(page)

    def relieve(self, person: str, after: Review | None = None) -> tuple[int, Review | None]:
        """Give to others what somebody cannot decide any more, or to nobody, if nobody is there.

        That is all of who is away or has left, and of others what is not for them by now. One page
        of what nobody looks at: how many, and the last of the page, None after the last page.
        """
        titles = self.roll.titles(person, self.now)
        page = self._held(person, after, titles=titles)
        done = sum(self.assign(one).assigned != person for one in page)
        return done, _last(page)

    def spare(self, person: str, after: Review | None = None) -> tuple[int, Review | None]:
        """Give to others what waits for somebody who has to rest, except what was given by hand.

        What nobody else can take stays where it is. Gives what `relieve` gives.
        """
        others = [one for one in self._working() if one.id != person]
        if not others or not self.shares.rests(person):
            return 0, None
        page = self._held(person, after, by_hand=False)
        found = [(one, self._chosen(one)) for one in page]
        done = [self.give(one, to) for one, to in found if to is not None]
        return len(done), _last(page)

    def even(self, *, but: Review | None = None) -> int:
        """Move what nobody looks at from long queues to short ones: one page, and how many.

        People who are at work give and take, those on call only give, and only what the taker may
        decide. `but` has its place already.
        """
        if self.roll.problem is not None:
            return 0
        there = [one for one in self.roll.members.values() if not one.is_absent(self.now)]
        ready = [one for one in there if one.on_call or one.is_working(self.now)]
        if len(ready) < 2:
            return 0
        shares = self.shares
        if next_move(shares.totals(one.id for one in ready)) is None:
            return 0
        people = [one.id for one in ready if not shares.rests(one.id)]
        takers = [one.id for one in self._working()]
        moved, stuck = 0, set[Move]()
        while moved < PAGE:
            move = next_move(shares.totals(people), shares.latest, stuck, takers)
            if move is None:
                break
            taker = self.roll.members[move.taker].reviewer
            review = self.tx.movable(
                move.giver, taker, now=self.now, but=None if but is None else but.id
            )
            if review is None:
                stuck.add(move)
                continue
            self.give(review, move.taker)
            moved += 1
        return moved

    def _working(self) -> Iterator[Member]:
        """Who is at work, and need not rest."""
        for one in self.roll.members.values():
            if one.is_working(self.now) and not self.shares.rests(one.id):
                yield one

    def _held(self, person: str, after: Review | None, **only: Any) -> list[Review]:
        return self.tx.held_by(person, after, now=self.now, limit=PAGE, **only)

    def _chosen(self, review: Review) -> str | None:
        voted = {ballot.voter for ballot in self.tx.votes(review.id, review.round)}
        excluded = {*voted, requester_of(review)}
        members = [
            one
            for one in self.roll.members.values()
            if one.id not in excluded and _may_decide(one, review)
        ]
        asked = [one for one in members if _is_asked(one, review)]
        for group in (asked, members) if len(asked) < len(members) else (members,):
            found = self._routed(review, group, excluded)
            if found is not None:
                return found
        return None

    def _routed(
        self, review: Review, group: list[Member], excluded: Collection[str | None]
    ) -> str | None:
        standing_in = self._standing_in(group, excluded)
        routed = route_to_expert(
            group,
            at=self.now,
            loads=self.shares.loads,
            priority=review.priority,
            waiting_since=self.shares.latest,
            decisions=self.shares.decisions((*group, *standing_in.values())),
            standing_in=standing_in,
        )
        match routed:
            case Assigned(to=to) | OnCall(to=to):
                return to
            case Nobody():
                return None
            case _:
                assert_never(routed)

    def _standing_in(
        self, members: Collection[Member], excluded: Collection[str | None]
    ) -> dict[str, Member]:
        """Who acts for those who could decide it and are away."""
        away = [one.id for one in members if one.is_absent(self.now)]
        found = {one: deputy_of(self.roll.members.values(), one, self.now) for one in away}
        return {
            absent: deputy
            for absent, deputy in found.items()
            if deputy is not None and deputy.id not in excluded
        }


def has_voted(tx: Transaction, review: Review) -> bool:
    """Whether the one whose turn it is has had it, so that it is the turn of somebody else."""
    votes = tx.votes(review.id, review.round)
    return any(ballot.voter == review.assigned for ballot in votes)


def _last(page: list[Review]) -> Review | None:
    """Where the next page begins; None where there is none."""
    return page[-1] if len(page) == PAGE else None


def _may_decide(member: Member, review: Review) -> bool:
    """Whether the own authority of somebody fits; it includes the skills that it takes."""
    return not {*keys_of(member.reviewer)}.isdisjoint(review.eligible)


def _is_asked(member: Member, review: Review) -> bool:
    """Whether it waits for somebody of this very level; those above come after them."""
    level = level_in(review.eligible[0])
    return level is None or level == member.reviewer.level
