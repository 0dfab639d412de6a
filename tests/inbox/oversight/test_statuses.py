"""The table of the statuses of a supervised run in the README, line by line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Inbox, supervised
from langgraph_hitl.errors import InboxError, ThreadHeld
from langgraph_hitl.inbox.supervised_run import RunStatus
from tests.inbox.oversight.layers import Shape, build
from tests.inbox.oversight.test_steer import ask_first

README = Path(__file__).parents[3] / "README.md"
ACTS = ("pause", "steer", "resume", "stop", "redact")
CONFIG: Any = {"configurable": {"thread_id": "t"}}
Look = Callable[[Inbox], None]


def rows() -> dict[str, str]:
    """Each status of the table, with what can be done then."""
    text = README.read_text(encoding="utf-8")
    table = text.partition("| `run.status` |")[2].partition("\n\n")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    return {first.strip(" `"): last for first, _, last in cells}


def allowed(status: str) -> set[str]:
    return {act for act in ACTS if f"`{act}`" in rows()[status]}


def ran(inbox: Inbox, note: Any = lambda _: None, **options: Any) -> Any:
    """A graph of two steps that has run, in whose first one something happens."""
    graph = build(Shape(((0,), (0,))), note).compile(checkpointer=InMemorySaver(), **options)
    app = supervised(graph, inbox=inbox, name="line")
    with contextlib.suppress(ThreadHeld, ValueError):
        app.invoke({"ran": []}, CONFIG)
    return app


def once(happens: Look, inbox: Inbox, *more: Look) -> Any:
    """What a node does when it runs for the first time."""
    calls = iter([happens, *more])

    def note(_: str) -> None:
        for call in calls:
            call(inbox)

    return note


def pause(inbox: Inbox) -> None:
    inbox.pause("t", by="maria", reason="odd")


def stop(inbox: Inbox) -> None:
    inbox.stop("t", by="maria", reason="odd")


def fail(inbox: Inbox) -> None:
    raise ValueError("broken")


def running(inbox: Inbox, look: Look) -> None:
    ran(inbox, once(look, inbox))


def pausing(inbox: Inbox, look: Look) -> None:
    ran(inbox, once(pause, inbox, look))


def paused(inbox: Inbox, look: Look) -> None:
    ran(inbox, once(pause, inbox))
    look(inbox)


def waiting(inbox: Inbox, look: Look) -> None:
    ask_first(inbox).invoke({"draft": ""}, CONFIG)
    look(inbox)


def finished(inbox: Inbox, look: Look) -> None:
    ran(inbox)
    look(inbox)


def failed(inbox: Inbox, look: Look) -> None:
    ran(inbox, once(fail, inbox))
    look(inbox)


def left(inbox: Inbox, look: Look) -> None:
    ran(inbox, interrupt_before=["n1_0"])
    look(inbox)


def stopping(inbox: Inbox, look: Look) -> None:
    ran(inbox, once(stop, inbox, look))


def stopped(inbox: Inbox, look: Look) -> None:
    finished(inbox, stop)
    look(inbox)


BRINGS: dict[str, Callable[[Inbox, Look], None]] = {
    "running": running,
    "pausing": pausing,
    "paused": paused,
    "waiting": waiting,
    "finished": finished,
    "failed": failed,
    "left": left,
    "stopping": stopping,
    "stopped": stopped,
}


def can(inbox: Inbox, act: str) -> bool:
    """Whether a supervisor can do it now."""
    run = inbox.run("t")
    how: dict[str, Any] = {"by": "maria", "reason": "because"}
    try:
        if act == "redact":
            inbox.redact(run.id, **how)
        elif act == "steer":
            inbox.steer(run, {run.keys[0]: []}, **how)
        else:
            getattr(inbox, act)(run, **how)
    except InboxError:
        return False
    return True


def test_the_table_has_every_status_and_no_other() -> None:
    assert [*rows()] == [*get_args(RunStatus)]
    assert rows().keys() == BRINGS.keys()


@pytest.mark.parametrize("status", BRINGS)
@pytest.mark.parametrize("act", ACTS)
def test_what_can_be_done_is_what_the_table_says(status: str, act: str) -> None:
    found: list[tuple[str, bool]] = []

    def look(inbox: Inbox) -> None:
        found.append((inbox.run("t").status, can(inbox, act)))

    BRINGS[status](Inbox.open("sqlite:///:memory:"), look)
    assert found == [(status, act in allowed(status))]


def test_every_word_of_code_in_the_last_column_is_one_that_exists() -> None:
    named = {name for cell in rows().values() for name in re.findall(r"`([a-z]+)`", cell)}
    assert named == {*ACTS, "decide", "cancel", "invoke", "work", "halted"}
