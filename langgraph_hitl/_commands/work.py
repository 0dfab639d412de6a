"""`langgraph-hitl work`: a worker, of which as many may run as one likes."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from langgraph_hitl._commands.faces import faces
from langgraph_hitl._commands.logs import logged
from langgraph_hitl._commands.opened import Opened, opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.reconcile import reconciled
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.stopping import Stopping, on_signals
from langgraph_hitl.errors import InboxUnavailable

if TYPE_CHECKING:
    from langgraph_hitl.inbox import ReconcileReport, WorkReport
    from langgraph_hitl.inbox._run.work import Done

_COUNTS = ("driven", "settled_already", "busy", "put_off", "held", "runs")
_DONE: tuple[Done, ...] = (
    "reminded",
    "escalated",
    "timed_out",
    "assigned",
    "notified",
    "recalled",
)
_TOLD: tuple[Done, ...] = ("resumed", *_DONE)
_NAMED = 10
_KEPT = 1_000
"""So many ids of each kind, the latest, are in the result of a worker that may run for months."""

_STOPPING = b"Stopping after the review at hand; once more to stop at once.\n"


def work(
    out: Output,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="One pass; exit status 1 if a review of it failed.")
    ] = False,
    interval: Annotated[
        float,
        typer.Option(
            "--interval", min=0.01, metavar="SECONDS", help="The pause when nothing is to be done."
        ),
    ] = 1.0,
    reconcile: Annotated[
        float,
        typer.Option(
            "--reconcile",
            min=0,
            metavar="SECONDS",
            help="How often the threads of graphs that are watched are looked through, from the "
            "start on; 0 for never.",
        ),
    ] = 60.0,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show tracebacks of the runs that fail.")
    ] = False,
    where: Where,
) -> Status:
    """Resume what was decided, until interrupted.

    What a process that died has begun is finished. As many workers may run as one likes. What
    graphs that are watched ask, and no run could file, is found by looking through their threads,
    which costs more than a pass: see --reconcile, and langgraph-hitl reconcile. SIGTERM
    and Ctrl-C let the review at hand come to its end; once more, and it is cut off, which does no
    harm.

    --json, at the end: {"passes", "driven", "settled_already", "busy", "put_off", "held" (by a
    supervisor), "runs" (that a supervisor has resumed or stopped), "reminded",
    "escalated" (by time), "timed_out", "assigned", "notified", "recalled" (what was overridden too
    late), "handled" (handlers of escalations), "filed" and "ended" (found in the threads),
    "reviews": {one of these, or "resumed": the latest 1,000 ids}, "failed": {review id: reason},
    "unreconciled": {graph or thread: reason, of the latest look}, "unregistered": {graph:
    reviews}}.
    """
    stopping = Stopping()
    with opened(settings_of(where), need="always", say=out.say) as desk:
        worker = _Worker(out, desk, every=reconcile)
        with on_signals(stopping, _say_stopping), logged(verbose=verbose):
            names = ", ".join(desk.graphs)
            out.say(f"Working on {names}.{'' if once else ' Ctrl-C stops.'}", "bold")
            while True:
                idle = worker.run(stopping, forgiving=not once)
                if once or stopping():
                    break
                if idle:
                    stopping.wait(interval)
                if stopping():
                    break
    worker.finish()
    wrong = worker.failed or worker.unreconciled
    return Status.FAILED if once and wrong else Status.DONE


class _Worker:
    """Passes over everything, and what they came to."""

    def __init__(self, out: Output, desk: Opened, *, every: float) -> None:
        self._out = out
        self._desk = desk
        self._faces = faces(list(desk.graphs.values()))
        self._every = every
        self._looked: float | None = None
        self._counts: Counter[str] = Counter()
        self._told: set[str] = set()
        self._reviews: dict[Done, deque[str]] = {}
        self.failed: dict[str, str] = {}
        self.unreconciled: dict[str, str] = {}
        self.unregistered: dict[str, int] = {}

    def run(self, stopping: Stopping, *, forgiving: bool) -> bool:
        """One pass; whether there was nothing to do. A database that is away is waited for."""
        self._counts["passes"] += 1
        idle = True
        reconciles = self._is_time()
        unreconciled: dict[str, str] = {}
        self.unregistered = {}
        for inbox, asynchronous in self._faces:
            try:
                if reconciles:
                    found = reconciled(self._desk, inbox, asynchronous, stopping)
                    unreconciled |= self._seen(found)
                if asynchronous:
                    report = self._desk.loop.run(inbox.awork(stop=stopping))
                else:
                    report = inbox.work(stop=stopping)
            except InboxUnavailable as error:
                if not forgiving:
                    raise
                self._out.say(str(error), "yellow")
                continue
            self._take(report)
            idle = idle and not (report.driven or report.settled_already or report.runs)
        if reconciles:
            self._tell_unreconciled(unreconciled)
        self._tell_unregistered()
        return idle

    def finish(self) -> None:
        """The result."""
        names = ("passes", *_COUNTS, *_DONE, "handled", "filed", "ended")
        document: dict[str, Any] = {name: self._counts[name] for name in names}
        document["reviews"] = {what: [*ids] for what, ids in self._reviews.items()}
        document |= {"failed": self.failed, "unreconciled": self.unreconciled}
        document |= {"unregistered": self.unregistered}
        if self._out.as_json:
            self._out.document(document)
        else:
            done = [(self._counts[what], _word(what)) for what in _TOLD]
            done += [(self._counts[what], what) for what in ("handled", "filed", "ended")]
            done += [(self._counts["runs"], "resumed or stopped by a supervisor")]
            done += [(len(self.failed), "failed")]
            told = ", ".join(f"{count} {word}" for count, word in done if count)
            passes = _number(self._counts["passes"], "pass", "passes")
            self._out.say(f"{told or 'Nothing was to be done'}, {passes}.")

    def _is_time(self) -> bool:
        """Whether the threads of watched graphs are to be looked through now."""
        now = time.monotonic()
        due = self._looked is None or now - self._looked >= self._every
        if due and self._every:
            self._looked = now
        return due and self._every > 0

    def _seen(self, report: ReconcileReport) -> dict[str, str]:
        """Count what was found; what could not be looked at, and why."""
        for name in ("filed", "ended"):
            self._counts[name] += getattr(report, name)
            if getattr(report, name):
                self._out.say(f"{getattr(report, name)} {name}, found in the threads")
        return report.failed | report.unclear

    def _tell_unreconciled(self, found: dict[str, str]) -> None:
        """Each reason once, as long as it lasts."""
        for name, reason in found.items():
            if self.unreconciled.get(name) != reason:
                self._out.say(f"{name}: {reason}", "yellow")
        self.unreconciled = found

    def _take(self, report: WorkReport) -> None:
        for name in (*_COUNTS, "handled"):
            self._counts[name] += getattr(report, name)
        for what in _TOLD:
            ids = report.reviews.get(what, [])
            if ids:
                self._counts[what] += len(ids)
                self._reviews.setdefault(what, deque(maxlen=_KEPT)).extend(ids)
                self._out.say(f"{len(ids)} {_word(what)}: {_listed(ids)}")
        for review_id, reason in report.failed.items():
            self._out.say(f"{review_id}: {reason}", "red")
        self.failed |= report.failed
        others = {
            graph: count
            for graph, count in report.unregistered.items()
            if graph not in self._desk.graphs
        }
        self.unregistered |= others

    def _tell_unregistered(self) -> None:
        for graph, count in self.unregistered.items():
            if graph not in self._told:
                self._told.add(graph)
                waiting = _number(count, "review waits", "reviews wait")
                self._out.say(
                    f"{waiting} for the graph {graph!r}, which was not given here; it takes a "
                    "worker that has it, by this name",
                    "yellow",
                )


def _word(what: Done) -> str:
    return what.replace("_", " ")


def _listed(ids: Sequence[str]) -> str:
    """Each id once, and not too many of them."""
    several = list(dict.fromkeys(ids))
    return ", ".join([*several[:_NAMED], *(["..."] if len(several) > _NAMED else [])])


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _say_stopping() -> None:
    """Straight to the terminal, because a stream cannot be written to within a signal handler."""
    try:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, _STOPPING)
    except (OSError, ValueError):
        return
