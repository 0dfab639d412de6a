"""`langgraph-hitl audit`: a report of what happened, and the head of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from langgraph_hitl._commands.audit_key import AUDIT_KEY_VARIABLE, audit_key
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import check_extra, opened
from langgraph_hitl._commands.options import OutFile, Since, Until, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import Settings, settings_of
from langgraph_hitl._commands.status import Refusal, Status

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Report
    from langgraph_hitl.review.reviewer import Reviewer

FormatWord = Literal["jsonl", "csv", "html"]
WhatWord = Literal["report", "head", "seal"]


def audit(
    out: Output,
    *,
    what: Annotated[
        WhatWord, typer.Argument(metavar="[report|head|seal]", help="What to do.")
    ] = "report",
    since: Since = None,
    until: Until = None,
    format: Annotated[
        FormatWord | None, typer.Option("--format", help="Of the report; jsonl without it.")
    ] = None,
    file: OutFile = None,
    by: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who seals; else `as` of the configuration."),
    ] = None,
    where: Where,
) -> Status:
    """Write a report of the audit or its head, or seal it with a key.

    What is reported is verified: exit status 1 if something in the audit was changed, removed or
    reordered; the report is written all the same.

    head: the last row and its hash. Keep it in another place, and give it to langgraph-hitl verify
    --head later: rows removed from the end show only against one.

    seal: from now on the key in HITL_AUDIT_KEY holds, for an inbox that was begun without one.

    --json: of a report {"since", "until", "made_at", "head", "events", "outcomes", "people",
    "out", "ok", "problem"}, else {"head"}.
    """
    settings = settings_of(where)
    if what != "report" and (since, until, format, file) != (None, None, None, None):
        raise Refusal(f"audit {what} takes none of --since, --until, --format and --out")
    if what == "seal":
        _write_head(out, _sealed(settings, acting(Who(as_=by), settings, out)))
        return Status.DONE
    if by is not None:
        raise Refusal("--as is for audit seal only")
    with opened(settings, need="to find the inbox", say=out.say) as desk:
        if what == "head":
            _write_head(out, desk.inbox.head())
            return Status.DONE
        report = desk.inbox.report(since=since, until=until)
        if file is not None or not out.as_json:
            _write(report, format or "jsonl", out.file if file is None else file)
        found = report.verification
    if out.as_json:
        out.document(_summary(report) | {"out": file})
    elif file is not None:
        out.say(f"Written to {file}: {sum(report.events.values())} events.")
    if not found:
        out.say(f"This cannot be relied on, the audit is not whole: {found.problem}", "bold red")
    return Status.DONE if found else Status.FAILED


def _sealed(settings: Settings, by: Reviewer) -> str:
    """The head of the audit that was sealed."""
    check_extra()
    from langgraph_hitl.inbox import seal_audit
    from langgraph_hitl.inbox._existing import check_exists

    if settings.inbox is None:
        raise Refusal("Which inbox? Give --inbox URL, or set LANGGRAPH_HITL_INBOX")
    keys = audit_key()
    if keys is None:
        raise Refusal(f"Set {AUDIT_KEY_VARIABLE} to the key that is to hold from now on")
    check_exists(settings.inbox)
    return seal_audit(settings.inbox, audit_key=keys, by=by)


def _write_head(out: Output, head: str) -> None:
    if out.as_json:
        out.document({"head": head})
    else:
        out.file.write(f"{head}\n")


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
        "ok": report.verification.ok,
        "problem": report.verification.problem,
    }
