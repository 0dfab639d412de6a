"""What came into the queues of late and what went out, along the end of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import from_json, moment, name_text
from langgraph_hitl.inbox._wait import CAME, LEFT

_EVENTS = (
    "'filed', 'renewed', 'claimed', 'released', 'voted', 'settled', 'cancelled', 'superseded'"
    ", 'escalated'"
)
_TO_A_QUEUE = """content LIKE '%"from_queue":%'"""


class Passage(NamedTuple):
    """One event of a version: it came, somebody worked on it, or it went.

    `queue` is the one in which that was. `filed` is when the version came, None where the event
    names no version; `queued` is when it came into this queue, if that was later.
    """

    review_id: str
    round: int | None
    queue: str
    event: str
    actor: str
    at: datetime
    filed: datetime | None
    queued: datetime | None = None


def passages(session: Session, *, last: int) -> list[Passage]:
    """The events among the last rows of the audit, the oldest first."""
    found: list[Passage] = []
    queues: dict[str, str] = {}
    rows = session.rows(_passages(last))
    for review_id, number, present, event, actor, at, filed, content in reversed(rows):
        queue = queues.setdefault(review_id, present)
        came = None if filed is None else moment(filed)
        one = Passage(review_id, number, queue, event, actor, moment(at), came)
        if event != "escalated":
            found.append(one)
            continue
        before = _left(content)
        if before is not None:
            queues[review_id] = before
            found += [one._replace(event=CAME), one._replace(event=LEFT, queue=before)]
    return _since_queued(found[::-1])


def _left(content: str | None) -> str | None:
    """The queue that an escalation led from, if it led to another one."""
    told = from_json(content)
    left = told.get("from_queue") if isinstance(told, dict) else None
    return left if isinstance(left, str) else None


def _since_queued(found: Iterable[Passage]) -> list[Passage]:
    """The same with the moment at which each version came into its queue."""
    came: dict[tuple[str, int | None], datetime] = {}
    told = []
    for one in found:
        if one.event == CAME:
            came[one.review_id, one.round] = one.at
        told.append(one._replace(queued=came.get((one.review_id, one.round))))
    return told


def waiting_since(session: Session, *, queue: str | None, now: int, limit: int) -> list[datetime]:
    """When the versions came that wait in a queue, or in all; not those that are deferred."""
    sql = _waiting(limit, queue is not None)
    named = {} if queue is None else {"queue": name_text(queue, "queue=")}
    return [moment(row[0]) for row in session.rows(sql, now=now, **named)]


@lru_cache(16)
def _passages(last: int) -> Sql:
    return Sql(
        "SELECT a.review_id, a.round, r.queue, a.event, a.actor, a.at, v.filed_at,"  # noqa: S608  # constants
        " a.content FROM (SELECT seq, review_id, round, event, actor, at,"
        " CASE WHEN event = 'escalated' THEN content END AS content FROM hitl_audit"
        f" ORDER BY seq DESC LIMIT {last}) AS a"
        " JOIN hitl_reviews AS r ON r.id = a.review_id"
        " LEFT JOIN hitl_versions AS v ON v.review_id = a.review_id AND v.round = a.round"
        f" WHERE a.event IN ({_EVENTS}) ORDER BY a.seq"
    )


@lru_cache(16)
def _waiting(limit: int, named: bool) -> Sql:
    queue = " AND r.queue = :queue" if named else ""
    came = (
        "COALESCE((SELECT max(a.at) FROM hitl_audit AS a WHERE a.review_id = v.review_id"  # noqa: S608
        f" AND a.round = v.round AND a.event = 'escalated' AND a.{_TO_A_QUEUE}), v.filed_at)"
    )
    return Sql(
        f"SELECT {came if named else 'v.filed_at'} FROM"  # noqa: S608  # constants
        " (SELECT r.id, r.round FROM hitl_reviews AS r"
        f" WHERE r.status = 'pending' AND r.hidden <= :now{queue} LIMIT {limit}) AS p"
        " CROSS JOIN hitl_versions AS v WHERE v.review_id = p.id AND v.round = p.round"
    )
