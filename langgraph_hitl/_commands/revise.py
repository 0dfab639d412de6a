"""`langgraph-hitl revise`."""

from __future__ import annotations

from typing import Annotated

import typer

from langgraph_hitl._commands.deciding import decide
from langgraph_hitl._commands.given import rating_of, words
from langgraph_hitl._commands.options import Deciding, RatingWord, ReviewId, Text
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl.review.decision import Revise


def revise(
    out: Output,
    review: ReviewId,
    feedback: Text = "",
    *,
    part: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            metavar="ID=TEXT",
            help="What to change in one part, or the answer to an open question (see show). "
            "Repeatable.",
        ),
    ] = None,
    rating: RatingWord = None,
    how: Deciding,
) -> Status:
    """Ask for another version: say what to change.

    Only a rating may go without words.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    decision = Revise(words(feedback), rating_of(rating), _parts(part or []))
    return decide(out, review, lambda _: decision, verb="Revise", how=how)


def _parts(given: list[str]) -> dict[str, str] | None:
    parts: dict[str, str] = {}
    for each in given:
        part, _, text = each.partition("=")
        if not part.strip() or not text.strip():
            raise Refusal(f"--part takes ID=TEXT, not {each[:40]!r}")
        if part in parts:
            raise Refusal(f"--part names {part[:40]!r} twice")
        parts[part] = text.strip()
    return parts or None
