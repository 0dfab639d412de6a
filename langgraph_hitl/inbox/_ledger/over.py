"""What was decided, page by page: the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.query import check_limit, packed, unpacked
from langgraph_hitl.inbox._ledger.reviews import joined, page, selected
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import micros, name_text
from langgraph_hitl.inbox.review import Review

_LIST = "decided"
_PASSED = "auto_approved"
_BY = (
    "(r.decided_by = :by OR EXISTS (SELECT 1 FROM hitl_votes AS b WHERE b.review_id = r.id"
    " AND b.round = r.round AND b.voter = :by))"
)


@dataclass(frozen=True, kw_only=True)
class Over:
    """Which of the decided reviews. `by` decided it or voted; `since` is in microseconds."""

    by: str | None = None
    outcome: str | None = None
    since: int | None = None
    queue: str | None = None
    kind: str | None = None
    risk: str | None = None
    action: str | None = None
    thread: str | None = None
    graph: str | None = None
    limit: int = 50
    after: str | None = None


def over(session: Session, wanted: Over) -> list[Review]:
    """One page, with contents. What passed unasked is listed only by its outcome."""
    check_limit(wanted.limit)
    values: dict[str, Any] = {}
    where = ["r.decided_at IS NOT NULL", "r.status IN ('settled', 'applied', 'cancelled')"]
    equal = {
        "outcome": wanted.outcome,
        "queue": wanted.queue,
        "kind": wanted.kind,
        "risk": wanted.risk,
        "action": wanted.action,
        "thread_id": wanted.thread,
        "graph": wanted.graph,
    }
    for column, value in equal.items():
        if value is not None:
            where.append(f"r.{column} = :{column}")
            values[column] = name_text(value, f"{column.removesuffix('_id')}=")
    if wanted.outcome is None:
        where.append(f"r.outcome <> '{_PASSED}'")
    if wanted.by is not None:
        where.append(_BY)
        values["by"] = name_text(wanted.by, "by=")
    if wanted.since is not None:
        where.append("r.decided_at >= :since")
        values["since"] = wanted.since
    if wanted.after is not None:
        where.append("(r.decided_at, r.id) < (:after_at, :after_id)")
        values["after_at"], values["after_id"] = unpacked(wanted.after, _LIST, [int, str])
    order = "ORDER BY r.decided_at DESC, r.id DESC"
    # The contents of a page only, not of all that is sorted.
    sql = (
        f"SELECT {selected(content=True)} FROM (SELECT r.* FROM hitl_reviews AS r"  # noqa: S608
        f" WHERE {' AND '.join(where)} {order} LIMIT {wanted.limit}) AS r"
        f"{joined(content=True)} {order}"
    )
    return page(session.rows(Sql(sql), **values))


def cursor_after(review: Review) -> str:
    """Where the page after `review` starts."""
    if review.decided_at is None or review.status in ("pending", "superseded"):
        raise InboxError(
            f"after= {review.id} is {review.status}, and in no list of what is decided"
        )
    return packed(_LIST, [micros(review.decided_at), review.id])
