"""After `reconcile()` the queue is what the threads wait for, whatever was missed."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from langgraph_hitl import Inbox, Respond
from langgraph_hitl.inbox._foreign.threads import athreads_of, threads_of
from tests.inbox.desk import Desk
from tests.inbox.foreign.conftest import Watched, thread
from tests.inbox.foreign.graphs import State, asking, note
from tests.inbox.races.place import Place, sqlite_place
from tests.inbox.races.processes import Child
from tests.savers import aopened, opened


def subjects(inbox: Inbox) -> list[Any]:
    return sorted(review.request["subject"] for review in inbox.pending())


def watch(desk: Desk, *values: Any, name: str = "graph") -> Any:
    return desk.inbox.watch(asking(*values).compile(checkpointer=desk.saver), name)


@pytest.mark.parametrize("mode", ["updates", "values", "messages", "custom", "debug"])
def test_a_consumer_that_breaks_the_stream_misses_nothing(desk: Desk, mode: Any) -> None:
    app = watch(desk, "one?", "two?")
    stream = app.stream({}, thread(), stream_mode=mode)
    next(stream, None)
    stream.close()
    desk.inbox.reconcile()
    assert subjects(desk.inbox) in (["one?", "two?"], [])
    config = thread()
    for chunk in app.stream({}, config):
        assert "__interrupt__" in chunk
        break
    assert {"one?", "two?"} <= set(subjects(desk.inbox))


def test_runs_of_a_graph_that_nobody_watched_are_found(desk: Desk) -> None:
    elsewhere = desk.bare(lambda: asking("one?", "two?"))
    config = thread()
    elsewhere.invoke({}, config)
    app = watch(desk, "one?", "two?")
    report = desk.inbox.reconcile()
    assert (report.filed, report.ended, report.failed, report.unclear) == (2, 0, {}, {})
    assert subjects(desk.inbox) == ["one?", "two?"]
    for review in desk.inbox.pending():
        desk.inbox.decide(review.id, Respond(1), by="ann")
    assert app.get_state(config).values["ran"] == [1, 1, "after"]
    assert desk.inbox.reconcile().filed == 0
    assert desk.inbox.verify()


def test_what_somebody_answered_elsewhere_is_over(desk: Desk) -> None:
    watch(desk, "?")
    elsewhere = desk.bare(lambda: asking("?"))
    config = thread()
    elsewhere.invoke({}, config)
    desk.inbox.reconcile()
    (review,) = desk.inbox.pending()
    elsewhere.invoke(Command(resume=1), config)
    report = desk.inbox.reconcile()
    assert (report.filed, report.ended) == (0, 1)
    assert desk.inbox.get(review.id).status == "superseded"
    assert desk.inbox.pending() == []


def test_a_thread_that_was_deleted_behind_the_inbox_is_over(desk: Desk) -> None:
    app = watch(desk, "?")
    config = thread()
    app.invoke({}, config)
    desk.saver.delete_thread(config["configurable"]["thread_id"])
    assert desk.inbox.reconcile().ended == 1
    assert desk.inbox.pending() == []


def test_a_second_pass_changes_nothing(desk: Desk) -> None:
    app = watch(desk, "?")
    for _ in range(3):
        app.invoke({}, thread())
    before = desk.inbox.pending()
    report = desk.inbox.reconcile()
    assert (report.threads, report.filed, report.ended) == (3, 0, 0)
    assert desk.inbox.pending() == before


def nested(inner: Any) -> StateGraph[State]:
    """A graph that runs another one on a thread of its own."""

    def call(state: State, config: RunnableConfig) -> State:
        own = f"{config['configurable']['thread_id']}-inner"
        inner.invoke({}, {"configurable": {"thread_id": own}})
        return {"ran": ["called"]}

    builder = StateGraph(State)
    builder.add_node("call", call)
    builder.add_edge(START, "call")
    return builder


@pytest.mark.parametrize("registered", [True, False], ids=["watched outside", "outside"])
@pytest.mark.parametrize("missed", [True, False], ids=["missed", "seen"])
def test_graphs_with_threads_of_their_own_inside_a_node(
    desk: Desk, registered: bool, missed: bool
) -> None:
    inner = desk.bare(lambda: asking("inner?")) if missed else watch(desk, "inner?", name="inner")
    outer: Any = nested(inner).compile(checkpointer=desk.saver)
    if registered:
        desk.inbox.watch(outer, "outer")
    config = thread()
    outer.invoke({}, config)
    if missed:
        assert subjects(desk.inbox) == []
        watch(desk, "inner?", name="inner")
    desk.inbox.reconcile()
    assert subjects(desk.inbox) == ["inner?"]
    (review,) = desk.inbox.pending()
    own = f"{config['configurable']['thread_id']}-inner"
    assert (review.graph, review.thread_id) == ("inner", own)
    assert desk.inbox.decide(review.id, Respond(1), by="ann").status == "applied"
    assert inner.get_state({"configurable": {"thread_id": own}}).values["ran"] == [1, "after"]


def test_questions_inside_of_subgraphs(desk: Desk) -> None:
    builder: Any = StateGraph(State)
    builder.add_node("inner", asking("a?", "b?").compile())
    builder.add_node("last", note("last"))
    builder.add_edge(START, "inner")
    builder.add_edge("inner", "last")
    app = desk.inbox.watch(builder.compile(checkpointer=desk.saver), "outer")
    config = thread()
    app.invoke({}, config)
    assert subjects(desk.inbox) == ["a?", "b?"]
    for review in desk.inbox.pending():
        assert desk.inbox.decide(review.id, Respond(1), by="ann").status == "applied"
    assert app.get_state(config).values["ran"][-1] == "last"


def test_of_two_graphs_that_may_own_a_thread_none_is_guessed(desk: Desk) -> None:
    config = thread()
    desk.bare(lambda: asking("?")).invoke({}, config)
    watch(desk, "?", name="one")
    watch(desk, "?", name="two")
    report = desk.inbox.reconcile()
    assert report.filed == 0
    assert list(report.unclear) == [config["configurable"]["thread_id"]]


def test_a_saver_that_cannot_be_read_is_reported(watched: Watched) -> None:
    class Broken(InMemorySaver):
        def list(self, *args: Any, **kwargs: Any) -> Any:
            raise OSError("no disk")

    watched.saver = Broken()
    watched.watch(asking("?"))
    assert watched.inbox.reconcile().failed == {"graph": "OSError: no disk"}


def test_threads_are_listed_by_sql_and_one_by_one_alike(desk: Desk) -> None:
    app = desk.bare(lambda: asking("?"))
    waiting, over = thread(), thread()
    app.invoke({}, waiting)
    app.invoke({}, over)
    app.invoke(Command(resume=1), over)
    ids = [one["configurable"]["thread_id"] for one in (waiting, over)]

    class Other:
        """A saver of which nothing is known."""

        list = desk.saver.list

    for saver in (desk.saver, Other()):
        assert threads_of(saver, every=False) == [ids[0]]
        assert set(threads_of(saver, every=True)) == set(ids)


@pytest.mark.parametrize("kind", ["aiosqlite", "aiopostgres"])
async def test_asynchronous_savers_are_reconciled(
    kind: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    postgres = kind == "aiopostgres"
    place = request.getfixturevalue("postgres_uri") if postgres else str(tmp_path / "threads")
    with Inbox.open(f"sqlite:///{tmp_path / 'reviews.db'}") as inbox:
        async with aopened(kind, place) as opened:
            saver: Any = opened
            await saver.setup()
            config = thread()
            await asking("?").compile(checkpointer=saver).ainvoke({}, config)
            assert config["configurable"]["thread_id"] in await athreads_of(saver, every=False)
            app: Any = inbox.watch(asking("?").compile(checkpointer=saver), "graph")
            assert (await inbox.areconcile()).filed >= 1
            for review in await inbox.apending(thread=config["configurable"]["thread_id"]):
                await inbox.adecide(review.id, Respond(1), by="ann")
            state = await app.aget_state(config)
            assert state.values["ran"] == [1, "after"]


def die_at_filing(name: str) -> None:
    if name == "filing":
        os.kill(os.getpid(), signal.SIGKILL)


def killed_before_filing(place: Place, connection: Connection) -> None:
    """Run a watched graph to its question, and die before it is in the ledger."""
    with place.saver() as saver, Inbox.open(place.url, point=die_at_filing) as inbox:
        inbox.watch(asking("?").compile(checkpointer=saver), "graph").invoke({}, thread())
    connection.send("it lived")


def killed_inside_of_a_node(place: Place, connection: Connection) -> None:
    """A node runs a watched graph on a thread of its own, and its process dies."""
    with place.saver() as saver, Inbox.open(place.url, point=die_at_filing) as inbox:
        inner = inbox.watch(asking("?").compile(checkpointer=saver), "graph")
        outer: Any = nested(inner).compile(checkpointer=saver)
        inbox.watch(outer, "outer").invoke({}, thread())
    connection.send("it lived")


def killed_in_a_loop(place: Place, connection: Connection) -> None:
    """`killed_before_filing` with an asynchronous saver."""

    async def run() -> None:
        with Inbox.open(place.url, point=die_at_filing) as inbox:
            async with place.asaver() as saver:
                app: Any = asking("?").compile(checkpointer=saver)
                await inbox.watch(app, "graph").ainvoke({}, thread())

    asyncio.run(run())
    connection.send("it lived")


def killed_after_deciding(place: Place, review_id: str, point: str, connection: Connection) -> None:
    """Decide, and die at a point of what follows."""
    passed: list[str] = []

    def die(name: str) -> None:
        passed.append(name)
        if name == point and "committed" in passed:
            os.kill(os.getpid(), signal.SIGKILL)

    with place.saver() as saver, Inbox.open(place.url, point=die) as inbox:
        inbox.watch(asking("?").compile(checkpointer=saver), "graph")
        passed.clear()
        inbox.decide(review_id, Respond("yes"), by="ann")
    connection.send("it lived")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return sqlite_place(tmp_path)
    threads = request.getfixturevalue("postgres_uri")
    with opened("postgres", threads) as saver:
        saver.setup()  # type: ignore[attr-defined]
    url = request.getfixturevalue("postgres_url")
    return Place("postgresql", str(tmp_path), url, threads)


@pytest.mark.xdist_group("kills")
@pytest.mark.parametrize(
    "killed",
    [
        killed_before_filing,
        killed_inside_of_a_node,
        killed_in_a_loop,
    ],
)
def test_a_process_that_is_killed_before_the_filing(place: Place, killed: Any) -> None:
    assert Child(killed, place).answer() is None
    with place.saver() as saver, Inbox.open(place.url) as inbox:
        app: Any = inbox.watch(asking("?").compile(checkpointer=saver), "graph")
        assert inbox.pending() == []
        assert inbox.reconcile().filed == 1
        (review,) = inbox.pending()
        assert inbox.decide(review.id, Respond("yes"), by="ann").status == "applied"
        config: Any = {"configurable": {"thread_id": review.thread_id}}
        assert app.get_state(config).values["ran"] == ["yes", "after"]
        assert inbox.verify()


@pytest.mark.xdist_group("kills")
@pytest.mark.parametrize("point", ["committed", "locking", "resuming", "applying", "releasing"])
def test_a_process_that_is_killed_while_it_follows_a_decision(
    place: Place, point: str, tmp_path: Path
) -> None:
    with place.saver() as saver, Inbox.open(place.url) as inbox:
        inbox.watch(asking("?").compile(checkpointer=saver), "graph").invoke({}, thread())
        (review,) = inbox.pending()
    assert Child(killed_after_deciding, place, review.id, point).answer() is None
    with place.saver() as saver, Inbox.open(place.url) as inbox:
        app: Any = inbox.watch(asking("?").compile(checkpointer=saver), "graph")
        report = inbox.work()
        assert (report.failed, report.busy) == ({}, 0)
        config: Any = {"configurable": {"thread_id": review.thread_id}}
        assert app.get_state(config).values["ran"] == ["yes", "after"]
        found = inbox.get(review.id)
        assert (found.status, found.decided_by) == ("applied", "ann")
        assert inbox.reconcile().filed == 0
        assert inbox.work().idle
        assert inbox.verify()
