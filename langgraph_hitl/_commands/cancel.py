"""`langgraph-hitl cancel`."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.confirm import agreed, can_ask
from langgraph_hitl._commands.deciding import check_waits, need_of, tell
from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import ResumeWord, ReviewId, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import show_review


def cancel(
    out: Output,
    review: ReviewId,
    *,
    reason: Annotated[
        str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without a question.")] = False,
    resume: Annotated[
        ResumeWord | None,
        typer.Option("--resume", help="now: run the graph here. worker: leave it to a worker."),
    ] = None,
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
        if not yes:
            if not can_ask():
                raise Refusal("Nobody can be asked here; give --yes")
            show_review(out.words, found)
            if not agreed(f"Cancel this as {by.id}?"):
                out.say("Nothing is cancelled.", "yellow")
                return Status.UNDECIDED
        after = desk.cancel(found, by=by, reason=optional_words(reason), resume=resume)
        tell(out, desk, found, after, by, resume=resume)
    return Status.DONE
