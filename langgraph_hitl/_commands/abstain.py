"""`langgraph-hitl abstain`."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.options import How, ReviewId, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl.review.decision import Abstain


def abstain(
    out: Output,
    review: ReviewId,
    *,
    reason: Annotated[
        str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why.")
    ] = None,
    where: Where,
    who: Who,
    how: How,
) -> Status:
    """Take no side, where more than one person decides.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    decision = Abstain(optional_words(reason))
    return decide(out, review, lambda _: decision, verb="Abstain", where=where, who=who, how=how)
