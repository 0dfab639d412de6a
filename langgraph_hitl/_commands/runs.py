"""`langgraph-hitl runs`: which threads of supervised graphs run, and how far they have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import row_json
from langgraph_hitl._commands.supervising import OfGraph, run_json, runs_table, steps_table
from langgraph_hitl._commands.tables import history_table
from langgraph_hitl.errors import UnknownReview

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Inbox
    from langgraph_hitl.inbox._ledger.audit import AuditRow


def _history(inbox: Inbox, run_id: str) -> list[AuditRow]:
    """What supervisors have done; a run that nobody has touched has no history."""
    try:
        return inbox.history(run_id)
    except UnknownReview:
        return []


def runs(
    out: Output,
    *,
    thread: Annotated[
        str | None,
        typer.Option("--thread", metavar="THREAD", help="This one, with steps and history."),
    ] = None,
    graph: OfGraph = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    where: Where,
) -> None:
    """List how far the threads of supervised graphs have come.

    --json: {"runs": [{"thread", "graph", "id", "status", "state", "started_at", "updated_at", "by",
    "at", "reason", "error", "supervisors": their panel or null for anybody, "supervised_at": since
    when, "steers", "steps": [{"number", "nodes", "at"}]}]}; with --thread {"run": one of these,
    "history": as of langgraph-hitl history}.
    """
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        if thread is None:
            found = desk.inbox.runs(graph=graph, limit=limit)
            if out.as_json:
                out.document({"runs": [run_json(run) for run in found]})
            elif found:
                out.table(runs_table(found))
            else:
                out.say("No supervised graph has run.")
            return
        run = desk.inbox.run(thread, graph=graph)
        rows = _history(desk.inbox, run.id)
    if out.as_json:
        out.document({"run": run_json(run), "history": [row_json(row) for row in rows]})
        return
    out.table(runs_table([run]), steps_table(run))
    if rows:
        out.table(history_table(rows, width=out.width))
