"""`langgraph-hitl reject`."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import optional_words, rating_of
from langgraph_hitl._commands.options import Deciding, RatingWord, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl.review.decision import Reject


def reject(
    out: Output,
    review: ReviewId,
    *,
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", metavar="TEXT", help="Why; - reads the standard input."),
    ] = None,
    rating: RatingWord = None,
    how: Deciding,
) -> Status:
    """Refuse the subject.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    decision = Reject(optional_words(message), rating_of(rating))
    return decide(out, review, lambda _: decision, verb="Reject", how=how)
