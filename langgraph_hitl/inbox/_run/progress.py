"""`progress`: how far a thread has come with one review, as its saver tells."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from langgraph.types import StateSnapshot

from langgraph_hitl._subgraph._pregel import cancelled, has_plain_answer, interrupts_in, waiting_in
from langgraph_hitl.inbox._run.calls import is_of_a_call, waits_in_a_call
from langgraph_hitl.inbox._run.cause import CUT_OFF
from langgraph_hitl.inbox._run.lease import saved, thread_config
from langgraph_hitl.inbox._run.run import Run, Version
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox._run.tasks import without_handled
from langgraph_hitl.inbox.review import Review, interrupt_of, is_foreign

Progress = Literal["waits", "under way", "past", "gone"]
"""`waits`: the thread is paused at the question. `under way`: a run was cut off, and can go on.
`past`: the thread has gone on, and nothing is left to do. `gone`: the question was killed by new
input, a change of the state, a fork, or the deletion of the thread.

A thread that is paused at a question `waits`, whatever else is open: see `beside`.
"""

_OF_A_RUN = "loop"
_LONGEST_RUN = 10_000
"""Checkpoints that are looked through for the one that asked."""


def progress(app: Any, run: Run, review: Review) -> Steps[Progress]:
    """Where the thread of a run stands; to be asked while the lock is held."""
    found = yield from saved(app, run)
    if found is None:
        return "gone"
    writes = found.pending_writes or ()
    run.plain_answer = has_plain_answer(writes)
    run.found = found
    if any(_asks(one.interrupt, review) for one in waiting_in(writes)):
        return "waits"
    if not (yield from descends(app, found, review)):
        return "gone"
    if (yield from beside(app, run, review)):
        return "under way"
    return "waits" if (yield from waits_in_a_call(app, run, review)) else "past"


def beside(app: Any, run: Run, review: Review) -> Steps[bool]:
    """Whether LangGraph could go on without anybody's answer: a run was cut off.

    Beside a question that waits, it is a parallel branch that has not come to its own.
    """
    config = thread_config(run)
    state = yield Graph(
        partial(app.get_state, config, subgraphs=True),
        partial(app.aget_state, config, subgraphs=True),
    )
    gates = run.desk.registry.gates_of(review.graph) | {review.gate}
    tasks = yield from without_handled(app, state)
    if tasks and goes_on(tasks):
        return True
    broke = _stopped if (review.error or "").startswith(CUT_OFF) else partial(_broke_in, gates)
    if not broke(tasks, frozenset()):
        return False
    asked: frozenset[Version] = yield Call(partial(_asked, run))
    return broke(tasks, asked)


def stands(app: Any, run: Run, review: Review) -> Steps[bool]:
    """Whether the graph is paused at a question and has not taken an answer to it.

    A gate knows that it has before its graph does, which keeps the question until the gate is over.
    """
    config = thread_config(run)
    state = yield Graph(
        partial(app.get_state, config, subgraphs=True),
        partial(app.aget_state, config, subgraphs=True),
    )
    if not _stands_in(state.tasks, review):
        return False
    of_a_call = is_of_a_call(run, review)
    return not of_a_call or (yield from waits_in_a_call(app, run, review))


def _stands_in(tasks: tuple[Any, ...], review: Review) -> bool:
    for task in tasks:
        if task.result is not None:
            continue
        if isinstance(task.state, StateSnapshot):
            if _stands_in(task.state.tasks, review):
                return True
        elif any(_asks(asked, review) for asked in task.interrupts):
            return True
    return False


def questions(app: Any, run: Run) -> Steps[set[Version]]:
    """All questions of ours that the thread of a run is paused at."""
    found = yield from saved(app, run)
    values = interrupts_in(found.pending_writes or ()) if found is not None else []
    return _versions(values)


def _versions(values: list[Any]) -> set[Version]:
    return {
        (value["review_id"], value["round"])
        for value in values
        if isinstance(value, dict) and value.keys() >= {"review_id", "round"}
    }


def _asks(interrupt: Any, review: Review) -> bool:
    """Whether an interrupt asks for a review, by its id or by its value."""
    if is_foreign(review):
        return bool(interrupt.id == interrupt_of(review))
    value = interrupt.value
    return (
        isinstance(value, dict)
        and value.get("review_id") == review.id
        and value.get("round") == review.round
    )


def descends(app: Any, found: Any, review: Review) -> Steps[bool]:
    """Whether only steps of the graph lie between the checkpoint that asked and the newest one."""
    saver = app.checkpointer
    for _ in range(_LONGEST_RUN):
        if found is None:
            return False
        if found.checkpoint["id"] == review.root_checkpoint:
            return True
        if found.metadata.get("source") != _OF_A_RUN or found.parent_config is None:
            return False
        parent = found.parent_config
        found = yield Graph(partial(saver.get_tuple, parent), partial(saver.aget_tuple, parent))
    return False


def goes_on(tasks: tuple[Any, ...]) -> bool:
    """Whether a superstep can go on: all of its tasks have finished, or one has still to run."""
    return all(task.result is not None for task in tasks) or any(map(_runs, tasks))


def _runs(task: Any) -> bool:
    """Whether a task has neither finished nor failed, nor told what it waits for.

    One that was cancelled has not failed: its run was given up.
    A subgraph knows it before its task does: the task keeps the last question that it told.
    """
    if task.result is not None:
        return False
    if task.error is not None:
        return cancelled(task.error)
    if isinstance(task.state, StateSnapshot):
        inner = task.state.tasks
        return goes_on(inner) or _questions(inner) != _questions((task,))
    return not task.interrupts


def _broke_in(
    gates: frozenset[str], tasks: tuple[Any, ...], asked: frozenset[Version], path: str = ""
) -> bool:
    """Whether a node of a gate raised: it has no effects, and what it lacked may be back.

    A reviser is the user's, like any node outside of the gates. A node that has raised and has put
    its question since (`asked`) waits for the answer; LangGraph keeps the error beside it.
    """
    for task in tasks:
        if task.error is None:
            continue
        if isinstance(task.state, StateSnapshot) and task.state.tasks:
            if _broke_in(gates, task.state.tasks, asked, f"{path}|{task.name}".lstrip("|")):
                return True
        elif path in gates and task.name != "revise" and not _waits(task, asked):
            return True
    return False


def _stopped(tasks: tuple[Any, ...], asked: frozenset[Version]) -> bool:
    """Whether a task has an error, of a run that the saver cut off, and has not gone on since."""
    return any(task.error is not None and not _waits(task, asked) for task in tasks)


def _waits(task: Any, asked: frozenset[Version]) -> bool:
    """Whether a task has put a question that is open."""
    put = _versions([question.value for question in task.interrupts])
    return bool(put) and put <= asked


def _asked(run: Run) -> frozenset[Version]:
    """The questions of a thread that people were asked and have not answered."""
    with run.desk.ledger.looking() as rx:
        found: list[Review] = rx.open_on(run.thread_id, run.graph, content=False)
    waiting = (r for r in found if r.status == "pending" and not r.wake)
    return frozenset(run.waiting) | {(review.id, review.round) for review in waiting}


def _questions(tasks: tuple[Any, ...]) -> set[str]:
    """What unfinished tasks wait for."""
    return {asked.id for task in tasks if task.result is None for asked in task.interrupts}
