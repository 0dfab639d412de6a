"""`langgraph-hitl cancel`."""

from __future__ import annotations

from langgraph_hitl._commands.deciding import check_waits, confirmed, need_of, tell
from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Reason, Resume, ReviewId, Where, Who, Yes
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Status


def cancel(
    out: Output,
    review: ReviewId,
    *,
    reason: Reason = None,
    yes: Yes = False,
    resume: Resume = None,
    where: Where,
    who: Who,
) -> Status:
    """End a review without a decision.

    Its graph goes on as cancelled.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    settings = settings_of(where)
    by = acting(who, settings, out)
    with opened(settings, need=need_of(resume), say=out.say) as desk:
        found = desk.find(review)
        check_waits(found)
        question, without = f"Cancel this as {by.id}?", "Nothing is cancelled."
        if not confirmed(out, desk, found, question, yes=yes, without=without):
            return Status.UNDECIDED
        after = desk.cancel(found, by=by, reason=optional_words(reason), resume=resume)
        tell(out, desk, found, after, by, resume=resume)
    return Status.DONE
