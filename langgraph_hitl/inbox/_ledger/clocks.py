"""`Clocks`: what time it is for the database, and for those who wrote last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import moment

_NOW = Sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
_LATEST = Sql(
    "SELECT a.at, a.review_id FROM (SELECT at, review_id FROM hitl_audit ORDER BY seq DESC"
    " LIMIT 1000) AS a ORDER BY a.at DESC LIMIT 1"
)


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """`latest` is the latest moment among the newest audit rows, of the review `review_id`.

    `database` is None for SQLite, which has no clock but that of the process.
    """

    database: datetime | None
    latest: datetime | None
    review_id: str | None


def clocks(session: Session) -> Clocks:
    now = session.row(_NOW) if session.dialect == "postgresql" else None
    latest = session.row(_LATEST)
    return Clocks(
        database=None if now is None else moment(now[0]),
        latest=None if latest is None else moment(latest[0]),
        review_id=None if latest is None else latest[1],
    )
