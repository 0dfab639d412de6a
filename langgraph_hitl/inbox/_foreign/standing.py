"""`Standing`: what a thread waits for, as its saver tells."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot

from langgraph_hitl._subgraph._pregel import (
    Waiting,
    has_begun,
    next_interrupt_id,
    waiting_in,
)
from langgraph_hitl.inbox._foreign.answer import answer_of
from langgraph_hitl.inbox._foreign.filing import KEY, Asking, Place
from langgraph_hitl.inbox._foreign.remote import STOP, asked_on, has_gone_on, was_passed, was_sent
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._foreign.shapes.breakpoint import BREAKPOINT
from langgraph_hitl.inbox._foreign.shapes.known import shape_of
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING, Interrupted
from langgraph_hitl.inbox._run.lease import saved, thread_config
from langgraph_hitl.inbox._run.progress import descends
from langgraph_hitl.inbox._run.run import GRAPH, Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox.review import Review, gate_of, interrupt_of
from langgraph_hitl.review.digest import NotJson, plain_json

_EVERY_NODE = "*"
_SEEN = "__interrupt__"


class Standing(NamedTuple):
    """The newest root checkpoint of a thread, and every question at which it is paused."""

    found: Any
    asking: tuple[Asking, ...] = ()

    def of(self, interrupt_id: str) -> Asking | None:
        """The question of this interrupt."""
        return next((one for one in self.asking if one.place.interrupt_id == interrupt_id), None)


def standing_of(app: Any, run: Run) -> Steps[Standing]:
    """Where the thread of a run stands; to be asked while the lock is held."""
    if is_remote(app):
        state, questions = yield from asked_on(app, run)
        return Standing(state, tuple(questions))
    found = yield from saved(app, run)
    if found is None:
        return Standing(None)
    checkpoint = found.checkpoint["id"]
    waiting = waiting_in(found.pending_writes or ())
    if any(one.failed for one in waiting):
        waiting = yield from _without_answered(app, run, waiting)
    asking = [_asking(run, checkpoint, one) for one in waiting]
    if not asking and not has_begun(found.pending_writes or ()):
        nodes = yield from _stopped_before(app, run, found)
        if nodes:
            asking = [_stop(run, checkpoint, nodes)]
    return Standing(found, tuple(asking))


def went_on(app: Any, run: Run, standing: Standing, review: Review) -> Steps[bool]:
    """Whether the graph has gone on from a question by itself, and nobody has changed its course.

    Otherwise new input, a changed state, a fork or the deletion of the thread has ended it.
    """
    if is_remote(app):
        gone_on = yield from has_gone_on(app, run, standing.found, review)
        return gone_on and (yield from _by_its_answer(app, run, review))
    if not (yield from descends(app, standing.found, review)):
        return False
    return review.status == "pending" or (yield from by_the_inbox(app, run, standing.found, review))


def by_the_inbox(app: Any, run: Run, found: Any, review: Review) -> Steps[bool]:
    """Whether a run of the registered graph went on from a decided question: others leave no name.

    True where it cannot be told, because no step has followed yet.
    """
    stops = is_stop(interrupt_of(review))
    if stops and (yield Call(partial(_decided, run, review))) is NOTHING:
        return False
    saver = app.checkpointer
    while found is not None and found.checkpoint["id"] != review.root_checkpoint:
        later, parent = found, found.parent_config
        if parent is None:
            return False
        found = yield Graph(partial(saver.get_tuple, parent), partial(saver.aget_tuple, parent))
        if found is not None and found.checkpoint["id"] == review.root_checkpoint:
            return bool((later.metadata or {}).get(GRAPH) == run.graph)
    return found is not None


def _by_its_answer(app: Any, run: Run, review: Review) -> Steps[bool]:
    """Whether a server was given what was decided: others may answer there, too."""
    interrupt_id = interrupt_of(review)
    if review.status == "pending":
        return True
    answer = yield Call(partial(_decided, run, review))
    if answer is NOTHING:
        return False
    if is_stop(interrupt_id):
        return (yield from was_passed(app, run, interrupt_id))
    return (yield from was_sent(app, run, interrupt_id, answer))


def _decided(run: Run, review: Review) -> Any:
    """The answer to the whole question of a review that was decided; `NOTHING` without one."""
    with run.desk.ledger.looking() as rx:
        one = rx.get(review.id)
        ids = [] if one is None else (one.question or {}).get(KEY, {}).get("family", [])
        family = [rx.get(each) for each in ids]
        found = [each for each in family if each is not None and each.question is not None]
        settlements = [rx.settlement(each.id, each.round) for each in found]
    if not found or None in settlements:
        return NOTHING
    return answer_of(found, [each for each in settlements if each is not None])


def is_stop(interrupt_id: str) -> bool:
    """Whether a static breakpoint asks, and no interrupt."""
    return interrupt_id.startswith(STOP)


def asking_at(run: Run, found: Any) -> list[Asking]:
    """Every question that a checkpoint has on record, answered or not."""
    waiting = waiting_in(found.pending_writes or (), finished=True)
    return [_asking(run, found.checkpoint["id"], one) for one in waiting]


def _asking(run: Run, checkpoint: str, waiting: Waiting) -> Asking:
    asked = waiting.interrupt
    schema = _plain(asked.response_schema)
    shaped = shape_of(Interrupted(asked.id, asked.value, schema))
    place = Place(run.graph, run.thread_id, asked.id, checkpoint)
    return Asking(place, shaped.shape.name, shaped.items, schema)


def _plain(schema: Any) -> dict[str, Any] | None:
    """The schema published with a question, which LangGraph shows and does not read."""
    try:
        plain = plain_json(schema)
    except (NotJson, RecursionError):
        return None
    return plain if isinstance(plain, dict) else None


def _stop(run: Run, checkpoint: str, nodes: list[str]) -> Asking:
    place = Place(run.graph, run.thread_id, f"{STOP}{checkpoint}", checkpoint)
    return Asking(place, BREAKPOINT.name, (BREAKPOINT.stop(nodes),), None)


def _without_answered(app: Any, run: Run, waiting: list[Waiting]) -> Steps[list[Waiting]]:
    """Without the questions of tasks that have taken the answer and failed then.

    A task keeps its question beside its error, and so does every task around it. The question waits
    only where the innermost task has not taken an answer to it.
    """
    config = thread_config(run)
    state = yield Graph(
        partial(app.get_state, config, subgraphs=True),
        partial(app.aget_state, config, subgraphs=True),
    )
    open_still = set()
    for snapshot, task in _innermost(state):
        place: RunnableConfig = snapshot.config
        saver = app.checkpointer
        found = yield Graph(partial(saver.get_tuple, place), partial(saver.aget_tuple, place))
        writes = (found.pending_writes or ()) if found is not None else ()
        namespace = str(place["configurable"].get("checkpoint_ns", ""))
        open_still.add(next_interrupt_id(writes, namespace=namespace, name=task.name, task=task.id))
    return [one for one in waiting if not one.failed or one.interrupt.id in open_still]


def _innermost(state: StateSnapshot) -> Iterator[tuple[StateSnapshot, Any]]:
    """The tasks that have put a question, each with the state of its own graph."""
    for task in state.tasks:
        if task.result is not None:
            continue
        if isinstance(task.state, StateSnapshot):
            yield from _innermost(task.state)
        elif task.interrupts:
            yield state, task


def _stopped_before(app: Any, run: Run, found: Any) -> Steps[list[str]]:
    """The nodes before which a thread stands at a static breakpoint.

    One that was given with a run is known to that run, and to the ledger afterwards.
    """
    known = run.stops or (yield Call(partial(_is_filed, run, found.checkpoint["id"])))
    if not known and not (app.interrupt_before_nodes or app.interrupt_after_nodes):
        return []
    config = thread_config(run)
    state = yield Graph(partial(app.get_state, config), partial(app.aget_state, config))
    nodes = [task.name for task in state.tasks]
    if not nodes or known:
        return nodes
    checkpoint = found.checkpoint
    seen = checkpoint["versions_seen"].get(_SEEN, {})
    if all(seen.get(key) == version for key, version in checkpoint["channel_versions"].items()):
        return []  # somebody has let it go on
    if _names(app.interrupt_before_nodes, nodes):
        return nodes
    ran = yield from _just_ran(app, found)
    return nodes if _names(app.interrupt_after_nodes, ran) else []


def _is_filed(run: Run, checkpoint: str) -> bool:
    """Whether somebody is asked already whether the thread may go on from a checkpoint."""
    with run.desk.ledger.looking() as rx:
        found = rx.open_on(run.thread_id, run.graph, content=False)
    return any(review.gate == gate_of(f"{STOP}{checkpoint}") for review in found)


def _just_ran(app: Any, found: Any) -> Steps[list[str]]:
    """The nodes of the superstep that led to a checkpoint."""
    parent = found.parent_config
    if parent is None:
        return []
    saver = app.checkpointer
    before = yield Graph(partial(saver.get_tuple, parent), partial(saver.aget_tuple, parent))
    if before is None:
        return []
    earlier = before.checkpoint["versions_seen"]
    now = found.checkpoint["versions_seen"]
    return [name for name, seen in now.items() if name != _SEEN and earlier.get(name) != seen]


def _names(stops: Any, nodes: list[str]) -> bool:
    return bool(nodes) if stops == _EVERY_NODE else bool(set(stops) & set(nodes))
