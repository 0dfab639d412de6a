"""`langgraph-hitl choose`."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.options import Deciding, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl.review.decision import Choose


def choose(
    out: Output,
    review: ReviewId,
    option: Annotated[
        list[str], typer.Argument(metavar="OPTION...", help="One or several of the offered ones.")
    ],
    *,
    how: Deciding,
) -> Status:
    """Choose of what is offered.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """

    def make(_: object) -> Choose:
        return Choose(*option)

    return decide(out, review, make, kind="choose", verb="Choose", how=how)
