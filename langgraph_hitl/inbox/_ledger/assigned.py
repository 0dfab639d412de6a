"""Whose turn it is: how many reviews are open with each, who had one last, and what can move."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from langgraph_hitl.inbox._ledger.reviews import COLUMNS, page
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import due_micros, micros, moment
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.who import keys_of, level_key
from langgraph_hitl.review.reviewer import Voter

_TURN = "assignment"
_BEGIN_TURN = Sql(
    "INSERT INTO hitl_cursors (name, seq) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING"
)
_TAKE_TURN = Sql("SELECT seq FROM hitl_cursors WHERE name = :name", lock=" FOR NO KEY UPDATE")

_OPEN = "FROM hitl_reviews AS r{} WHERE r.status = 'pending' AND r.assigned "
_BY_PERSON = f"{_OPEN}IS NOT NULL GROUP BY r.assigned, r.rank"
_COUNT = "SELECT r.assigned, r.rank, count(*), max(r.assigned_at) "
# Without the name of its index SQLite would walk all that is pending.
_COUNTS = Sql(
    _COUNT + _BY_PERSON.format(" INDEXED BY hitl_reviews_assigned"),
    postgresql=_COUNT + _BY_PERSON.format(""),
)
_DECISIONS = Sql(
    "SELECT max(at) FROM ("
    "SELECT * FROM (SELECT review_id, round, at FROM hitl_settlements WHERE decided_by = :person"
    " ORDER BY at DESC LIMIT :limit) AS s UNION ALL "
    "SELECT * FROM (SELECT review_id, round, at FROM hitl_votes WHERE voter = :person"
    " ORDER BY at DESC LIMIT :limit) AS v"
    ") AS d GROUP BY review_id, round ORDER BY 1 DESC LIMIT :limit"
)

# What somebody else is changing at this moment is left alone: nobody waits for two rows.
_LOCK = " FOR NO KEY UPDATE OF r SKIP LOCKED"
_UNCLAIMED = "(r.claimed_until IS NULL OR r.claimed_until <= :now)"
_LEVEL = '["level:'
"""How those begin who may decide what waits for a level: with the lowest."""
_PLACE = "r.rank, r.due, r.created_at, r.id"
_OF = Sql(
    f"SELECT {COLUMNS} {_OPEN.format('')}= :person AND {_UNCLAIMED}"  # constants
    f" ORDER BY {_PLACE} LIMIT :limit",
    lock=_LOCK,
)
_WALK = f"SELECT {COLUMNS} {_OPEN}IS NULL AND {_UNCLAIMED}"
_BEYOND = f" AND ({_PLACE}) > (:rank, :due, :created, :id) ORDER BY {_PLACE} LIMIT :limit"
_UNASSIGNED = Sql(
    _WALK.format(" INDEXED BY hitl_reviews_queue") + _BEYOND,
    postgresql=_WALK.format("") + _BEYOND,
    lock=_LOCK,
)


class Counts(NamedTuple):
    """The reviews that are open with one person, by rank, and when the last of them came."""

    by_rank: dict[int, int]
    latest: datetime

    @property
    def total(self) -> int:
        return sum(self.by_rank.values())


def take_turn(session: Session) -> None:
    """Wait until nobody else assigns; SQLite has one writer anyway."""
    if session.dialect == "postgresql":
        session.run(_BEGIN_TURN, name=_TURN)
        session.rows(_TAKE_TURN, name=_TURN)


def counts(session: Session) -> dict[str, Counts]:
    """What is open with everybody who has something."""
    found: dict[str, Counts] = {}
    for person, rank, count, latest in session.rows(_COUNTS):
        before = found.get(person)
        by_rank = {} if before is None else before.by_rank
        last = moment(latest) if before is None else max(before.latest, moment(latest))
        found[person] = Counts({**by_rank, rank: count}, last)
    return found


def decisions(session: Session, person: str, limit: int) -> list[datetime]:
    """When somebody has decided, the latest first."""
    rows = session.rows(_DECISIONS, person=person, limit=limit)
    return [moment(at) for (at,) in rows]


def last_decisions(session: Session, people: Sequence[str]) -> dict[str, datetime]:
    """When each of these has decided last; those who never have are not in it."""
    if not people:
        return {}
    values = {f"p{number}": person for number, person in enumerate(people)}
    rows = session.rows(_last(len(people)), **values)
    return {person: moment(at) for person, at in rows if at is not None}


def held_by(session: Session, person: str, *, now: datetime, limit: int) -> list[Review]:
    """What is open with somebody and that nobody looks at, locked; without contents."""
    return page(session.rows(_OF, person=person, now=micros(now), limit=limit))


def unassigned(
    session: Session, after: Review | None, *, now: datetime, limit: int
) -> list[Review]:
    """The next reviews that are nobody's and that nobody looks at, locked; without contents."""
    where: dict[str, Any] = {"rank": -1, "due": 0, "created": 0, "id": ""}
    if after is not None:
        created = micros(after.created_at)
        where = {"rank": after.rank, "due": due_micros(after.due), "created": created}
        where["id"] = after.id
    return page(session.rows(_UNASSIGNED, now=micros(now), limit=limit, **where))


def movable(session: Session, giver: str, taker: Voter, *, now: datetime) -> Review | None:
    """What goes from one to the other most easily, locked: the last of the queue.

    It is nothing that somebody looks at or has assigned by hand, that the taker asked for, has
    voted on or may not decide, and nothing that waits for a lower level than the taker's.
    """
    keys = {f"k{number}": key for number, key in enumerate(keys_of(taker))}
    lowest = "none" if taker.level is None else json.dumps([level_key(taker.level)])[:-1]
    who = {"giver": giver, "taker": taker.id, "lowest": lowest, "width": len(lowest)}
    found = page(session.rows(_movable(len(keys)), now=micros(now), **who, **keys))
    return found[0] if found else None


@cache
def _last(number: int) -> Sql:
    people = ", ".join(f"(:p{place})" for place in range(number))
    return Sql(
        "SELECT p.column1, (SELECT max(s.at) FROM hitl_settlements AS s"  # noqa: S608  # placeholders
        f" WHERE s.decided_by = p.column1) FROM (VALUES {people}) AS p"
    )


@cache
def _movable(number: int) -> Sql:
    keys = ", ".join(f":k{place}" for place in range(number))
    return Sql(
        f"SELECT {COLUMNS} {_OPEN.format('')}= :giver AND {_UNCLAIMED}"  # noqa: S608  # placeholders
        " AND (r.requester IS NULL OR r.requester <> :taker)"
        " AND EXISTS (SELECT 1 FROM hitl_eligible AS e"
        f" WHERE e.review_id = r.id AND e.key IN ({keys}))"
        f" AND (substr(r.eligible, 1, {len(_LEVEL)}) <> '{_LEVEL}'"
        " OR substr(r.eligible, 1, :width) = :lowest)"
        " AND NOT EXISTS (SELECT 1 FROM hitl_votes AS v WHERE v.review_id = r.id"
        " AND v.round = r.round AND v.voter = :taker)"
        " AND NOT EXISTS (SELECT 1 FROM hitl_audit AS a WHERE a.review_id = r.id"
        " AND a.event = 'assigned' AND a.actor NOT LIKE 'system:%')"
        " ORDER BY CASE WHEN r.hidden > :now THEN 1 ELSE 0 END, r.round, r.rank DESC,"
        " r.created_at DESC, r.id DESC LIMIT 1",
        lock=_LOCK,
    )
