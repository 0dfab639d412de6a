"""Ids that begin in one way, along the primary key."""

from __future__ import annotations

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import name_text

_LAST = "\U0010ffff"
_IDS = Sql(
    "SELECT r.id FROM hitl_reviews AS r WHERE r.id >= :first AND r.id < :last"
    " ORDER BY r.id LIMIT :limit"
)


def ids(session: Session, prefix: str, *, limit: int) -> list[str]:
    """The first ids of reviews that begin with `prefix`, whatever their status."""
    first = name_text(prefix, "the id of a review")
    rows = session.rows(_IDS, first=first, last=first + _LAST, limit=limit)
    return [row[0] for row in rows]
