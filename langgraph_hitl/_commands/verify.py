"""`langgraph-hitl verify`: whether the audit is whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import write_facts


def verify(
    out: Output,
    *,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="HEAD",
            help="What audit head, or this, printed earlier, kept elsewhere.",
        ),
    ] = None,
    where: Where,
) -> Status:
    """Check that the audit is whole.

    Exit status 1 if something in it was changed, removed or reordered, or does not fit the tables.
    Keep the head that this prints, in another place: rows removed from the end show only against
    one.

    --json: {"ok", "rows", "head", "redacted", "problem"}.
    """
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        found = desk.inbox.verify(head=None if head is None else _unlabelled(head))
    if out.as_json:
        out.document(asdict(found))
    else:
        pairs = [("rows", found.rows), ("redacted", found.redacted), ("head", found.head)]
        write_facts(out.results, pairs)
        if found.ok:
            out.say("The audit is whole.", "green")
        else:
            out.say(f"The audit is not whole: {found.problem}", "bold red")
    return Status.DONE if found.ok else Status.FAILED


def _unlabelled(head: str) -> str:
    """A head as it was printed, perhaps with its name before it."""
    bare = head.strip()
    return bare.removeprefix("head ").strip() or bare
