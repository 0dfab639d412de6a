"""`langgraph-hitl show`: one review with everything that people are shown."""

from __future__ import annotations

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import ReviewId, Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import shown_json
from langgraph_hitl._commands.tables import show_review
from langgraph_hitl._commands.wait import wait_json, wait_of, wait_text


def show(out: Output, review: ReviewId, *, where: Where) -> None:
    """Show one review: the subject and why it waits.

    Its digest is what --seen takes.

    --json: a review as in `inbox`, without subject, with "request": what the people are asked, and
    "estimated_wait": {"observed", "expected" (seconds, null where too little was seen in its
    queue), "overloaded", "share", "waiting"}, null for one that does not wait.
    """
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        found, now = desk.find(review), desk.inbox.clock()
        wait = wait_of(desk.inbox, found)
    if out.as_json:
        out.document(shown_json(found) | {"estimated_wait": wait_json(wait)})
    else:
        show_review(out.results, found, now=now, wait=wait_text(wait, found.queue))
