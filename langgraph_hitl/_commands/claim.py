"""`langgraph-hitl claim`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from langgraph_hitl._commands.attending import attend
from langgraph_hitl._commands.given import duration
from langgraph_hitl._commands.options import ReviewId, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import moment_text

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def claim(
    out: Output,
    review: ReviewId,
    *,
    length: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="How long, such as 15m (the default) or 2h."),
    ] = None,
    where: Where,
    who: Who,
) -> Status:
    """Say that you look at a review, so that others need not.

    It ends by itself, and forbids nobody to decide. Exit status 7 while somebody else does.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    given: dict[str, Any] = {} if length is None else {"length": duration(length, "--for")}

    def told(after: Review) -> str:
        return f"{after.claimed_by} looks at it until {moment_text(after.claimed_until)} UTC."

    return attend(out, review, "claim", told, where=where, who=who, **given)
