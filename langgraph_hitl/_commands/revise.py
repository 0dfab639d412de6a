"""`langgraph-hitl revise`."""

from __future__ import annotations

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import rating_of, words
from langgraph_hitl._commands.options import Deciding, RatingWord, ReviewId, Text
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl.review.decision import Revise


def revise(
    out: Output,
    review: ReviewId,
    feedback: Text = "",
    *,
    rating: RatingWord = None,
    how: Deciding,
) -> Status:
    """Ask for another version: say what to change.

    Only a rating may go without words.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    decision = Revise(words(feedback), rating_of(rating))
    return decide(out, review, lambda _: decision, verb="Revise", how=how)
