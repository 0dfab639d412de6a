"""`langgraph-hitl override`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, assert_never

import typer

from langgraph_hitl._commands.deciding import confirmed
from langgraph_hitl._commands.given import optional_words, value, words
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Resume, ReviewId, Where, Who, Yes
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import actor_json, review_json
from langgraph_hitl._commands.standing import is_overridden
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import request_of
from langgraph_hitl._terminal.menu import expects_text
from langgraph_hitl._terminal.verdicts import NoVerdict, items_of
from langgraph_hitl.review.decision import Approve, Choose, Edit, Reject, Respond, Revise

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.review.decision import Decision

Word = Literal["approve", "reject", "edit", "revise", "respond", "choose", "items"]


def override(
    out: Output,
    review: ReviewId,
    decision: Annotated[
        Word, typer.Argument(metavar="DECISION", help="approve, reject, edit, revise, ...")
    ],
    *,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; the audit keeps it.")
    ],
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--value",
            metavar="VALUE",
            help="The new value of edit, the words of revise and respond, an option of choose "
            "or a verdict of items (repeatable); - reads it from the standard input.",
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", metavar="TEXT", help="A comment, or why it is rejected."),
    ] = None,
    yes: Yes = False,
    resume: Resume = None,
    where: Where,
    who: Who,
) -> Status:
    """Decide over those who decide a review, or over what was decided.

    Takes the graph (--app), whose inbox says who may. Where the graph has gone on already, what it
    has done is called back by the gate's on_recall; without one, nothing is changed.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}, "recalled": true
    where it was called back, false where that has still to happen, null where the graph follows}.
    """
    settings = settings_of(where)
    by = acting(who, settings, out)
    with opened(settings, need="always", say=out.say) as desk:
        found = desk.find(review)
        made = _decision(decision, found, values or [], optional_words(message))
        question = f"Override this as {by.id}, with {decision}?"
        if not confirmed(out, desk, found, question, yes=yes, without="Nothing is overridden."):
            return Status.UNDECIDED
        after = desk.override(found, made, by=by, reason=words(reason), resume=resume)
    out.say(_told(after), "green")
    if out.as_json:
        recalled = {"recalled": _recalled(after)}
        out.document({"review": review_json(after), "by": actor_json(by)} | recalled)
    return Status.DONE


def _decision(word: Word, review: Review, values: list[str], said: str | None) -> Decision:
    if word in ("approve", "reject") and values:
        raise Refusal(f"{word} takes no --value")
    if word in ("edit", "revise", "respond") and len(values) != 1:
        raise Refusal(f"{word} takes one --value")
    match word:
        case "approve":
            return Approve(said)
        case "reject":
            return Reject(said)
        case "edit":
            is_text = expects_text(request_of(review), "edit")
            return Edit(value(words(values[0]), is_text=is_text), said)
        case "revise":
            return Revise(words(values[0]))
        case "respond":
            is_text = expects_text(request_of(review), "respond")
            return Respond(value(words(values[0]), is_text=is_text))
        case "choose":
            if not values:
                raise Refusal("choose takes a --value for each option")
            return Choose(*values)
        case "items":
            try:
                return items_of(values, said)
            except NoVerdict as error:
                raise Refusal(f"{error}. Nothing is overridden") from None
        case _:
            assert_never(word)


def _recalled(after: Review) -> bool | None:
    return "recall" in after.hooks if is_overridden(after) else None


def _told(after: Review) -> str:
    match _recalled(after):
        case True:
            return f"The graph had gone on ({after.outcome}); it was called back."
        case False:
            return (
                f"The graph has gone on ({after.outcome}); a worker calls it back: "
                "langgraph-hitl work"
            )
        case None if after.status == "settled":
            return f"Overridden: {after.outcome}. A worker goes on with it: langgraph-hitl work"
        case None:
            return f"Overridden: {after.outcome}. The graph has gone on."
