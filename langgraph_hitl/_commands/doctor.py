"""`langgraph-hitl doctor`: what is wrong with the inbox, and what helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.text import Text

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Status
from langgraph_hitl._terminal.sanitise import one_line

_FIELDS = ("kind", "review_id", "thread", "sentence", "cure", "repaired")


def doctor(
    out: Output,
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Repair what can be repaired without a risk.")
    ] = False,
    where: Where,
) -> Status:
    """Explain what is wrong, and repair it.

    With the graphs given, their threads are looked at too. Exit status 1 while something is wrong.

    --json: {"healthy", "findings": [{"kind", "review_id", "thread", "sentence", "cure",
    "repaired"}, ...]}.
    """
    with opened(settings_of(where), need="if given", say=out.say) as desk:
        inbox: Any = desk.inbox
        report = inbox.doctor(repair=repair)
        threads = bool(desk.graphs)
    if out.as_json:
        findings = [
            {name: getattr(finding, name) for name in _FIELDS} for finding in report.findings
        ]
        out.document({"healthy": report.healthy, "findings": findings})
    else:
        for finding in report.findings:
            out.table(*_lines(finding))
    if not threads:
        out.say("The threads were not looked at: name their graphs with --app.")
    if report.healthy:
        out.say("Nothing is wrong.", "green")
    return Status.DONE if report.healthy else Status.FAILED


def _lines(finding: Any) -> Iterator[Text]:
    about = finding.review_id or finding.thread or ""
    yield Text.assemble((one_line(str(finding.kind)), "bold"), f"  {one_line(str(about))}")
    yield Text(f"  {one_line(finding.sentence)}", overflow="fold")
    if finding.repaired:
        yield Text("  Repaired.", style="green")
    else:
        yield Text(f"  {one_line(finding.cure)}", overflow="fold")
