"""`langgraph-hitl edit`: change the subject, in the person's own editor."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from langgraph_hitl._commands.confirm import agreed
from langgraph_hitl._commands.deciding import Unsent, decide
from langgraph_hitl._commands.given import optional_words, value, words
from langgraph_hitl._commands.options import Deciding, ReviewId
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import request_of, write_facts
from langgraph_hitl._terminal.difference import difference_lines
from langgraph_hitl._terminal.editor import EditorFailed, at_terminal, edit_in, editor_command
from langgraph_hitl._terminal.menu import expects_text
from langgraph_hitl._terminal.render import Barred, value_text
from langgraph_hitl.errors import HitlError, InvalidDecision
from langgraph_hitl.review.decision import Edit
from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.digest import NotJson, digest, plain_json

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.review.request import ReviewRequest

_UNCHANGED = "Nothing was changed, nothing is sent."


def edit(
    out: Output,
    review: ReviewId,
    *,
    given: Annotated[
        str | None,
        typer.Option(
            "--value",
            metavar="VALUE",
            help="The new value, JSON where the subject is no text; - reads the standard input. "
            "Without it, $VISUAL or $EDITOR, in a terminal.",
        ),
    ] = None,
    comment: Annotated[
        str | None, typer.Option("--comment", "-m", metavar="TEXT", help="What to say about it.")
    ] = None,
    how: Deciding,
) -> Status:
    """Let another value pass, from your editor.

    The editor opens on the subject. Nothing is sent if nothing was changed.

    --json: {"review": the review as it stands afterwards, "by": {"id", "roles"}}.
    """
    if given == comment == "-":
        raise Refusal("--value and --comment cannot both be read from the standard input")
    said = optional_words(comment)
    drafts: list[str] = []

    def make(found: Review) -> Edit:
        request = request_of(found)
        is_text = expects_text(request, "edit")
        if given is None:
            new = _edited(out, request, drafts, is_text=is_text, ask=not how.yes)
        else:
            new = value(words(given), is_text=is_text)
        _check(new, request)
        if given is None:
            lines = difference_lines(difference(request.subject, new))
            out.words.write(Barred(lines))
        return Edit(new, said)

    try:
        return decide(out, review, make, kind="edit", verb="Send", how=how)
    except (HitlError, Refusal):
        if drafts:
            write_facts(out.words, [("What you wrote is kept in", _kept(drafts[-1]))])
        raise


def _edited(
    out: Output, request: ReviewRequest, drafts: list[str], *, is_text: bool, ask: bool
) -> Any:
    """What the person made of the subject; with `ask` they may mend what is no JSON."""
    command = editor_command()
    if command is None:
        why = "$EDITOR is not set" if at_terminal() else "there is no terminal for an editor"
        raise Refusal(f"{why}; give the new value with --value, or --value - and the input")
    before = value_text(request.subject)
    text = before
    while True:
        try:
            text = edit_in(command, text, suffix=".txt" if is_text else ".json")
        except EditorFailed as error:
            raise Refusal(f"{error}; nothing is decided", Status.FAILED) from None
        if text == before:
            raise Unsent(_UNCHANGED)
        drafts.append(text)
        if not text.strip():
            raise Refusal("What the editor left is blank; nothing is decided")
        try:
            return value(text, is_text=is_text)
        except Refusal as error:
            if not ask:
                raise
            out.say(str(error), "yellow")
            if not agreed("Open it again?"):
                raise


def _check(new: Any, request: ReviewRequest) -> None:
    try:
        plain_json(new, "the value")
    except NotJson as error:
        raise InvalidDecision(f"{error}; nothing is decided") from None
    if digest(new) == digest(request.subject):
        raise Unsent(_UNCHANGED)


def _kept(text: str) -> str:
    handle, name = tempfile.mkstemp(prefix="review-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    return name
