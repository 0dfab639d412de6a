"""`langgraph-hitl redact`: content of one review is removed for good."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.deciding import confirmed
from langgraph_hitl._commands.given import words
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import ReviewId, Where, Who, Yes
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import actor_json, review_json
from langgraph_hitl._commands.status import Status


def redact(
    out: Output,
    review: ReviewId,
    *,
    reason: Annotated[
        str, typer.Option("--reason", "-m", metavar="TEXT", help="Why; the audit keeps it.")
    ],
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="FIELD",
            help="Only this, as context.iban, subject.account, decision.comment or result.receipt. "
            "Repeatable; takes an inbox with an audit key.",
        ),
    ] = None,
    yes: Yes = False,
    where: Where,
    who: Who,
) -> Status:
    """Remove the content of a review that is over.

    That is what it showed, and what people wrote about it. Who decided what, and when, stays, and
    the audit still verifies. The checkpoints of its thread keep their copy until the thread is
    deleted (checkpointer.delete_thread). With --app the inbox of the graphs says who may.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}, "fields": [...] or
    null for all}.
    """
    settings = settings_of(where)
    by = acting(who, settings, out)
    with opened(settings, need="if given", say=out.say) as desk:
        found = desk.find(review)
        what = ", ".join(fields) if fields else "all content"
        question = f"Remove {what} of this for good, as {by.id}?"
        if not confirmed(out, desk, found, question, yes=yes, without="Nothing is removed."):
            return Status.UNDECIDED
        desk.inbox.redact(found.id, by=by, reason=words(reason), fields=fields or None)
        after = desk.inbox.get(found.id)
    out.say(f"Removed from {found.id}: {what}.", "green")
    if out.as_json:
        told = {"fields": fields or None}
        out.document({"review": review_json(after), "by": actor_json(by)} | told)
    return Status.DONE
