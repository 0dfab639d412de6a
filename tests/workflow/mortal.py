"""A case of the workflow in a process that dies at one of its writes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Respond,
    Revise,
    ask_human,
    hitl_router,
    human_approval,
)
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.review import Decision
from langgraph_hitl.triggers import flagged
from tests.workflow.test_hitl_workflow import DRAWN, workflow

THREAD: Any = {"configurable": {"thread_id": "t-1"}}
CASES = {"complex": DRAWN | {"complexity": 0.9}, "drawn": DRAWN}


def decided(review: Review) -> Decision:
    """What people say, by what they are asked."""
    match review.kind:
        case "ask_human":
            return Respond("No.")
        case "qa_sample" if review.request["subject"] == "Yes.":
            return Revise("why")
        case "human_approval" if review.request["subject"] == "No.":
            return Edit("No!")
        case _:
            return Approve()


def go_on(place: Path, given: dict[str, Any], die_at: int) -> list[str] | None:
    """Begin, or go on, to the end; what the nodes did. The process dies before a write."""
    with (
        Inbox.open(f"sqlite:///{place / 'inbox.db'}") as inbox,
        SqliteSaver.from_conn_string(str(place / "threads.sqlite")) as saver,
    ):
        count = iter(range(1, 10_000))
        for name in ("put", "put_writes"):
            setattr(saver, name, _mortal(getattr(saver, name), count, die_at))
        desk = hitl_router(
            {
                "question": ask_human("What is it?", into="answer", inbox=inbox),
                "approval": human_approval("case", inbox=inbox),
            },
            rules=[(flagged("flag"), "question")],
            default="approval",
        )
        builder = workflow(inbox=inbox, expert=desk)
        app = inbox.register(builder.compile(checkpointer=saver), name="workflow")
        if app.get_state(THREAD).created_at is None:
            app.invoke(given, THREAD)
        inbox.work()
        if not inbox.pending():  # it died before it asked: that is for who has started it
            app.invoke(None, THREAD)
        while waiting := inbox.pending():
            inbox.decide(waiting[0], decided(waiting[0]), by="ada")
        state = app.get_state(THREAD)
        assert not state.next, state.next
        assert inbox.verify()
        outcomes = [record["outcome"] for record in state.values["reviews"]]
        return [*state.values["ran"], *outcomes]


def _mortal(method: Callable[..., Any], count: Any, die_at: int) -> Callable[..., Any]:
    def write(*args: Any, **kwargs: Any) -> Any:
        if next(count) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*args, **kwargs)

    return write


def serve(place: Path, case: str, die_at: int, connection: Any) -> None:
    connection.send(go_on(place, CASES[case], die_at))
    connection.close()


def in_a_process(place: Path, case: str, die_at: int = 0) -> list[str] | None:
    """`go_on` in a process of its own; None if it was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.workflow.mortal"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(place, case, die_at, sender))
    process.start()
    sender.close()
    try:
        done: list[str] | None = receiver.recv()
    except EOFError:
        done = None
    finally:
        receiver.close()
        process.join()
    assert process.exitcode == (0 if done is not None else -signal.SIGKILL), process.exitcode
    return done
