"""`langgraph-hitl respond`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import value, words
from langgraph_hitl._commands.options import Deciding, ReviewId, Text
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import request_of
from langgraph_hitl._terminal.menu import expects_text
from langgraph_hitl.review.decision import Respond

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def respond(out: Output, review: ReviewId, message: Text, *, how: Deciding) -> Status:
    """Answer a question, or in place of the model.

    The answer is JSON where the question wants no text.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """

    def make(found: Review) -> Respond:
        is_text = expects_text(request_of(found), "respond")
        return Respond(value(words(message), is_text=is_text))

    return decide(out, review, make, kind="respond", verb="Answer", how=how)
