"""`langgraph-hitl items`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.options import Deciding, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import request_of
from langgraph_hitl._terminal.menu import verdicts_of
from langgraph_hitl._terminal.verdicts import NoVerdict, form, items_of
from langgraph_hitl.review.decision import Items

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def items(
    out: Output,
    review: ReviewId,
    verdict: Annotated[list[str], typer.Argument(metavar="VERDICT...", help=f"{form()}.")],
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="Said of all of them; - reads it.")
    ] = None,
    *,
    how: Deciding,
) -> Status:
    """Decide some items of a list one by one; the others stay open.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    comment = optional_words(message)

    def make(found: Review) -> Items:
        try:
            return items_of(verdict, comment, verdicts_of(request_of(found)))
        except NoVerdict as error:
            raise Refusal(f"{error}. Nothing is decided") from None

    return decide(out, review, make, kind="items", verb="Send", how=how)
