"""Reviews and runs that are over and whose content is still there."""

from __future__ import annotations

from langgraph_hitl.inbox._ledger.audit import SUPERVISED
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session

_KEPT = Sql(
    "SELECT r.id FROM hitl_reviews AS r WHERE r.id > :after AND r.wake = 0"
    " AND r.status IN ('applied', 'superseded', 'cancelled') AND r.updated_at < :before"
    " AND EXISTS (SELECT 1 FROM hitl_versions AS v WHERE v.review_id = r.id"
    " AND v.request IS NOT NULL) ORDER BY r.id LIMIT :limit"
)

_RUNS_KEPT = Sql(
    "SELECT r.id FROM hitl_runs AS r WHERE r.id > :after AND r.wake = 0 AND r.steers IS NULL"  # noqa: S608  # constants
    " AND (r.state = 'stopped' OR (r.hold = 'none' AND r.state IN ('finished', 'failed', 'left')))"
    " AND r.updated_at < :before AND (r.held_at IS NULL OR r.held_at < :before)"
    " AND (r.reason IS NOT NULL OR r.error IS NOT NULL OR EXISTS (SELECT 1 FROM hitl_audit AS a"
    " WHERE a.review_id = r.id AND a.salt IS NOT NULL AND a.at < :before"
    f" AND a.event NOT IN ('redacted', '{SUPERVISED}'))) ORDER BY r.id LIMIT :limit"
)


def kept(session: Session, *, before: int, after: str, limit: int) -> list[str]:
    """The next ids, after the id `after`, of those that nothing happened to since `before`."""
    return [row[0] for row in session.rows(_KEPT, before=before, after=after, limit=limit)]


def runs_kept(session: Session, *, before: int, after: str, limit: int) -> list[str]:
    """The next ids of such runs, likewise."""
    return [row[0] for row in session.rows(_RUNS_KEPT, before=before, after=after, limit=limit)]
