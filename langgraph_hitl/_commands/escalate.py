"""`langgraph-hitl escalate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from langgraph_hitl._commands.attending import attend
from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.options import ReviewId, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.standing import who_decides
from langgraph_hitl._commands.status import Status

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def escalate(
    out: Output,
    review: ReviewId,
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="NAME",
            help="One of the escalations of its gate, which `show` lists; without it, the next "
            "level of its chain.",
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why.")
    ] = None,
    where: Where,
    who: Who,
) -> Status:
    """Pass a review up its chain, or with --to to others.

    Those who had it cannot decide it any more.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"},
    "estimated_wait": in seconds, as in `show`}.
    """

    def told(after: Review) -> str:
        if to is None:
            return f"Passed up; it takes the level {after.level!r} or above now."
        return f"Passed to {to}: {who_decides(after)}, in queue {after.queue}."

    said = optional_words(reason)
    return attend(
        *(out, review, "escalate", told), where=where, who=who, waits=True, reason=said, to=to
    )
