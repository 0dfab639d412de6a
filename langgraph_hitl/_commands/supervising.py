"""What the commands of a supervisor share: which run, through which inbox, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import Need, Opened, opened
from langgraph_hitl._commands.options import Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import actor_json
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import moment_text
from langgraph_hitl._terminal.sanitise import one_line

if TYPE_CHECKING:
    from langgraph_hitl.inbox import SupervisedRun

_GRAPH = "system:graph"

ThreadId = Annotated[
    str, typer.Argument(metavar="THREAD", help="The id of a thread; langgraph-hitl runs has them.")
]
OfGraph = Annotated[
    str | None,
    typer.Option("--graph", metavar="GRAPH", help="The graph with this name."),
]
Why = Annotated[
    str, typer.Option("--reason", "-m", metavar="TEXT", help="Why; the audit keeps it.")
]


def order(
    out: Output,
    act: str,
    thread: str,
    graph: str | None,
    *,
    reason: str | None,
    where: Where,
    who: Who,
    need: Need = "to find the inbox",
    **more: Any,
) -> Status:
    """Do what a supervisor wants of a thread, here where its graph is given, and tell what is."""
    settings = settings_of(where)
    by = acting(who, settings, out)
    with opened(settings, need=need, say=out.say) as desk:
        run = desk.inbox.run(thread, graph=graph)
        how: dict[str, Any] = {"by": by, "reason": optional_words(reason), "channel": "cli", **more}
        after = _done(desk, act, run, how)
        told = _told(after, here=run.graph in desk.graphs)
        out.say(f"{after.thread_id}: {told}", "red" if _refused(after) else "green")
        if out.as_json:
            out.document({"run": run_json(after), "by": actor_json(by)})
    return Status.FAILED if _refused(after) else Status.DONE


def _done(desk: Opened, act: str, run: SupervisedRun, how: dict[str, Any]) -> SupervisedRun:
    owned = desk.graphs.get(run.graph)
    inbox = desk.inbox if owned is None else owned.inbox
    if owned is not None and owned.asynchronous:
        later: SupervisedRun = desk.loop.run(getattr(inbox, f"a{act}")(run, **how))
        return later
    after: SupervisedRun = getattr(inbox, act)(run, **how)
    return after


def run_json(run: SupervisedRun) -> dict[str, Any]:
    """One run as JSON."""
    return {
        "thread": run.thread_id,
        "graph": run.graph,
        "id": run.id,
        "status": run.status,
        "state": run.state,
        "started_at": run.started_at.isoformat(),
        "updated_at": run.updated_at.isoformat(),
        "by": run.by,
        "at": None if run.at is None else run.at.isoformat(),
        "reason": run.reason,
        "error": run.error,
        "supervisors": run.supervisors,
        "supervised_at": None if run.supervised_at is None else run.supervised_at.isoformat(),
        "steers": [*run.steers],
        "steps": [
            {"number": step.number, "nodes": [*step.nodes], "at": step.at.isoformat()}
            for step in run.steps
        ],
    }


def runs_table(runs: list[SupervisedRun]) -> Table:
    """Threads, and how far they have come."""
    table = Table(box=None, pad_edge=False)
    for name in ("thread", "graph", "status", "step", "done", "at", "by", "reason"):
        table.add_column(name, no_wrap=name != "reason")
    for run in runs:
        last = run.steps[-1] if run.steps else None
        table.add_row(
            one_line(run.thread_id),
            one_line(run.graph),
            run.status,
            "" if last is None else str(last.number),
            "" if last is None else one_line(", ".join(last.nodes)),
            moment_text(run.updated_at),
            one_line(run.by or ""),
            one_line(run.error or run.reason or ""),
        )
    return table


def steps_table(run: SupervisedRun) -> Table:
    """The latest steps of a run, the newest last."""
    table = Table(box=None, pad_edge=False)
    for name in ("step", "done", "at"):
        table.add_column(name)
    for step in run.steps:
        names = one_line(", ".join(step.nodes))
        table.add_row(str(step.number), names, moment_text(step.at))
    return table


def _refused(after: SupervisedRun) -> bool:
    """Whether the graph could not take a change, and waits for a better one."""
    return after.status == "paused" and after.by == _GRAPH


def _told(after: SupervisedRun, *, here: bool) -> str:
    match after.status:
        case "paused" if _refused(after):
            return f"paused: {one_line(after.reason or '')}"
        case "pausing" | "stopping" if after.state == "running":
            return f"{after.status}; it takes effect at the next step"
        case "stopping":
            return "stopping; a worker that has the graph cleans up: langgraph-hitl work"
        case "running" if not here:
            return "resumed; a worker that has the graph goes on with it: langgraph-hitl work"
        case "paused" if after.steers:
            return "paused; it goes on with the change when it is resumed"
        case "paused" if after.state == "inside":
            return "paused, within a node that is a graph"
        case "paused" if after.state != "halted":
            return f"paused ({after.state})"
        case _:
            return after.status
