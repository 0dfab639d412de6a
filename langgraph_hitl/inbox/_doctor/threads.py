"""Threads of the registered graphs: stuck ones, failed ones, and questions that nobody filed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig

from langgraph_hitl.errors import Drifted
from langgraph_hitl.inbox._doctor.examination import LONG, Examination
from langgraph_hitl.inbox._doctor.finding import Finding, Kind
from langgraph_hitl.inbox._doctor.locked import locked
from langgraph_hitl.inbox._doctor.newest import Threads, athreads_of, threads_of
from langgraph_hitl.inbox._foreign.handing import waits_at_stop
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.held import held_on
from langgraph_hitl.inbox._run.drive import ASK_ANEW
from langgraph_hitl.inbox._run.progress import goes_on
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox._run.tasks import without_handled
from langgraph_hitl.inbox.review import Review

_MEND = "Mend what the error names, then app.invoke(None, config) runs the node again."
_DRIFTED = (
    "To have what it has become reviewed, give the thread its input again with that value: "
    "app.invoke({key: value}, config). To go on with what was approved, which the record in "
    'state["reviews"] has: app.update_state(config, {key: value}), then app.invoke(None, config). '
    "Then let nothing between the gate and this node change it."
)
_START = ("__start__",)
_EVERY_NODE = "*"


class Trouble(NamedTuple):
    """What is wrong with a thread; `can_go_on` without anybody's decision or a node again."""

    kind: Kind
    sentence: str
    cure: str
    review_id: str | None = None
    can_go_on: bool = False


def check_threads(examined: Examination) -> Steps[None]:
    """Every thread that belongs to a registered graph, as far as its saver can be read."""
    registry = examined.office.registry
    by_saver: dict[int, Threads] = {}
    seen: set[tuple[int, str]] = set()
    for graph in registry.names:
        app = registry.named(graph)
        if is_remote(app):  # its server looks after its threads
            continue
        saver = app.checkpointer
        if id(saver) not in by_saver:
            by_saver[id(saver)] = yield from _threads(examined, graph, saver)
        for thread, newest in by_saver[id(saver)].newest.items():
            if newest.may_be_of(graph, app) and (id(saver), thread) not in seen:
                seen.add((id(saver), thread))
                yield from _examine(examined, graph, app, thread)


def _threads(examined: Examination, graph: str, saver: Any) -> Steps[Threads]:
    try:
        found: Threads = yield Graph(partial(threads_of, saver), partial(athreads_of, saver))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        examined.add(
            Finding(
                kind="not examined",
                sentence=f"The threads of the graph {graph!r} cannot be listed: {reason}",
                cure="With an asynchronous saver, await inbox.adoctor(); with a synchronous one, "
                "call inbox.doctor().",
                graph=graph,
            )
        )
        return Threads({}, complete=True)
    if not found.complete:
        examined.add(
            Finding(
                kind="not examined",
                sentence=f"The saver of the graph {graph!r} has more checkpoints than are looked "
                f"through; the {len(found.newest)} threads with the newest ones were examined.",
                cure="Delete the threads that nobody needs.",
                graph=graph,
            )
        )
    return found


def _examine(examined: Examination, graph: str, app: Any, thread: str) -> Steps[None]:
    office = examined.office
    if (yield from _troubles(office, graph, app, thread)) == []:
        return
    look = partial(_look, examined, graph, app, thread)
    found = yield from locked(office, graph, thread, look)
    if found == "busy":
        yield from _busy(examined, graph, app, thread)
        return
    for finding in found:
        examined.add(finding)


def _look(
    examined: Examination, graph: str, app: Any, thread: str, run: Run
) -> Steps[list[Finding]]:
    """Once more, now that nobody runs the thread; and what goes on without a decision, does."""
    troubles = yield from _troubles(examined.office, graph, app, thread)
    error: str | None = None
    if examined.repair and any(trouble.can_go_on for trouble in troubles):
        error = yield from _go_on(app, run)
    return [
        Finding(
            kind=trouble.kind,
            sentence=trouble.sentence + (f" The repair failed: {error}" if error else ""),
            cure=trouble.cure,
            review_id=trouble.review_id,
            thread=thread,
            graph=graph,
            repaired=examined.repair and trouble.can_go_on and error is None,
        )
        for trouble in troubles
    ]


def _go_on(app: Any, run: Run) -> Steps[str | None]:
    """What `work()` does with a thread that somebody waits for."""
    config = run.within(config_of(run.thread_id))
    try:
        yield Graph(partial(app.invoke, None, config), partial(app.ainvoke, None, config))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _troubles(office: Office, graph: str, app: Any, thread: str) -> Steps[list[Trouble]]:
    config = config_of(thread)
    try:
        state = yield Graph(
            partial(app.get_state, config, subgraphs=True),
            partial(app.aget_state, config, subgraphs=True),
        )
    except Exception as error:
        return [_unreadable(error)]
    if not state.tasks:
        return []
    state = state._replace(tasks=(yield from without_handled(app, state)))
    unfiled: list[Trouble] = yield Call(partial(_unfiled, office, graph, state))
    on_thread: list[Review] = yield Call(partial(_open_on, office, graph, thread))
    if any(review.wake for review in on_thread):
        return unfiled  # that review tells of it
    waiting = {review.id for review in on_thread}
    failed = [task for task in state.tasks if _has_failed(task) and not _asks(task, waiting)]
    if failed:
        return [*unfiled, *map(_failed, failed)]
    stands = _at_breakpoint(app, state) or any(map(waits_at_stop, on_thread))
    if not goes_on(state.tasks) or stands:
        return unfiled
    if (yield Call(partial(held_on, office, graph, thread))) is not None:
        return unfiled  # a supervisor wants it so
    return [*unfiled, _cut_off(state)]


def _unfiled(office: Office, graph: str, state: Any) -> list[Trouble]:
    """The questions of ours that the inbox does not have, or holds to be over."""
    found = []
    with office.ledger.reading() as rx:
        for value, failed in _questions(office, graph, state):
            review = rx.get(value["review_id"])
            if review is None:
                found.append(_unknown(value))
            elif review.status == "pending" or review.wake or review.mode != "blocking":
                continue
            elif not failed:  # which is told by itself
                found.append(_over(value, review.status))
    return found


def _questions(office: Office, graph: str, state: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """What gates that file with the inbox ask, and whether their node has failed since."""
    without = {
        (spec.kind, spec.rules.action)
        for spec in office.registry.specs_of(graph)
        if spec.desk is None
    }
    for task in state.tasks:
        for value in (asked.value for asked in task.interrupts):
            is_ours = isinstance(value, dict) and isinstance(value.get("review_id"), str)
            if is_ours and (value.get("kind"), value.get("action")) not in without:
                yield value, _has_failed(task)


def _unknown(value: dict[str, Any]) -> Trouble:
    return Trouble(
        "unfiled question",
        "The thread waits for a review that the inbox does not have: nobody can decide it.",
        "If the inbox was restored from an older backup, restore a newer one; else give the thread "
        "its input again, which asks anew.",
        review_id=value["review_id"],
    )


def _over(value: dict[str, Any], status: str) -> Trouble:
    return Trouble(
        "unfiled question",
        f"The thread waits for a review that is {status} in the inbox: nobody can decide it.",
        "app.invoke(None, config) lets the gate look once more; if it asks again, give the thread "
        "its input again.",
        review_id=value["review_id"],
    )


def _failed(task: Any) -> Trouble:
    cure = ASK_ANEW if task.interrupts else _MEND
    return Trouble(
        "failed run",
        f"The node {task.name!r} raised: {str(task.error)[:500]}",
        _DRIFTED if _has_drifted(task.error) else cure,
    )


def _has_drifted(error: Any) -> bool:
    """Savers keep the representation of an error."""
    return isinstance(error, Drifted) or str(error).startswith(f"{Drifted.__name__}(")


def _unreadable(error: Exception) -> Trouble:
    reason = f"{type(error).__name__}: {error}".partition("\n")[0]
    return Trouble(
        "stuck thread",
        f"LangGraph cannot tell where the thread stands: {reason[:500]}",
        "Two nodes of one superstep may have written one key, or the graph has changed. Give the "
        "thread its input again, or fork it from an earlier checkpoint (app.update_state).",
    )


def _cut_off(state: Any) -> Trouble:
    names = ", ".join(repr(task.name) for task in state.tasks)
    if state.next or tuple(task.name for task in state.tasks) == _START:
        return Trouble(
            "unfinished run",
            f"A run was cut off before {names}, and nobody waits for it in the inbox. Its starter "
            "died, or it stands at a breakpoint.",
            "app.invoke(None, config) goes on with it; or give the thread its input again.",
        )
    return Trouble(
        "stuck thread",
        f"Everything that {names} had to do is done, and the step was not taken.",
        "A repair, or app.invoke(None, config), goes on.",
        can_go_on=True,
    )


def _at_breakpoint(app: Any, state: Any) -> bool:
    nodes = app.interrupt_before_nodes
    return nodes == _EVERY_NODE or bool(set(nodes) & set(state.next))


def _open_on(office: Office, graph: str, thread: str) -> list[Review]:
    with office.ledger.reading() as rx:
        return rx.open_on(thread, graph, content=False)


def _has_failed(task: Any) -> bool:
    """A task that has finished keeps the error of a bad answer before."""
    return task.error is not None and task.result is None


def _asks(task: Any, waiting: set[str]) -> bool:
    """Whether a task that failed can still be answered: the answer failed, for it was a bad one."""
    values = [asked.value for asked in task.interrupts]
    return any(isinstance(value, dict) and value.get("review_id") in waiting for value in values)


def _busy(examined: Examination, graph: str, app: Any, thread: str) -> Steps[None]:
    config = config_of(thread)
    state = yield Graph(partial(app.get_state, config), partial(app.aget_state, config))
    since = datetime.fromisoformat(state.created_at)
    if examined.office.clock() - since > LONG:
        examined.add(
            Finding(
                kind="lock held for long",
                sentence=f"A run has held the thread since {since:%Y-%m-%d %H:%M} UTC or longer.",
                cure="It may be at work. If its process was stopped or hangs, let it go on, or end "
                "it: the lock is free as soon as it ends.",
                thread=thread,
                graph=graph,
            )
        )


def config_of(thread: str) -> RunnableConfig:
    """The root of a thread."""
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
