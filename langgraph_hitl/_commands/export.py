"""`langgraph-hitl export`: decided reviews as training data."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import OutFile, Since, Until, Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Refusal

KindWord = Literal["decisions", "edits", "revisions", "preferences", "evaluation", "chat"]
PeopleWord = Literal["named", "hashed"]


def export(
    out: Output,
    *,
    kind: Annotated[KindWord, typer.Option("--kind", help="What a row is.")] = "decisions",
    since: Since = None,
    until: Until = None,
    people: Annotated[
        PeopleWord,
        typer.Option("--people", help="hashed: pseudonyms that hold within this export."),
    ] = "named",
    file: OutFile = None,
    where: Where,
) -> None:
    """Write decided reviews as training data, a JSON object per line.

    decisions: every decision with what was shown. edits: before, after, feedback. revisions: whole
    histories. preferences: prompt, chosen, rejected. evaluation: inputs, outputs,
    reference_outputs, metadata. chat: messages, to fine-tune with.

    --json takes --out FILE: {"kind", "rows", "out"}.
    """
    if out.as_json and file is None:
        raise Refusal("--json tells about a file; give --out FILE, or leave --json out")
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        found = desk.inbox.export(kind, since=since, until=until, people=people)
        rows = found.to_jsonl(out.file if file is None else file)
    if out.as_json:
        out.document({"kind": kind, "rows": rows, "out": file})
    else:
        to = "" if file is None else f" to {file}"
        out.say(f"Written{to}: {rows} rows.")
