"""`langgraph-hitl history`: everything that happened to a review."""

from __future__ import annotations

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import ReviewId, Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import row_json
from langgraph_hitl._commands.tables import history_table, write_facts


def history(out: Output, review: ReviewId, *, where: Where) -> None:
    """Show everything that happened to a review.

    --json: {"review_id", "history": [{"seq", "at", "event", "actor", "channel", "round", "outcome",
    "digest", "reason", "content", "redacted", "hash"}, ...]}.
    """
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        found = desk.find(review)
        rows = desk.inbox.history(found.id)
    if out.as_json:
        out.document({"review_id": found.id, "history": [row_json(row) for row in rows]})
    else:
        write_facts(out.results, [("review", found.id), ("status", found.status)])
        out.table(history_table(rows, width=out.width))
