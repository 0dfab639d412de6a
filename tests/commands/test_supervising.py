"""`runs`, `pause`, `steer`, `resume` and `stop`."""

from __future__ import annotations

import contextlib

import pytest

from langgraph_hitl.errors import ThreadPaused
from tests.commands.project import APP, Project

FLOW = """
import sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph_hitl import supervised
from langgraph_hitl.inbox import Inbox
from tests.inbox.oversight.layers import Shape, build

inbox = Inbox.open("sqlite:///reviews.db")
ran = []

def note(name):
    ran.append(name)
    if name == "n0_0":
        inbox.pause("t", by=by, reason="odd")

def clean(stopped):
    ran.append(f"clean {stopped.reason}")

from langgraph_hitl import Reviewer
by = Reviewer("maria", roles=("operators",))
saver = SqliteSaver(sqlite3.connect("threads.db", check_same_thread=False))
plain = build(Shape(((0,), (0,))), note).compile(checkpointer=saver)
graph = supervised(plain, inbox=inbox, name="line", supervisors="operators", on_stop=clean)
"""
AS_JO = ("--as", "jo", "--role", "operators")
INBOX = ("--inbox", "sqlite:///reviews.db")


@pytest.fixture
def paused(empty: Project) -> Project:
    empty.write("flow.py", FLOW)
    with contextlib.suppress(ThreadPaused):
        empty.module().graph.invoke({"ran": []}, {"configurable": {"thread_id": "t"}})
    return empty


def test_a_supervisor_without_the_graph(paused: Project) -> None:
    listed = paused.run("runs", *INBOX)
    assert " ".join(listed.stdout.split()).startswith(
        "thread graph status step done at by reason t line paused 1 n0_0"
    )
    done = paused.run("steer", "t", *INBOX, *AS_JO, "--value", 'tone="kind"', "-m", "rude")
    assert (done.status, "goes on with the change" in done.stderr) == (0, True)
    done = paused.run("resume", "t", *INBOX, *AS_JO, "--json")
    assert done.document["run"]["status"] == "running"
    assert done.document["by"] == {"id": "jo", "roles": ["operators"]}
    worked = paused.run("work", "--once", *APP, "--json")
    assert (worked.status, worked.document["runs"]) == (0, 1)
    assert paused.module().ran == ["n0_0", "n1_0"]
    shown = paused.run("runs", *INBOX, "--thread", "t", "--json").document
    assert shown["run"]["status"] == "finished"
    assert [step["nodes"] for step in shown["run"]["steps"]] == [["n0_0"], ["n1_0"]]
    events = [row["event"] for row in shown["history"]]
    assert events == ["supervised", "paused", "halted", "steered", "resumed"]
    assert shown["run"]["supervisors"]["of"] == ["role:operators"]
    assert shown["run"]["supervised_at"] == shown["history"][0]["at"]
    assert "n1_0" in paused.run("runs", *INBOX, "--thread", "t").stdout


def test_with_the_graph_it_runs_here(paused: Project) -> None:
    done = paused.run("resume", "t", *APP, *AS_JO)
    assert (done.status, "t: finished" in done.stderr) == (0, True)
    done = paused.run("pause", "t", *APP, *AS_JO, "--reason", "again")
    assert "paused (finished)" in done.stderr
    done = paused.run("stop", "t", *APP, *AS_JO, "--reason", "enough", "--yes")
    assert (done.status, "t: stopped" in done.stderr) == (0, True)
    assert paused.module().ran == ["n0_0", "n1_0", "clean enough"]


def test_a_change_that_the_graph_cannot_take_is_told_where_it_is_resumed(paused: Project) -> None:
    assert paused.run("steer", "t", *INBOX, *AS_JO, "--value", "ran=5").status == 0
    done = paused.run("resume", "t", *APP, *AS_JO)
    assert (done.status, "paused: the graph could not take the change" in done.stderr) == (1, True)
    assert paused.module().ran == ["n0_0"]
    assert paused.run("resume", "t", *APP, *AS_JO).status == 0


def test_what_is_refused(paused: Project) -> None:
    eve = ("--as", "eve")
    for name in ("pause", "stop"):
        more = ("--yes",) if name == "stop" else ()
        done = paused.run(name, "t", *INBOX, *eve, "--reason", "odd", *more)
        assert (done.status, "eve may not" in done.stderr) == (4, True)
    assert paused.run("resume", "t", *INBOX, *eve).status == 4
    assert paused.run("resume", "other", *INBOX, *AS_JO).status == 1
    assert paused.run("steer", "t", *INBOX, *AS_JO).status == 2
    assert paused.run("steer", "t", *INBOX, *AS_JO, "--value", "tone").status == 2
    done = paused.run("steer", "t", *INBOX, *AS_JO, "--value", "tone=very kind")
    assert (done.status, """--value 'tone="very kind"'""" in " ".join(done.stderr.split())) == (
        2,
        True,
    )
    assert paused.run("steer", "t", *INBOX, *AS_JO, "--value", "colour=1").status == 1
    assert paused.run("stop", "t", *INBOX, *AS_JO, "--reason", "odd").status == 2
    assert paused.run("pause", "t", *INBOX, *AS_JO, "--reason", "odd").status == 1
    assert paused.inbox.run("t").status == "paused"


def test_nothing_has_run(empty: Project) -> None:
    empty.write("flow.py", FLOW)
    empty.module()
    done = empty.run("runs", *INBOX)
    assert (done.status, done.stdout, "No supervised graph" in done.stderr) == (0, "", True)
    assert empty.run("runs", *INBOX, "--json").document == {"runs": []}
