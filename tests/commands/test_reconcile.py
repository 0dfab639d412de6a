"""`reconcile`: what threads wait for that no run has filed, by a command and by a worker."""

from __future__ import annotations

import logging

import pytest

from tests.commands.project import APP, Project, finish, one_line_without_traceback
from tests.commands.test_work import WORK, eventually, read_to, stopped

WATCHED = """
import sqlite3

from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl.inbox import Inbox
from tests.inbox.foreign.graphs import asking

inbox = Inbox.open("sqlite:///reviews.db")
connection = sqlite3.connect("threads.db", check_same_thread=False)
saver = SqliteSaver(connection)
bare = asking("Which plan?").compile(checkpointer=saver)
graph = inbox.watch(asking("Which plan?").compile(checkpointer=saver), "posts")
"""
ASYNCHRONOUS = """
import aiosqlite

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from flow import asking, inbox

async def make():
    saver = AsyncSqliteSaver(await aiosqlite.connect("threads.db"))
    return inbox.watch(asking("Which plan?").compile(checkpointer=saver), "later")
"""
AWAY = """
import httpx

from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk.client import SyncLangGraphClient

from flow import inbox

client = SyncLangGraphClient(httpx.Client(base_url="http://127.0.0.1:9"))
there = RemoteGraph("there", sync_client=client)
inbox.watch(there)
"""


@pytest.fixture
def watched(empty: Project) -> Project:
    empty.write("flow.py", WATCHED)
    return empty


def ask(project: Project, *threads: str) -> None:
    """Run the graph past the inbox, as another program does."""
    for thread in threads:
        project.module().bare.invoke({}, {"configurable": {"thread_id": thread}})


def test_what_no_run_has_filed_is_filed(watched: Project) -> None:
    ask(watched, "one", "two")
    done = watched.run("reconcile", *APP, "--json")
    assert done.status == 0
    assert done.document == {
        "threads": 2,
        "filed": 2,
        "ended": 0,
        "busy": 0,
        "unclear": {},
        "failed": {},
    }
    assert {review.thread_id for review in watched.inbox.pending()} == {"one", "two"}
    watched.module().saver.delete_thread("one")
    told = " ".join(watched.run("reconcile", *APP).stdout.split())
    assert told == "threads 2 filed 0 ended 1 busy 0"


def test_graphs_with_an_asynchronous_saver(watched: Project) -> None:
    watched.write("later.py", ASYNCHRONOUS)
    ask(watched, "one")
    done = watched.run("reconcile", "--app", "later:make", "--json")
    assert done.status == 1  # both graphs of this inbox may own the thread
    assert list(done.document["unclear"]) == ["one"]


def test_a_thread_of_nobody_knows_whom_is_told(watched: Project) -> None:
    watched.write("two.py", "from flow import *\nother = inbox.watch(bare, 'other')")
    ask(watched, "one")
    done = watched.run("reconcile", *APP, "--app", "two:other")
    assert done.status == 1
    assert "one: it may be of any of the graphs 'other', 'posts'" in " ".join(done.stderr.split())


def test_a_thread_that_is_known_to_one_graph_is_unclear_to_no_other(watched: Project) -> None:
    watched.write("two.py", "from flow import *\nother = inbox.watch(bare, 'other')")
    ask(watched, "one")
    assert watched.run("reconcile", *APP).status == 0
    done = watched.run("reconcile", *APP, "--app", "two:other", "--json")
    assert (done.status, done.document["unclear"]) == (0, {})
    assert len(watched.inbox.pending()) == 1


def test_a_server_that_is_away_is_logged_in_one_line(
    watched: Project, caplog: pytest.LogCaptureFixture
) -> None:
    watched.write("away.py", AWAY)
    watched.module("away")
    caplog.set_level(logging.INFO, "langgraph_hitl")
    assert "there" in watched.inbox.reconcile().failed
    [record] = [each for each in caplog.records if "cannot be listed" in each.getMessage()]
    assert record.exc_info is None
    assert "cannot be reached" in record.getMessage()


def test_a_server_that_is_away_holds_up_no_other_graph(watched: Project) -> None:
    watched.write("away.py", AWAY)
    ask(watched, "one")
    done = watched.run("reconcile", *APP, "--app", "away:there", "--json")
    assert done.status == 1
    assert done.document["filed"] == 1
    assert "cannot be reached" in done.document["failed"]["there"]


def test_graphs_that_nobody_watches(project: Project) -> None:
    project.module()
    done = project.run("reconcile", *APP)
    assert done.status == 2
    one_line_without_traceback(done, ["'posts'", "inbox.watch"])


def test_without_a_graph(project: Project) -> None:
    project.module()
    assert project.run("reconcile", "--inbox", "sqlite:///reviews.db").status == 2


def test_a_worker_looks_when_it_starts(watched: Project) -> None:
    ask(watched, "one")
    done = watched.run("work", "--once", *APP, "--json")
    assert (done.status, done.document["filed"], done.document["unreconciled"]) == (0, 1, {})
    assert "1 filed" in done.stderr
    ask(watched, "two")
    assert watched.run("work", "--once", "--reconcile", "0", *APP).status == 0
    assert [review.thread_id for review in watched.inbox.pending()] == ["one"]


def test_a_worker_looks_again_and_again(watched: Project) -> None:
    watched.module()
    worker = watched.spawn(*WORK, "--reconcile", "0.05", "--json")
    read_to(worker, "Working on posts.")
    for thread in ("one", "two"):
        ask(watched, thread)
        eventually(lambda thread=thread: watched.inbox.pending(thread=thread))  # type: ignore[misc]
    done = stopped(worker)
    assert (done.status, done.document["filed"]) == (0, 2)


def test_a_worker_goes_on_where_a_server_is_away(watched: Project) -> None:
    watched.write("away.py", AWAY)
    ask(watched, "one")
    apps = (*APP, "--app", "away:there")
    once = finish(watched.spawn("work", "--once", *apps, "--json"), timeout=120)
    assert once.status == 1
    assert once.document["filed"] == 1
    assert list(once.document["unreconciled"]) == ["there"]
    assert "Traceback" not in once.stderr
