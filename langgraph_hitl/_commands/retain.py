"""`langgraph-hitl retain`: what is kept long enough is removed."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.confirm import agreed, can_ask
from langgraph_hitl._commands.given import duration
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Reason, Where, Who, Yes
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Refusal, Status


def retain(
    out: Output,
    *,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="TIME", help="Since when, as 365d.")
    ],
    reason: Reason = None,
    yes: Yes = False,
    where: Where,
    who: Who,
) -> Status:
    """Remove the content of reviews and runs that are long over.

    That reviews were asked, who decided what, and when, stays, and the audit still verifies. The
    checkpoints of their threads keep their copies until the threads are deleted
    (checkpointer.delete_thread). With --app the inbox of the graphs says who may.

    --json: {"redacted": how many}.
    """
    settings = settings_of(where)
    span = duration(older_than, "--older-than")
    by = acting(who, settings, out)
    with opened(settings, need="if given", say=out.say) as desk:
        if not yes:
            if not can_ask():
                raise Refusal("Nobody can be asked here; give --yes to remove it for good")
            if not agreed(f"Remove all content older than {older_than} for good, as {by.id}?"):
                out.say("Nothing is removed.")
                return Status.UNDECIDED
        count = desk.inbox.retain(older_than=span, by=by, reason=reason)
    if out.as_json:
        out.document({"redacted": count})
    else:
        out.say(f"The content of {count} reviews and runs was removed.")
    return Status.DONE
