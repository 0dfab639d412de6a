"""What came into the queues of late and what went out, along the end of the audit."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import moment, name_text

_EVENTS = "'filed', 'renewed', 'claimed', 'released', 'voted', 'settled', 'cancelled', 'superseded'"


class Passage(NamedTuple):
    """One event of a version: it came, somebody worked on it, or it went.

    `filed` is when the version came, None where the event names no version.
    """

    review_id: str
    round: int | None
    queue: str
    event: str
    actor: str
    at: datetime
    filed: datetime | None


def passages(session: Session, *, last: int) -> list[Passage]:
    """The events among the last rows of the audit, the oldest first."""
    return [
        Passage(
            review_id,
            number,
            queue,
            event,
            actor,
            moment(at),
            None if filed is None else moment(filed),
        )
        for review_id, number, queue, event, actor, at, filed in session.rows(_passages(last))
    ]


def waiting_since(session: Session, *, queue: str | None, now: int, limit: int) -> list[datetime]:
    """When the versions came that wait in a queue, or in all; not those that are deferred."""
    sql = _waiting(limit, queue is not None)
    named = {} if queue is None else {"queue": name_text(queue, "queue=")}
    return [moment(row[0]) for row in session.rows(sql, now=now, **named)]


@lru_cache(16)
def _passages(last: int) -> Sql:
    return Sql(
        "SELECT a.review_id, a.round, r.queue, a.event, a.actor, a.at, v.filed_at FROM"  # noqa: S608  # constants
        " (SELECT seq, review_id, round, event, actor, at FROM hitl_audit"
        f" ORDER BY seq DESC LIMIT {last}) AS a"
        " JOIN hitl_reviews AS r ON r.id = a.review_id"
        " LEFT JOIN hitl_versions AS v ON v.review_id = a.review_id AND v.round = a.round"
        f" WHERE a.event IN ({_EVENTS}) ORDER BY a.seq"
    )


@lru_cache(16)
def _waiting(limit: int, named: bool) -> Sql:
    queue = " AND r.queue = :queue" if named else ""
    return Sql(
        "SELECT v.filed_at FROM (SELECT r.id, r.round FROM hitl_reviews AS r"  # noqa: S608  # constants
        f" WHERE r.status = 'pending' AND r.hidden <= :now{queue} LIMIT {limit}) AS p"
        " CROSS JOIN hitl_versions AS v WHERE v.review_id = p.id AND v.round = p.round"
    )
