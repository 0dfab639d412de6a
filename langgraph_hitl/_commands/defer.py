"""`langgraph-hitl defer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from langgraph_hitl._commands.attending import attend
from langgraph_hitl._commands.given import optional_words, when
from langgraph_hitl._commands.options import ReviewId, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import moment_text

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def defer(
    out: Output,
    review: ReviewId,
    *,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="WHEN",
            help="A time from now, such as 3h or 1d 12h, a date (by UTC), such as 2026-12-31, or a "
            "moment, such as 2026-12-31T18:00 or 2026-12-31T18:00+01:00; a day by default.",
        ),
    ] = None,
    comment: Annotated[
        str | None, typer.Option("--comment", "-m", metavar="TEXT", help="Why.")
    ] = None,
    where: Where,
    who: Who,
) -> Status:
    """Leave a review out of the list until later.

    It can still be decided, and its deadline runs on, unless its gate says otherwise.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    given = None if until is None else when(until, "--until")

    def told(after: Review) -> str:
        due = f" It is over at {moment_text(after.due)} UTC." if after.due else ""
        return f"Out of the list until {moment_text(after.hidden_until)} UTC.{due}"

    said = optional_words(comment)
    return attend(out, review, "defer", told, where=where, who=who, until=given, comment=said)
