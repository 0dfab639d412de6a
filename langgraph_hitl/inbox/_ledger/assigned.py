"""Whose turn it is: how many reviews are open with each, who had one last, and what can move."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from langgraph_hitl.inbox._ledger.reviews import COLUMNS, page
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import due_micros, micros, moment
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.who import keys_of, level_key
from langgraph_hitl.review.reviewer import Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._staff import Title

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
_UNTOUCHED = "r.hidden <= :now AND r.round = 0"
"""Nobody has put it off, or has had it changed: it can go to somebody else most easily."""
_LEVEL = '["level:'
"""How those begin who may decide what waits for a level: with the lowest."""
_PLACE = "r.rank, r.due, r.created_at, r.id"
_BEYOND = f" AND ({_PLACE}) > (:rank, :due, :created, :id) ORDER BY {_PLACE} LIMIT :limit"
_BY_HAND = (
    "SELECT 1 FROM hitl_audit AS a WHERE a.review_id = r.id"
    " AND a.event = 'assigned' AND a.actor NOT LIKE 'system:%'"
)
_WALK = f"SELECT {COLUMNS} {_OPEN}IS NULL AND {_UNCLAIMED}"
_UNASSIGNED = Sql(
    _WALK.format(" INDEXED BY hitl_reviews_queue") + _BEYOND,
    postgresql=_WALK.format("") + _BEYOND,
    lock=_LOCK,
)


class Done(NamedTuple):
    """When somebody decided last, if ever, and how many reviews lately."""

    latest: datetime | None
    lately: int


class Counts(NamedTuple):
    """The reviews that are open with one person, by rank, and when the last of them came."""

    by_rank: dict[int, int]
    latest: datetime


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


def standing(session: Session, people: Sequence[str], since: datetime | None) -> dict[str, Done]:
    """What each of these has decided; with `since`, also how many reviews after that."""
    if not people:
        return {}
    values: dict[str, Any] = {f"p{number}": person for number, person in enumerate(people)}
    if since is not None:
        values["since"] = micros(since)
    found: dict[str, Done] = {}
    for person, settled, voted, lately in session.rows(
        _standing(len(people), since is not None), **values
    ):
        last = max(settled or 0, voted or 0)
        found[person] = Done(moment(last) if last else None, lately)
    return found


def held_by(
    session: Session,
    person: str,
    after: Review | None,
    *,
    now: datetime,
    limit: int,
    titles: Iterable[Title] | None = None,
    by_hand: bool = True,
) -> list[Review]:
    """The next of what is open with somebody and that nobody looks at, locked; without contents.

    Args:
        titles: Only what somebody with these cannot decide.
        by_hand: False leaves out what a person has assigned.
    """
    barred: dict[str, Any] = {}
    shape: tuple[tuple[int, int], ...] | None = None
    if titles is not None:
        titles = [*titles]
        shape = tuple((len(title.keys), len(title.barred)) for title in titles)
        for number, title in enumerate(titles):
            barred |= {f"k{number}_{place}": key for place, key in enumerate(title.keys)}
            barred |= {f"b{number}_{place}": one for place, one in enumerate(title.barred)}
    sql = _held(shape, by_hand)
    values = {"person": person, "now": micros(now), "limit": limit, **_place(after), **barred}
    return page(session.rows(sql, **values))


def unassigned(
    session: Session, after: Review | None, *, now: datetime, limit: int
) -> list[Review]:
    """The next reviews that are nobody's and that nobody looks at, locked; without contents."""
    return page(session.rows(_UNASSIGNED, now=micros(now), limit=limit, **_place(after)))


def movable(
    session: Session, giver: str, taker: Voter, *, now: datetime, but: str | None
) -> Review | None:
    """What goes from one to the other most easily, locked: the last of the queue.

    It is nothing that somebody looks at or has assigned by hand, that the taker asked for, has
    voted on or may not decide, nothing that waits for a lower level than the taker's, and not the
    review `but`.
    """
    keys: dict[str, Any] = {f"k{number}": key for number, key in enumerate(keys_of(taker))}
    lowest = "none" if taker.level is None else json.dumps([level_key(taker.level)])[:-1]
    who = {"giver": giver, "taker": taker.id, "lowest": lowest, "width": len(lowest)}
    values = {"now": micros(now), "but": but or "", **who, **keys}
    for kind in (_UNTOUCHED, f"NOT ({_UNTOUCHED})"):
        found = page(session.rows(_movable(len(keys), kind), **values))
        if found:
            return found[0]
    return None


def _place(after: Review | None) -> dict[str, Any]:
    if after is None:
        return {"rank": -1, "due": 0, "created": 0, "id": ""}
    created = micros(after.created_at)
    return {"rank": after.rank, "due": due_micros(after.due), "created": created, "id": after.id}


@lru_cache(64)
def _held(shape: tuple[tuple[int, int], ...] | None, by_hand: bool) -> Sql:
    found = f"SELECT {COLUMNS} {_OPEN.format('')}= :person AND {_UNCLAIMED}"
    if shape:
        takes = [_takes(number, *sizes) for number, sizes in enumerate(shape)]
        found += f" AND NOT ({' OR '.join(takes)})"
    if not by_hand:
        found += f" AND NOT EXISTS ({_BY_HAND})"
    return Sql(found + _BEYOND, lock=_LOCK)


def _takes(number: int, keys: int, barred: int) -> str:
    """That the review fits one title."""
    listed = ", ".join(f":k{number}_{place}" for place in range(keys))
    others = ", ".join(f":b{number}_{place}" for place in range(barred))
    return (
        f"(COALESCE(r.requester, '') NOT IN ({others}) AND EXISTS (SELECT 1 FROM hitl_eligible AS e"  # noqa: S608  # placeholders
        f" WHERE e.review_id = r.id AND e.key IN ({listed})))"
    )


@lru_cache(16)
def _standing(number: int, counted: bool) -> Sql:
    people = ", ".join(f"(:p{place})" for place in range(number))
    lately = (
        "(SELECT count(*) FROM (SELECT s.review_id, s.round FROM hitl_settlements AS s"
        " WHERE s.decided_by = p.column1 AND s.at > :since UNION SELECT v.review_id, v.round"
        " FROM hitl_votes AS v WHERE v.voter = p.column1 AND v.at > :since) AS d)"
    )
    return Sql(
        "SELECT p.column1, (SELECT max(s.at) FROM hitl_settlements AS s"  # noqa: S608  # placeholders
        " WHERE s.decided_by = p.column1), (SELECT max(v.at) FROM hitl_votes AS v"
        f" WHERE v.voter = p.column1), {lately if counted else '0'} FROM (VALUES {people}) AS p"
    )


@cache
def _movable(number: int, kind: str) -> Sql:
    """From the end of the queue, one after another, until one fits.

    PostgreSQL would look at all of the queue, or all of the audit, if it were left to plan this.
    """
    keys = ", ".join(f":k{place}" for place in range(number))
    back = "r.rank DESC, r.due DESC, r.created_at DESC, r.id DESC"
    mine = f"r.status = 'pending' AND r.assigned = :giver AND {_UNCLAIMED}"
    queue = (
        "SELECT r.id, r.round, r.rank, r.due, r.created_at FROM hitl_reviews AS r"  # noqa: S608  # placeholders
        f" WHERE {mine} AND {kind} AND r.id <> :but"
        " AND (r.requester IS NULL OR r.requester <> :taker)"
        f" AND (substr(r.eligible, 1, {len(_LEVEL)}) <> '{_LEVEL}'"
        f" OR substr(r.eligible, 1, :width) = :lowest) ORDER BY {back}"
    )
    # Values and no EXISTS, which PostgreSQL would join.
    fits = (
        "(SELECT 1 FROM hitl_eligible AS e"  # noqa: S608  # placeholders
        f" WHERE e.review_id = r.id AND e.key IN ({keys}) LIMIT 1) = 1"
        " AND (SELECT 1 FROM hitl_votes AS v WHERE v.review_id = r.id"
        " AND v.round = r.round AND v.voter = :taker LIMIT 1) IS NULL"
        f" AND ({_BY_HAND} LIMIT 1) IS NULL"
    )
    chosen = f"SELECT {COLUMNS} FROM hitl_reviews AS r WHERE {mine} AND r.id = ("  # noqa: S608  # placeholders
    first = f"SELECT r.id FROM ({queue}{{}}) AS r WHERE {fits} ORDER BY {back} LIMIT 1)"  # noqa: S608  # placeholders
    return Sql(
        chosen + first.format(""),
        postgresql=chosen + first.format(" OFFSET 0"),
        lock=_LOCK,
    )
