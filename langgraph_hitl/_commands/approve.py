"""`langgraph-hitl approve`."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import optional_words, rating_of
from langgraph_hitl._commands.options import Deciding, RatingWord, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl.review.decision import Approve


def approve(
    out: Output,
    review: ReviewId,
    *,
    comment: Annotated[
        str | None,
        typer.Option("--comment", "-m", metavar="TEXT", help="Guidance that does not block."),
    ] = None,
    rating: RatingWord = None,
    how: Deciding,
) -> Status:
    """Let the subject pass as it was shown.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    decision = Approve(optional_words(comment), rating_of(rating))
    return decide(out, review, lambda _: decision, verb="Approve", how=how)
