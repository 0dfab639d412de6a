"""`langgraph-hitl release`."""

from __future__ import annotations

from langgraph_hitl._commands.attending import attend
from langgraph_hitl._commands.options import ReviewId, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status


def release(out: Output, review: ReviewId, *, where: Where, who: Who) -> Status:
    """Take back that you look at a review.

    Exit status 7 where somebody else does.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    said = "Nobody is said to look at it."
    return attend(out, review, "release", lambda _: said, where=where, who=who)
