"""`langgraph-hitl show`: one review with everything that people are shown."""

from __future__ import annotations

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import ReviewId, Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.page import page_json, page_of, show_page
from langgraph_hitl._commands.settings import settings_of


def show(out: Output, review: ReviewId, *, where: Where) -> None:
    """Show one review: the subject, why it waits, and what was decided.

    With similar cases and a suggestion, where its gate gives any, and all votes that may be seen.
    Its digest is what --seen takes.

    --json: a review as in `inbox`, without subject, with "request": what the people are asked,
    "rule": who decides, "plan": [{"level", "until"}, ...], who has it until when, "estimated_wait":
    {"observed", "expected" (seconds, null where too little was seen in its queue), "overloaded",
    "share", "waiting"}, null for one that does not wait, "votes": [{"by", "roles", "level",
    "skills", "acting_for", "decision", "at", "channel"}, ...], "decision": {"decision", "outcome",
    "by", "roles", "acting_for", "at", "channel"} or null, and "overridden": {"by", "at", "reason",
    "outcome", "decision"} where that came after the graph had gone on, or null, and "executed":
    [{"at", "key", "result" or "error"}, ...], what its action reported, and "removed": [{"by",
    "at", "reason", "fields" (null: all)}, ...], whose contents are gone.
    """
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        page = page_of(desk.inbox, desk.find(review))
    if out.as_json:
        out.document(page_json(page))
    else:
        show_page(out.results, page)
