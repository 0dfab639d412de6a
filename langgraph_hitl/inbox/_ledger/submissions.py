"""What a thread has submitted and nobody has joined, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph_hitl.inbox._ledger.reviews import COLUMNS
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session

# The condition on the mode is a literal, because the index is partial.
_UNJOINED = Sql(
    f"SELECT {COLUMNS} FROM hitl_reviews AS r WHERE r.thread_id = :thread AND r.graph = :graph"  # noqa: S608  # constants
    " AND r.mode = 'submitted' AND r.root_checkpoint IS NOT NULL"
    " ORDER BY r.root_checkpoint DESC, r.id DESC"
)


def unjoined(session: Session, thread_id: str, graph: str) -> Sequence[Row]:
    """The rows of these reviews."""
    return session.rows(_UNJOINED, thread=thread_id, graph=graph)
