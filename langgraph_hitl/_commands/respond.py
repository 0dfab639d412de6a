"""`langgraph-hitl respond`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import value, words
from langgraph_hitl._commands.options import Deciding, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import request_of
from langgraph_hitl._terminal.menu import expects_text
from langgraph_hitl.review.decision import Respond

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def respond(
    out: Output,
    review: ReviewId,
    message: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT]", help="The words; - reads them from the standard input."),
    ] = None,
    *,
    given: Annotated[
        str | None,
        typer.Option(
            "--value",
            metavar="JSON",
            help="The answer as JSON, in place of TEXT; - reads the standard input.",
        ),
    ] = None,
    how: Deciding,
) -> Status:
    """Answer a question, or in place of the model.

    TEXT is taken as it is, except where the question says by its schema that it wants no text: then
    it is JSON. A bare interrupt() says nothing; where its node reads an object, give --value JSON.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    text = message if given is None else given
    if text is None or (message is not None and given is not None):
        raise Refusal("Give the answer as TEXT, or as --value JSON")

    def make(found: Review) -> Respond:
        is_text = given is None and expects_text(request_of(found), "respond")
        return Respond(value(words(text), is_text=is_text))

    return decide(out, review, make, kind="respond", verb="Answer", how=how)
