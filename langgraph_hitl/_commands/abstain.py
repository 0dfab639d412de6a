"""`langgraph-hitl abstain`."""

from __future__ import annotations

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.options import Deciding, Reason, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Status
from langgraph_hitl.review.decision import Abstain


def abstain(
    out: Output,
    review: ReviewId,
    *,
    reason: Reason = None,
    how: Deciding,
) -> Status:
    """Take no side, where more than one person decides.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    decision = Abstain(optional_words(reason))
    return decide(out, review, lambda _: decision, verb="Abstain", how=how)
