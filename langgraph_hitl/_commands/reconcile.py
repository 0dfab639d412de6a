"""`langgraph-hitl reconcile`: what the threads of watched graphs wait for, into the inbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from langgraph_hitl._commands.faces import faces
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import write_facts

if TYPE_CHECKING:
    from langgraph_hitl._commands.opened import Opened
    from langgraph_hitl.inbox import Inbox, ReconcileReport

_COUNTS = ("threads", "filed", "ended", "busy")


def reconcile(out: Output, *, where: Where) -> Status:
    """File what threads of watched graphs wait for.

    Where no run could file it: its process was killed, or ran the graph without the inbox, or on a
    server. What nobody asks any more is ended. Nothing is decided. langgraph-hitl work does the
    same, now and then. Exit status 1 where a thread or a graph could not be looked at, or it cannot
    be told whose a thread is.

    --json: {"threads" (looked at), "filed", "ended" (reviews), "busy" (threads that a run holds),
    "unclear": {thread: reason}, "failed": {thread or graph: reason}}.
    """
    with opened(settings_of(where), need="always", say=out.say) as desk:
        _check_watched(desk)
        found = _found(desk)
    left = found.unclear | found.failed
    if out.as_json:
        out.document(asdict(found))
    else:
        write_facts(out.results, [(name, getattr(found, name)) for name in _COUNTS])
        for name, reason in left.items():
            out.say(f"{name}: {reason}", "yellow")
    return Status.FAILED if left else Status.DONE


def reconciled(
    desk: Opened, inbox: Inbox, asynchronous: bool, stop: Callable[[], bool]
) -> ReconcileReport:
    """`Inbox.reconcile`, by the face that fits."""
    if asynchronous:
        return desk.loop.run(inbox.areconcile(stop=stop))
    return inbox.reconcile(stop=stop)


def _found(desk: Opened) -> ReconcileReport:
    """What all of the inboxes found, which are objects of one database."""
    from langgraph_hitl.inbox import ReconcileReport

    found = ReconcileReport()
    for inbox, asynchronous in faces(list(desk.graphs.values())):
        report = reconciled(desk, inbox, asynchronous, lambda: False)
        for name in _COUNTS:
            setattr(found, name, getattr(found, name) + getattr(report, name))
        found.unclear |= report.unclear
        found.failed |= report.failed
    return found


def _check_watched(desk: Opened) -> None:
    """Raises `Refusal` where no thread would be looked at."""
    if not any(each.is_watched for each in desk.graphs.values()):
        raise Refusal(
            f"None of the graphs is watched ({', '.join(map(repr, desk.graphs))}). Gates file what "
            "they ask by themselves; inbox.watch(graph) in the module of a graph files the rest"
        )
