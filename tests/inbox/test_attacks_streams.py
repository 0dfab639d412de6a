"""Consumers that leave a stream before its end: nothing runs without its lock, nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import StreamWriter

from langgraph_hitl import Approve, Inbox, add_review, human_approval
from langgraph_hitl.testing import FailPoints
from tests.apps import State
from tests.drivers import Builder

CONFIG: Any = {"configurable": {"thread_id": "thread-1"}}
SOON = 0.2


class Releases:
    """Knows whether a lock was about to be given back since `watch`."""

    def __init__(self) -> None:
        self.watched = False
        self.came = threading.Event()

    def __call__(self, point: str) -> None:
        if point == "releasing" and self.watched:
            self.came.set()


@pytest.fixture
def releases() -> Releases:
    return Releases()


@pytest.fixture
def inbox(tmp_path: Path, releases: Releases) -> Iterator[Inbox]:
    with Inbox.open(f"sqlite:///{tmp_path}/reviews.db", point=releases) as opened:
        yield opened


def build(inbox: Inbox, act: Any) -> Builder:
    builder: Builder = StateGraph(State)
    gate = human_approval("draft", inbox=inbox)
    add_review(builder, "gate", gate, approved="act", rejected=END)
    builder.add_node("act", act)
    builder.add_edge(START, "gate")
    return builder


def test_the_lock_is_held_until_the_nodes_of_an_abandoned_stream_have_ended(
    tmp_path: Path, inbox: Inbox, releases: Releases
) -> None:
    left = threading.Event()
    seen: list[bool] = []

    def act(state: State, writer: StreamWriter) -> dict[str, Any]:
        writer("begun")
        assert left.wait(10)
        seen.append(releases.came.wait(SOON))
        return {"ran": ["act"]}

    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    app = inbox.register(build(inbox, act).compile(checkpointer=SqliteSaver(connection)), "graph")
    app.invoke({"draft": "Hello"}, CONFIG)
    (review,) = inbox.pending()
    inbox.decide(review.id, Approve(), by="maria", resume="worker")
    stream: Any = app.stream(None, CONFIG, stream_mode="custom")
    while next(stream) != "begun":
        pass
    releases.watched = True
    left.set()
    stream.close()
    assert seen == [False]
    inbox.work()
    assert seen == [False]
    assert inbox.get(review.id).status == "applied"
    assert app.get_state(CONFIG).values["ran"] == ["act"]
    connection.close()


@pytest.mark.parametrize(
    ("mode", "version"),
    [
        *((mode, "v1") for mode in ("updates", "values", "tasks", "debug", ["values", "tasks"])),
        *((mode, "v2") for mode in ("updates", "values", "tasks", "debug", ["values", "custom"])),
    ],
    ids=str,
)
def test_whoever_reads_the_question_in_a_stream_can_answer_it_at_once(
    tmp_path: Path, inbox: Inbox, mode: Any, version: Any
) -> None:
    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    builder = build(inbox, lambda _state: {"ran": ["act"]})
    app = inbox.register(builder.compile(checkpointer=SqliteSaver(connection)), "graph")
    done: list[str] = []
    for chunk in app.stream({"draft": "Hello"}, CONFIG, stream_mode=mode, version=version):
        if "Interrupt(" in str(chunk) or "'interrupts': [{" in str(chunk):
            (review,) = inbox.pending()
            done.append(inbox.decide(review.id, Approve(), by="maria").status)
            break
    assert done == ["applied"]
    connection.close()


async def test_what_an_abandoned_stream_was_doing_is_done_by_work(
    tmp_path: Path, inbox: Inbox
) -> None:
    begun: list[str] = []

    async def act(state: State, writer: StreamWriter) -> dict[str, Any]:
        begun.append("act")
        writer("begun")
        if len(begun) == 1:
            await asyncio.Event().wait()
        return {"ran": ["act"]}

    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        app = inbox.register(build(inbox, act).compile(checkpointer=saver), "graph")
        await app.ainvoke({"draft": "Hello"}, CONFIG)
        (review,) = await inbox.apending()
        await inbox.adecide(review.id, Approve(), by="maria", resume="worker")
        stream: Any = app.astream(None, CONFIG, stream_mode="custom")
        while await anext(stream) != "begun":
            pass
        await stream.aclose()
        assert inbox.get(review.id).status == "settled"
        await inbox.awork()
        assert inbox.get(review.id).status == "applied"
        assert (await app.aget_state(CONFIG)).values["ran"] == ["act"]


def deciding_at_the_end(url: str) -> Inbox:
    """Somebody else decides between the books of a run and the release of its lock."""
    points = FailPoints()
    inbox = Inbox.open(url, point=points)

    def decide() -> None:
        (review,) = inbox.pending()
        inbox.decide(review, Approve(), by="maria", resume="worker")

    points.call_at("releasing", decide)
    return inbox


def test_who_leaves_at_the_question_leaves_no_decision_behind(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    with deciding_at_the_end(f"sqlite:///{tmp_path}/reviews.db") as inbox:
        builder = build(inbox, lambda state: {"ran": ["act"]})
        app = inbox.register(builder.compile(checkpointer=SqliteSaver(connection)))
        for chunk in app.stream({"draft": "Hello"}, CONFIG):
            if "__interrupt__" in chunk:
                break
        assert app.get_state(CONFIG).values["ran"] == ["act"]
    connection.close()


async def test_who_leaves_at_the_question_asynchronously(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        with deciding_at_the_end(f"sqlite:///{tmp_path}/reviews.db") as inbox:
            builder = build(inbox, lambda state: {"ran": ["act"]})
            app = inbox.register(builder.compile(checkpointer=saver))
            stream: Any = app.astream({"draft": "Hello"}, CONFIG)
            async with aclosing(stream) as chunks:
                async for chunk in chunks:
                    if "__interrupt__" in chunk:
                        break
            assert (await app.aget_state(CONFIG)).values["ran"] == ["act"]
