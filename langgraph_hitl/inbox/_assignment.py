"""Who gets what: a review goes to the right person, and queues stay even.

All of it happens within a transaction of its caller, who has asked the directory before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from langgraph_hitl.inbox._staff import Roll, requester_of
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.who import keys_of, level_in
from langgraph_hitl.people import Assigned, Member, Nobody, OnCall, deputy_of, route_to_expert
from langgraph_hitl.people.assignment import Move, next_move

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.assigned import Counts
    from langgraph_hitl.inbox._ledger.writing import Transaction

ASSIGNMENT = "system:assignment"
"""Who acts where the inbox assigns by itself."""

PRIORITIES = ("critical", "high", "normal", "low")

_PAGE = 50


def keep_or_assign(tx: Transaction, roll: Roll, review: Review, now: datetime) -> Review:
    """A version that was filed stays with who had the one before, if they can take it."""
    holder = None if review.assigned is None else roll.members.get(review.assigned)
    if holder is None or holder.is_absent(now) or not _can_take(roll, holder, review, now):
        review = assign(tx, roll, review, now)
    even(tx, roll, now)
    return review


def assign(
    tx: Transaction, roll: Roll, review: Review, now: datetime, *, but: Collection[str] = ()
) -> Review:
    """Assign a pending review anew; to nobody, if nobody is there.

    Args:
        but: Who does not get it, such as those who have voted on it.
    """
    if roll.problem is not None:
        return review
    tx.take_turn()
    return give(tx, review, _chosen(tx, roll, review, now, but), by=ASSIGNMENT)


def give(tx: Transaction, review: Review, to: str | None, *, by: str) -> Review:
    """Keep whose turn it is, and tell so; nothing if it is theirs."""
    if to == review.assigned:
        return review
    tx.note(
        review.id,
        "assigned",
        actor=by,
        channel="inbox",
        content={"to": to},
        round=review.round,
    )
    return tx.assign(review, to=to)


def even(tx: Transaction, roll: Roll, now: datetime) -> int:
    """Move what nobody looks at from long queues to short ones; how many reviews moved.

    Only people who are there give and take, and only what the taker may decide.
    """
    ready = [one for one in roll.members.values() if one.is_working(now)]
    if len(ready) < 2:
        return 0
    tx.take_turn()
    counts = tx.open_counts()
    loads = {one.id: _total(counts, one.id) for one in ready}
    if next_move(loads) is None:
        return 0
    resting = {one.id for one in ready if roll.rest(one.id, now, tx.decisions) is not None}
    loads = {person: load for person, load in loads.items() if person not in resting}
    latest = _latest(tx, counts, [*loads])
    moved, stuck = 0, set[Move]()
    while (move := next_move(loads, latest, stuck)) is not None:
        review = tx.movable(move.giver, roll.members[move.taker].reviewer, now=now)
        if review is None:
            stuck.add(move)
            continue
        give(tx, review, move.taker, by=ASSIGNMENT)
        loads[move.giver] -= 1
        loads[move.taker] += 1
        latest[move.taker] = now
        moved += 1
    return moved


def has_voted(tx: Transaction, review: Review) -> bool:
    """Whether the one whose turn it is has had it, so that it is the turn of somebody else."""
    votes = tx.votes(review.id, review.round)
    return any(ballot.voter == review.assigned for ballot in votes)


def relieve(tx: Transaction, roll: Roll, now: datetime) -> int:
    """Give to others what is open with people who are away, or have left; how many reviews.

    At most one page; nothing that somebody looks at.
    """
    if roll.problem is not None:
        return 0
    tx.take_turn()
    for person in sorted(tx.open_counts()):
        member = roll.members.get(person)
        if member is not None and not member.is_absent(now):
            continue
        held = tx.held_by(person, now=now, limit=_PAGE)
        for review in held:
            assign(tx, roll, review, now)
        if held:
            return len(held)
    return 0


def assign_next(
    tx: Transaction, roll: Roll, now: datetime, after: Review | None
) -> tuple[int, Review | None]:
    """Assign one page of what is nobody's; how many reviews, and the last one that was tried."""
    page = tx.unassigned(after, now=now, limit=_PAGE)
    done = sum(assign(tx, roll, review, now).assigned is not None for review in page)
    return done, page[-1] if page else None


def _chosen(
    tx: Transaction, roll: Roll, review: Review, now: datetime, but: Collection[str]
) -> str | None:
    voted = {ballot.voter for ballot in tx.votes(review.id, review.round)}
    excluded = {*but, *voted, requester_of(review)}
    members = [
        one for one in roll.members.values() if one.id not in excluded and _may_decide(one, review)
    ]
    asked = [one for one in members if _is_asked(one, review)]
    for group in (asked, members) if len(asked) < len(members) else (members,):
        standing_in = _standing_in(roll, group, excluded, now)
        everybody = {one.id: one for one in (*group, *standing_in.values())}
        counts = tx.open_counts()
        routed = route_to_expert(
            group,
            at=now,
            loads={person: _by_priority(found) for person, found in counts.items()},
            priority=_priority(review.rank),
            waiting_since=_latest(tx, counts, [*everybody]),
            decisions=_decisions(tx, everybody.values()),
            standing_in=standing_in,
        )
        match routed:
            case Assigned(to=to) | OnCall(to=to):
                return to
            case Nobody():
                pass
            case _:
                assert_never(routed)
    return None


def _can_take(roll: Roll, holder: Member, review: Review, now: datetime) -> bool:
    """Whether somebody may decide a review by now, also for somebody who is away."""
    return requester_of(review) != holder.id and not {*roll.keys(holder.id, now)}.isdisjoint(
        review.eligible
    )


def _may_decide(member: Member, review: Review) -> bool:
    """Whether the own authority of somebody fits; it includes the skills that it takes."""
    return not {*keys_of(member.reviewer)}.isdisjoint(review.eligible)


def _is_asked(member: Member, review: Review) -> bool:
    """Whether it waits for somebody of this very level; those above come after them."""
    level = level_in(review.eligible[0])
    return level is None or level == member.reviewer.level


def _decisions(tx: Transaction, people: Iterable[Member]) -> dict[str, list[datetime]]:
    """When those have decided who have a limit."""
    limits = {one.id: one.limit.decisions for one in people if one.limit is not None}
    return {person: tx.decisions(person, limit) for person, limit in limits.items()}


def _standing_in(
    roll: Roll, members: Collection[Member], excluded: Collection[str | None], now: datetime
) -> dict[str, Member]:
    """Who acts for those who could decide it and are away."""
    away = [one.id for one in members if one.is_absent(now)]
    found = {absent: deputy_of(roll.members.values(), absent, now) for absent in away}
    return {
        absent: deputy
        for absent, deputy in found.items()
        if deputy is not None and deputy.id not in excluded
    }


def _latest(
    tx: Transaction, counts: Mapping[str, Counts], people: list[str]
) -> dict[str, datetime]:
    """When each has got or decided one last."""
    latest = tx.last_decisions(people)
    for person, found in counts.items():
        latest[person] = max(latest.get(person, found.latest), found.latest)
    return latest


def _total(counts: Mapping[str, Counts], person: str) -> int:
    return counts[person].total if person in counts else 0


def _by_priority(counts: Counts) -> dict[str, int]:
    found: dict[str, int] = {}
    for rank, count in counts.by_rank.items():
        found[_priority(rank)] = found.get(_priority(rank), 0) + count
    return found


def _priority(rank: int) -> str:
    return PRIORITIES[rank] if 0 <= rank < len(PRIORITIES) else PRIORITIES[0]
