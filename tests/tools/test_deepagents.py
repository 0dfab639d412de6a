"""Subagents of deepagents keep their approvals."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("deepagents")

from deepagents import create_deep_agent
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Edit, Reject, apending, pending, resume, review_tools
from langgraph_hitl.errors import GateError
from tests.tools.agents import Outbox, Scripted, told
from tests.tools.deep import SHAPES, deep_agent, opened, says
from tests.tools.worker import THREAD, Post

HELLO: Any = {"messages": [HumanMessage("hello")]}
over_shapes = pytest.mark.parametrize("shape", SHAPES)


@over_shapes
def test_each_agent_asks(shape: str) -> None:
    outbox = Outbox()
    app = deep_agent(outbox.mail, shape, InMemorySaver())
    app.invoke(HELLO, THREAD)
    asked = {request.subject["to"]: request for request in pending(app, THREAD)}
    assert (sorted(asked), outbox.sent) == (["ann", "bob", "carl"], [])
    app.invoke(resume(asked["bob"], Edit({"to": "eve"})), THREAD)
    app.invoke(resume(asked["carl"], Reject("not him")), THREAD)
    assert outbox.sent == ["eve"]
    done = told(app.invoke(resume(asked["ann"], Approve()), THREAD))
    assert outbox.sent == ["eve", "ann"]
    assert done["call-0"].text == "done: sent to ann"
    assert done["call-1"].text.endswith("Result: sent to eve")
    assert "not him" in done["call-2"].text


@over_shapes
async def test_on_an_event_loop(shape: str) -> None:
    outbox = Outbox()
    app = deep_agent(outbox.mail, shape, InMemorySaver())
    await app.ainvoke(HELLO, THREAD)
    while waiting := await apending(app, THREAD):
        await app.ainvoke(resume(waiting[0], Approve()), THREAD)
    assert sorted(outbox.sent) == ["ann", "bob", "carl"]


def test_a_subagent_that_nobody_thought_of_runs_nothing() -> None:
    """Deepagents adds one by itself, with all tools and none of the middleware."""
    outbox = Outbox()
    made: Any = create_deep_agent
    reviews = [review_tools({"mail": True})]
    app = made(Scripted(says=says), [outbox.mail], middleware=reviews, checkpointer=InMemorySaver())
    with pytest.raises(GateError, match="a subagent called it without one"):
        app.invoke(HELLO, THREAD)
    assert outbox.sent == []


def elsewhere(folder: Path, shape: str, to: str, die: str = "") -> int:
    """Decide in a process of its own; its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.deep", str(folder), shape, to, die],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert die or done.returncode == 0, done.stderr
    return done.returncode


@over_shapes
@pytest.mark.timeout(300)
def test_decided_in_other_processes_one_of_them_killed(shape: str, tmp_path: Path) -> None:
    with opened(tmp_path, shape) as (app, desk):
        app.invoke(HELLO, THREAD)
        assert len(desk.pending()) == 3
    elsewhere(tmp_path, shape, "carl")
    assert elsewhere(tmp_path, shape, "ann", die="ann") == -signal.SIGKILL
    assert Post(tmp_path).sent == ["carl"]
    elsewhere(tmp_path, shape, "bob")
    with opened(tmp_path, shape) as (app, desk):
        desk.work()
        assert Post(tmp_path).sent == ["carl", "ann"]
        messages = told(app.get_state(THREAD).values)
        assert messages["call-0"].text == "done: sent to ann"
        assert "not him" in messages["call-1"].text
        assert (desk.pending(), desk.doctor().healthy) == ([], True)
        assert desk.verify()
