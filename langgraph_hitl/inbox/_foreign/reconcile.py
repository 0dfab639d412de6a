"""`reconcile`: afterwards the inbox has what the threads of the watched graphs wait for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from langgraph_hitl.errors import HitlError
from langgraph_hitl.inbox._doctor.newest import Newest
from langgraph_hitl.inbox._foreign.server import Server, is_remote
from langgraph_hitl.inbox._foreign.survey import survey
from langgraph_hitl.inbox._foreign.threads import athreads_of, threads_of
from langgraph_hitl.inbox._foreign.watch import Watch
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.cause import ServerBusy, ServerSilent, tell
from langgraph_hitl.inbox._run.drive import look_again
from langgraph_hitl.inbox._run.lease import end, saved, try_lock
from langgraph_hitl.inbox._run.run import GRAPH, Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox.review import Review, is_foreign

_log = logging.getLogger(__name__)

_PAGE = 1_000


@dataclass(kw_only=True)
class ReconcileReport:
    """What `reconcile` did.

    `threads` were looked at; `filed` reviews are new; `ended` ones are over, as nobody asks them
    any more; `busy` threads belong to a run that lives, which files itself what it leaves.
    `unclear` maps threads to the reason why it cannot be told whose they are, and `failed` threads
    or graphs to what went wrong with them.
    """

    threads: int = 0
    filed: int = 0
    ended: int = 0
    busy: int = 0
    unclear: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def reconcile(office: Office, stop: Callable[[], bool]) -> Steps[ReconcileReport]:
    """Look at every thread that is paused, and at every one of which the inbox thinks so."""
    report = ReconcileReport()
    listed: dict[tuple[int, bool], list[str]] = {}
    for graph in office.registry.names:
        watch = office.registry.watch_of(graph)
        if watch is None:
            continue
        app = office.registry.named(graph)
        known: set[str] = yield Call(partial(_threads_asked, office, graph))
        try:
            paused = yield from _paused(app, listed)
        except Exception as error:
            tell(_log, error, "the threads of the graph %s cannot be listed", graph)
            report.failed[graph] = _reason(error)
            if is_remote(app):  # what was not listed cannot be read either
                continue
            paused = []
        others: set[str] = yield Call(partial(_threads_of_others, office, graph, app))
        paused = [thread for thread in paused if thread in known or thread not in others]
        for thread in dict.fromkeys([*sorted(known), *paused]):
            if stop():
                return report
            try:
                yield from _one(office, app, watch, graph, thread, thread in known, report)
            except ServerSilent as error:  # it would keep every other thread waiting, too
                report.failed[graph] = _reason(error)
                break
    return report


def _paused(app: Any, listed: dict[tuple[int, bool], list[str]]) -> Steps[list[str]]:
    """The paused threads of a graph's saver; where it has static breakpoints, all threads.

    On a server that is all threads which it calls interrupted, and those that it calls failed: a
    refused answer leaves them so, though they can still be answered.
    """
    if is_remote(app):
        return (yield from _paused_there(Server(app)))
    saver = app.checkpointer
    every = bool(app.interrupt_before_nodes or app.interrupt_after_nodes)
    if (id(saver), every) not in listed:
        listed[id(saver), every] = yield Graph(
            partial(threads_of, saver, every=every), partial(athreads_of, saver, every=every)
        )
    return listed[id(saver), every]


def _paused_there(server: Server) -> Steps[list[str]]:
    found: list[str] = []
    for status in ("interrupted", "error"):
        offset = 0
        while page := (yield from server.threads(status, offset)):
            found += page
            offset += len(page)
    return found


def _one(
    office: Office,
    app: Any,
    watch: Watch,
    graph: str,
    thread: str,
    is_known: bool,
    report: ReconcileReport,
) -> Steps[None]:
    held = yield from try_lock(office, thread)
    if held is None:
        report.busy += 1
        return
    run = Run(desk=office, graph=graph, thread_id=thread, lock=held)
    error: BaseException | None = None
    try:
        if not is_known and not is_remote(app):
            found = yield from saved(app, run)
            if not _is_of(office, graph, found, thread, report):
                return
        report.threads += 1
        seen = yield from survey(office, app, run, watch)
        report.filed += seen.filed
        report.ended += seen.ended
    except ServerBusy as raised:
        error = raised
        report.threads -= 1
        report.busy += 1
    except ServerSilent as raised:
        error = raised
        report.threads -= 1
        raise
    except Exception as raised:
        error = raised
        tell(_log, raised, "the thread %s cannot be reconciled", thread)
        report.failed[thread] = _reason(raised)
    finally:
        if error is None:
            yield from end(office, run, app, None)
        else:
            held.release()
    yield from look_again(office, run)  # what was decided while the lock was held


def _is_of(office: Office, graph: str, found: Any, thread: str, report: ReconcileReport) -> bool:
    """Whether a thread is one of this graph, and of no other that is registered."""
    owners = _owners(office, found)
    if len(owners) > 1 and graph in owners:
        report.unclear[thread] = (
            f"it may be of any of the graphs {', '.join(map(repr, owners))}, and no run of a "
            "registered graph has written it; run it once more by the registered graph"
        )
    return owners == [graph]


def _owners(office: Office, found: Any) -> list[str]:
    if found is None:
        return []
    registry = office.registry
    written_by = (found.metadata or {}).get(GRAPH)
    place = found.config["configurable"]
    channels = frozenset(found.checkpoint["channel_versions"])
    newest = Newest(place["checkpoint_id"], None, channels)
    local = [name for name in registry.names if hasattr(registry.named(name), "channels")]
    fitting = [name for name in local if newest.may_be_of(name, registry.named(name))]
    return [written_by] if written_by in fitting else fitting


def _threads_of_others(office: Office, graph: str, app: Any) -> set[str]:
    """The threads of the same saver of which the inbox knows that another graph asks there."""
    registry = office.registry
    if is_remote(app):
        return set()
    return {
        thread
        for other in registry.names
        if other != graph and registry.watch_of(other) is not None
        if getattr(registry.named(other), "checkpointer", None) is app.checkpointer
        for thread in _threads_asked(office, other)
    }


def _threads_asked(office: Office, graph: str) -> set[str]:
    """The threads that the inbox has foreign questions of."""
    threads: set[str] = set()
    for page in _pages(office, graph):
        threads.update(review.thread_id for review in page if is_foreign(review))
    return threads


def _pages(office: Office, graph: str) -> Iterable[list[Review]]:
    from langgraph_hitl.inbox._ledger.query import cursor

    after: str | None = None
    while True:
        with office.ledger.looking() as rx:
            page = rx.pending(graph=graph, order="oldest", limit=_PAGE, after=after, content=False)
        if not page:
            return
        yield page
        after = cursor(page[-1], "oldest")


def _reason(error: Exception) -> str:
    if isinstance(error, HitlError):
        return str(error)
    return f"{type(error).__name__}: {error}".partition("\n")[0][:500]
