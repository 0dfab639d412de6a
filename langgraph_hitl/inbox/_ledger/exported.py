"""Decided versions of a period, page by page in the order of their decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from langgraph_hitl.inbox._ledger.reported import bounds
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.tables_hold import STANDS
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import from_json, moment
from langgraph_hitl.inbox._period import Period

_FACTS = (
    *("graph", "thread_id", "kind", "action", "queue", "risk", "score", "mode", "requester"),
    *("hooks", "round"),
)
# What was taken back, overtaken or decided anew later is no decision, and what was removed is gone.
_PAGE = Sql(
    f"SELECT a.seq, a.review_id, a.round, {', '.join(f'r.{name}' for name in _FACTS)},"  # noqa: S608  # constants
    " v.filed_at, v.request, v.question, s.decision, s.outcome, s.decided_by, s.at, s.channel,"
    " b.request, n.request FROM hitl_audit AS a"
    " JOIN hitl_reviews AS r ON r.id = a.review_id"
    " JOIN hitl_versions AS v ON v.review_id = a.review_id AND v.round = a.round"
    " JOIN hitl_settlements AS s ON s.review_id = a.review_id AND s.round = a.round"
    " LEFT JOIN hitl_versions AS b ON b.review_id = a.review_id AND b.round = a.round - 1"
    " LEFT JOIN hitl_versions AS n ON n.review_id = a.review_id AND n.round = a.round + 1"
    " WHERE a.seq > :after AND a.event IN ('settled', 'cancelled', 'auto_approved')"
    " AND a.at >= :since AND a.at < :until AND a.seq <= :end"
    f" AND v.request IS NOT NULL AND s.decision IS NOT NULL AND {STANDS}"
    " ORDER BY a.seq LIMIT :limit"
)
_ROUNDS = Sql(
    "SELECT v.round, v.filed_at, v.request, s.decision, s.outcome, s.decided_by, s.at"
    " FROM hitl_versions AS v LEFT JOIN hitl_settlements AS s"
    " ON s.review_id = v.review_id AND s.round = v.round"
    " WHERE v.review_id = :review_id AND v.request IS NOT NULL ORDER BY v.round"
)


class Executed(NamedTuple):
    """What somebody reported of an action; `content` has its key, and the result or the error."""

    review_id: str
    at: datetime
    content: dict[str, Any]


class Version(NamedTuple):
    """One version of a review, with what was decided about it if anything was."""

    round: int
    asked_at: datetime
    request: dict[str, Any]
    decision: dict[str, Any] | None
    outcome: str | None
    by: str | None
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A decided version. `before` and `after` are the requests of the versions beside it.

    `form` is that of the subject: `json`, `message` or `messages`. `hooks` are those of the review
    as it is now, and `is_newest` says whether the version is its newest.
    """

    seq: int
    review_id: str
    round: int
    graph: str
    thread_id: str
    kind: str
    action: str
    queue: str
    risk: str | None
    score: float | None
    mode: str
    requester: str | None
    hooks: tuple[str, ...]
    is_newest: bool
    asked_at: datetime
    request: dict[str, Any]
    form: str
    decision: dict[str, Any]
    outcome: str
    by: str
    at: datetime
    channel: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def exported(session: Session, period: Period, *, after: int, end: int, limit: int) -> list[Case]:
    """The next decided versions after the row `after` of the audit, up to the row `end`."""
    rows = session.rows(_PAGE, after=after, limit=limit, **bounds(period, end))
    return [_case(row) for row in rows]


def executed(session: Session, review_ids: Sequence[str]) -> list[Executed]:
    """What was reported of the actions of reviews, the oldest first."""
    if not review_ids:
        return []
    values = {f"i{number}": review_id for number, review_id in enumerate(review_ids)}
    rows = session.rows(_executed(len(review_ids)), **values)
    return [Executed(review_id, moment(at), from_json(text)) for review_id, at, text in rows]


@cache
def _executed(number: int) -> Sql:
    listed = ", ".join(f":i{place}" for place in range(number))
    return Sql(
        "SELECT review_id, at, content FROM hitl_audit"  # noqa: S608  # placeholders
        f" WHERE review_id IN ({listed}) AND event = 'executed' AND content IS NOT NULL"
        " ORDER BY seq"
    )


def rounds(session: Session, review_id: str) -> list[Version]:
    """Every version of a review, the oldest first."""
    return list(_versions(session, review_id))


def _versions(session: Session, review_id: str) -> Iterator[Version]:
    for number, filed, request, decision, outcome, by, at in session.rows(
        _ROUNDS, review_id=review_id
    ):
        decided_at = None if at is None else moment(at)
        shown: dict[str, Any] = from_json(request)
        yield Version(number, moment(filed), shown, from_json(decision), outcome, by, decided_at)


def _case(row: Row) -> Case:
    seq, review_id, number, *facts = row[: 3 + len(_FACTS)]
    about = dict(zip(_FACTS, facts, strict=True))
    hooks, newest = from_json(about.pop("hooks")), about.pop("round")
    filed, request, question, decision, outcome, by, at, channel, before, after = row[
        3 + len(_FACTS) :
    ]
    snapshot = ((from_json(question) or {}).get("question") or {}).get("snapshot") or {}
    return Case(
        seq=seq,
        review_id=review_id,
        round=number,
        hooks=tuple(name for ran, name in hooks if ran == number),
        is_newest=number == newest,
        asked_at=moment(filed),
        request=from_json(request),
        form=snapshot.get("form", "json"),
        decision=from_json(decision),
        outcome=outcome,
        by=by,
        at=moment(at),
        channel=channel,
        before=from_json(before),
        after=from_json(after),
        **about,
    )
