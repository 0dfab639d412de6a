"""`langgraph-hitl audit`: a report of what happened, and the head of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import OutFile, Since, Until, Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Refusal
from langgraph_hitl._commands.tables import write_facts

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Report

FormatWord = Literal["jsonl", "csv", "html"]
WhatWord = Literal["report", "head"]


def audit(
    out: Output,
    *,
    what: Annotated[
        WhatWord, typer.Argument(metavar="[report|head]", help="What to write.")
    ] = "report",
    since: Since = None,
    until: Until = None,
    format: Annotated[
        FormatWord | None, typer.Option("--format", help="Of the report; jsonl without it.")
    ] = None,
    file: OutFile = None,
    where: Where,
) -> None:
    """Write a report of the audit, or its head.

    The head is its last row and hash. Keep it in another place, and give it to langgraph-hitl
    verify --head later: rows removed from the end show only against one.

    --json: of a report {"since", "until", "made_at", "head", "events", "outcomes", "people",
    "out"}, of the head {"head"}.
    """
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        if what == "head":
            if (since, until, format, file) != (None, None, None, None):
                raise Refusal("audit head takes none of --since, --until, --format and --out")
            _write_head(out, desk.inbox.head())
            return
        report = desk.inbox.report(since=since, until=until)
        if file is not None or not out.as_json:
            _write(report, format or "jsonl", out.file if file is None else file)
    if out.as_json:
        out.document(_summary(report) | {"out": file})
    elif file is not None:
        out.say(f"Written to {file}: {sum(report.events.values())} events.")


def _write_head(out: Output, head: str) -> None:
    if out.as_json:
        out.document({"head": head})
    else:
        write_facts(out.results, [("head", head)])


def _write(report: Report, format: FormatWord, to: Any) -> None:
    match format:
        case "jsonl":
            report.to_jsonl(to)
        case "csv":
            report.to_csv(to)
        case "html":
            report.to_html(to)


def _summary(report: Report) -> dict[str, Any]:
    since, until = report.period
    return {
        "since": None if since is None else since.isoformat(),
        "until": None if until is None else until.isoformat(),
        "made_at": report.made_at.isoformat(),
        "head": report.head,
        "events": dict(report.events),
        "outcomes": dict(report.outcomes),
        "people": dict(report.people),
    }
