"""Reviews that are over and whose content is still there."""

from __future__ import annotations

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session

_KEPT = Sql(
    "SELECT r.id FROM hitl_reviews AS r WHERE r.id > :after AND r.wake = 0"
    " AND r.status IN ('applied', 'superseded', 'cancelled') AND r.updated_at < :before"
    " AND EXISTS (SELECT 1 FROM hitl_versions AS v WHERE v.review_id = r.id"
    " AND v.request IS NOT NULL) ORDER BY r.id LIMIT :limit"
)


def kept(session: Session, *, before: int, after: str, limit: int) -> list[str]:
    """The next ids, after the id `after`, of those that nothing happened to since `before`."""
    return [row[0] for row in session.rows(_KEPT, before=before, after=after, limit=limit)]
