"""Past decisions about one action, the latest first, along the index of what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from langgraph_hitl.inbox._ledger.hooks import done_in
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import from_json, moment, name_text

MAX_WALKED = 20_000
"""How many decided reviews are walked for those of people: nearly all may have passed unasked."""

_OVER = "(w.status <> 'settled' OR w.outcome <> 'needs_revision')"
"""That no reviser works on the review, whose next version may come."""

_COLUMNS = "r.id, r.round, r.status, r.outcome, r.decided_by, r.decided_at, r.hooks"


class PastDecision(NamedTuple):
    """What was decided about one version; `outcome` is what that came to.

    `decision` is in the wire format, `request` what was shown: empty where it was not asked for.
    `hooks` is what has been done about it since.
    """

    review_id: str
    round: int
    outcome: str
    by: str
    at: datetime
    decision: dict[str, Any]
    request: dict[str, Any]
    hooks: tuple[str, ...]


def decided(
    session: Session, action: str, *, among: int, but: str | None = None
) -> list[PastDecision]:
    """What people decided about the last versions of the latest `among` reviews, but for one.

    Not what was cancelled, what is being revised, nor what was removed since.
    """
    sql = _decided(among)
    rows = session.rows(sql, action=name_text(action, "action="), but=but or "")
    return _past(rows)


def said(
    session: Session, action: str, *, among: int, requests: bool = False
) -> list[PastDecision]:
    """What people decided about every version of the latest `among` decided reviews."""
    sql = _said(among, requests)
    return _past(session.rows(sql, action=name_text(action, "action=")))


def _past(rows: Sequence[tuple[Any, ...]]) -> list[PastDecision]:
    return [
        PastDecision(
            review_id,
            number,
            outcome,
            by,
            moment(at),
            from_json(text),
            from_json(shown) or {},
            tuple(name for ran, name in done_in(hooks) if ran == number),
        )
        for review_id, number, outcome, by, at, text, shown, hooks in rows
    ]


def _person(column: str) -> str:
    # Not LIKE, which takes capitals for small letters in SQLite only.
    return f"substr({column}, 1, 7) <> 'system:'"


def latest(condition: str, among: int) -> str:
    """The latest decided reviews of `:action` for which a condition on `w` holds.

    Limits stand in it as literals: PostgreSQL walks the index only if it knows them.
    """
    return (
        f"SELECT w.* FROM (SELECT {_COLUMNS} FROM hitl_reviews AS r"  # noqa: S608  # constants
        " WHERE r.action = :action AND r.decided_at IS NOT NULL"
        f" ORDER BY r.decided_at DESC LIMIT {max(MAX_WALKED, among)}) AS w"
        f" WHERE {condition} ORDER BY w.decided_at DESC LIMIT {among}"
    )


# CROSS JOIN, because SQLite would begin with the other tables.
@lru_cache(16)
def _decided(among: int) -> Sql:
    by_people = f"w.status IN ('settled', 'applied') AND {_person('w.decided_by')}"
    condition = f"{_OVER} AND {by_people} AND w.id <> :but"
    return Sql(
        "SELECT p.id, p.round, p.outcome, p.decided_by, p.decided_at, s.decision, v.request,"  # noqa: S608
        f" p.hooks FROM ({latest(condition, among)}) AS p CROSS JOIN hitl_settlements AS s"
        " CROSS JOIN hitl_versions AS v"
        " WHERE s.review_id = p.id AND s.round = p.round AND s.decision IS NOT NULL"
        " AND v.review_id = p.id AND v.round = p.round AND v.request IS NOT NULL"
        " ORDER BY p.decided_at DESC, p.id"
    )


@lru_cache(16)
def _said(among: int, requests: bool) -> Sql:
    """A review that time decided in the end may have had rounds that people decided."""
    condition = f"{_OVER} AND (w.round > 0 OR {_person('w.decided_by')})"
    shown = "v.request" if requests else "NULL"
    join = (
        " LEFT JOIN hitl_versions AS v ON v.review_id = s.review_id AND v.round = s.round"
        if requests
        else ""
    )
    return Sql(
        f"SELECT s.review_id, s.round, s.outcome, s.decided_by, s.at, s.decision, {shown}, p.hooks"  # noqa: S608
        f" FROM ({latest(condition, among)}) AS p CROSS JOIN hitl_settlements AS s{join}"
        f" WHERE s.review_id = p.id AND s.decision IS NOT NULL AND {_person('s.decided_by')}"
        " ORDER BY s.at DESC, s.review_id, s.round DESC"
    )
