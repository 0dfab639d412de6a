"""What a thread on a server waits for, and what became of a question there."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.answer import check_schema
from langgraph_hitl.inbox._foreign.filing import Asking, Place
from langgraph_hitl.inbox._foreign.replies import Reply
from langgraph_hitl.inbox._foreign.server import PASSES, Server
from langgraph_hitl.inbox._foreign.shapes.breakpoint import BREAKPOINT
from langgraph_hitl.inbox._foreign.shapes.known import shape_of
from langgraph_hitl.inbox._foreign.shapes.shape import Interrupted
from langgraph_hitl.inbox._run.cause import ServerBusy
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Steps
from langgraph_hitl.inbox.review import Review

STOP = "at:"
"""How the id of a question begins that no interrupt asks: a static breakpoint."""

_OF_A_RUN = "loop"
_INVALID = "ValidationError: "
"""How the error of a run begins whose question refused the answer, by pydantic."""


def asked_on(app: Any, run: Run) -> Steps[tuple[Any, list[Asking]]]:
    """The state of a thread on a server, and the questions at which it is paused.

    Raises `ServerBusy` while a run of the thread is under way, as nothing can be told then.
    """
    server = Server(app)
    thread = yield from server.thread(run.thread_id)
    if thread is None:
        return None, []
    if thread["status"] == "busy":
        raise ServerBusy(f"a run of the thread {run.thread_id!r} is under way on its server")
    state = yield from server.state(run.thread_id)
    # Its last run came to its questions, so that none has failed; LangGraph keeps older errors.
    paused = thread["status"] == "interrupted"
    asking = yield from _interrupts(server, run, state, paused)
    has_failed = any(task.get("error") for task in state["tasks"])
    stopped = paused and state["next"] and not has_failed
    if stopped and not any(task["interrupts"] for task in state["tasks"]):
        asking = [_stop(run, state)]
    return state, asking


def cure_of(error: str) -> str:
    """What helps after a run that failed on its server.

    A server does not tell whether the graph has refused an answer, by a validator that no published
    schema shows, or has taken it and failed then. Only a run without input shows which.
    """
    again = "run the thread on its server once more, without input"
    if error.startswith(_INVALID):
        return (
            f"Perhaps the question itself takes no such answer: {again}; if it asks again, "
            "inbox.reconcile() puts it before people anew. Else mend what the error names first."
        )
    return (
        f"Mend what it names, then {again}, which takes the same answer again. If the answer was "
        "wrong, run it with new input, which asks anew."
    )


def has_gone_on(app: Any, run: Run, state: Any, review: Review) -> Steps[bool]:
    """Whether only steps of the graph lie between the checkpoint that asked and the newest one."""
    if state is None:
        return False
    if checkpoint_of(state) == review.root_checkpoint:
        return True
    history = yield from Server(app).history(run.thread_id)
    by_id = {checkpoint_of(each): each for each in history}
    current: str | None = checkpoint_of(state)
    while current is not None and current in by_id:
        found = by_id[current]
        if current == review.root_checkpoint:
            return True
        if (found.get("metadata") or {}).get("source") != _OF_A_RUN:
            return False
        current = (found.get("parent_checkpoint") or {}).get("checkpoint_id")
    return False


def was_sent(app: Any, run: Run, interrupt_id: str, answer: Any) -> Steps[bool]:
    """Whether a run of a thread was given this answer to a question, and not another's."""
    runs = yield from Server(app).runs(run.thread_id)
    sent = map(_resumed_with, runs)
    return any(isinstance(one, dict) and one.get(interrupt_id) == answer for one in sent)


def was_passed(app: Any, run: Run, interrupt_id: str) -> Steps[bool]:
    """Whether a run of a thread was one with which the inbox has passed a breakpoint."""
    runs = yield from Server(app).runs(run.thread_id)
    return any((one.get("metadata") or {}).get(PASSES) == interrupt_id for one in runs)


def checkpoint_of(state: dict[str, Any]) -> str:
    """The id of the checkpoint of a state."""
    return str((state.get("checkpoint") or {}).get("checkpoint_id"))


def _interrupts(server: Server, run: Run, state: Reply, paused: bool) -> Steps[list[Asking]]:
    found = []
    for task in state["tasks"]:
        if task.get("result") is not None:
            continue
        for raw in task["interrupts"]:
            asked = Interrupted(raw["id"], raw.get("value"), raw["response_schema"])
            may_wait = paused or not task.get("error")
            if not may_wait and not (yield from _waits_still(server, run, state, asked)):
                continue
            shaped = shape_of(asked)
            place = Place(run.graph, run.thread_id, asked.id, checkpoint_of(state))
            found.append(Asking(place, shaped.shape.name, shaped.items, asked.schema))
    return found


def _waits_still(
    server: Server, run: Run, state: dict[str, Any], asked: Interrupted
) -> Steps[bool]:
    """Whether a task that failed still waits: every answer to it was one that it refused.

    An answer that its schema allows was kept, and would be taken in place of any other one.
    """
    if asked.schema is None:
        return False
    runs = yield from server.runs(run.thread_id)
    since = str(state.get("created_at") or "")
    answers = []
    for each in runs:
        resume = _resumed_with(each)
        if resume is None or str(each.get("created_at")) < since:
            continue
        by_id = isinstance(resume, dict) and all(len(key) == 32 for key in resume)
        if not by_id:
            answers.append(resume)
        elif asked.id in resume:
            answers.append(resume[asked.id])
    return bool(answers) and not any(_allows(asked.schema, answer) for answer in answers)


def _resumed_with(run: Reply) -> Any:
    """What a run was given as an answer."""
    kwargs = run.get("kwargs")
    command = kwargs.get("command") if isinstance(kwargs, dict) else None
    return command.get("resume") if isinstance(command, dict) else None


def _allows(schema: dict[str, Any], answer: Any) -> bool:
    try:
        check_schema(schema, answer, "")
    except InvalidDecision:
        return False
    return True


def _stop(run: Run, state: dict[str, Any]) -> Asking:
    checkpoint = checkpoint_of(state)
    place = Place(run.graph, run.thread_id, f"{STOP}{checkpoint}", checkpoint)
    nodes = [str(node) for node in state["next"]]
    return Asking(place, BREAKPOINT.name, (BREAKPOINT.stop(nodes),), None)
