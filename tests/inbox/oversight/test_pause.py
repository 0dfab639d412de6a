"""A pause takes effect at the next step, whatever the graph looks like; no step runs twice."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, Inbox, ReviewState, add_review, human_approval, supervised
from langgraph_hitl.errors import InboxError, RunFailed, ThreadPaused
from langgraph_hitl.inbox._oversight.overseer import Overseer
from langgraph_hitl.inbox.supervised_run import STEPS
from tests.inbox.oversight.layers import Shape, State, build
from tests.savers import aopened
from tests.scale import scale

SHAPES = st.lists(
    st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple), min_size=1, max_size=4
).map(lambda layers: Shape(tuple(layers)))


class Bench:
    """A supervised graph in memory, and a supervisor who pauses it while a certain node runs."""

    def __init__(self, shape: Shape, *, asynchronous: bool = False) -> None:
        self.inbox = Inbox.open("sqlite:///:memory:")
        self.ran: list[str] = []
        self.pause_in: list[str] = []
        self.late: list[str] = []
        self.thread = uuid.uuid4().hex
        self.config: Any = {"configurable": {"thread_id": self.thread}}
        self._lock = threading.Lock()
        builder = build(shape, self._note, asynchronous=asynchronous)
        app = builder.compile(checkpointer=InMemorySaver())
        self.app = supervised(app, inbox=self.inbox, name="layers")

    def _note(self, name: str) -> None:
        with self._lock:
            self.ran.append(name)
            if name in self.pause_in:
                self.pause_in.remove(name)
                if self.inbox.run(self.thread).hold == "none":
                    self.inbox.pause(self.thread, by="maria", reason=f"in {name}")


@pytest.fixture
def line() -> Bench:
    return Bench(Shape(((0,), (0,), (0,))))


def go_on(bench: Bench, how: str) -> None:
    """Resume by the supervisor's call, by a worker, or by whoever starts the graph again."""
    run = bench.inbox.run(bench.thread)
    if how == "resume":
        bench.inbox.resume(run, by="maria")
        return
    app, name = bench.app, run.graph
    bench.inbox._office.registry._apps.pop(name)  # as in a process without the graph
    bench.inbox.resume(run, by="maria")
    bench.inbox._office.registry._apps[name] = app
    if how == "work":
        bench.inbox.work()
    else:
        with suppress(ThreadPaused):
            app.invoke(None, bench.config)


@pytest.mark.timeout(900)
@settings(max_examples=scale(300))
@given(
    SHAPES,
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(["resume", "work", "again"]), min_size=6, max_size=6),
)
def test_wherever_it_is_paused_each_node_runs_once(
    shape: Shape, draw: Random, hows: list[str]
) -> None:
    bench = Bench(shape)
    bench.pause_in = draw.sample(shape.names, min(len(shape.names), draw.randrange(5)))
    with suppress(ThreadPaused):
        bench.app.invoke({"ran": []}, bench.config)
    for how in hows:
        run = bench.inbox.run(bench.thread)
        if run.hold == "none":
            break
        before = list(bench.ran)
        bench.inbox.work()
        with pytest.raises(ThreadPaused):
            bench.app.invoke(None, bench.config)
        assert bench.ran == before
        go_on(bench, how)
    assert bench.inbox.run(bench.thread).status == "finished"
    assert Counter(bench.ran) == Counter(shape.names)
    steps = bench.inbox.run(bench.thread).steps
    told = [name for step in steps for name in step.nodes]
    assert len(told) == len({*told})
    if len(steps) < STEPS:
        assert {*shape.names} <= {*told}
    assert bench.inbox.verify()
    bench.inbox.close()


@pytest.mark.timeout(900)
@settings(max_examples=scale(300))
@given(SHAPES, st.randoms(use_true_random=False))
def test_wherever_it_is_paused_on_an_event_loop_each_node_runs_once(
    shape: Shape, draw: Random
) -> None:
    bench = Bench(shape, asynchronous=True)
    bench.pause_in = draw.sample(shape.names, min(len(shape.names), draw.randrange(5)))

    async def run() -> None:
        with suppress(ThreadPaused):
            await bench.app.ainvoke({"ran": []}, bench.config)
        for _ in range(6):
            if (await bench.inbox.arun(bench.thread)).hold != "none":
                await bench.inbox.aresume(bench.thread, by="maria")

    asyncio.run(run())
    assert bench.inbox.run(bench.thread).status == "finished"
    assert Counter(bench.ran) == Counter(shape.names)
    bench.inbox.close()


def test_nothing_runs_between_the_pause_and_the_resumption(line: Bench) -> None:
    line.pause_in = ["n1_0"]
    with pytest.raises(ThreadPaused, match="in n1_0"):
        line.app.invoke({"ran": []}, line.config)
    run = line.inbox.run(line.thread)
    assert line.ran == ["n0_0", "n1_0"]
    assert (run.status, run.by, run.reason) == ("paused", "maria", "in n1_0")
    assert [step.nodes for step in run.steps] == [("n0_0",), ("n1_0",)]
    with pytest.raises(ThreadPaused):
        line.app.invoke({"ran": []}, line.config)
    assert line.inbox.resume(line.thread, by="jo").status == "finished"
    assert line.ran == ["n0_0", "n1_0", "n2_0"]
    events = [(row.event, row.actor) for row in line.inbox.history(run.id)]
    assert events == [("paused", "maria"), ("halted", "system:graph"), ("resumed", "jo")]


@pytest.mark.parametrize("mode", ["values", "updates", "messages", "debug", ["updates", "custom"]])
def test_a_stream_ends_at_the_step(line: Bench, mode: Any) -> None:
    line.pause_in = ["n0_0"]
    with pytest.raises(ThreadPaused):
        list(line.app.stream({"ran": []}, line.config, stream_mode=mode))
    assert line.ran == ["n0_0"]


def test_on_an_event_loop(line: Bench) -> None:
    line.pause_in = ["n0_0"]

    async def run() -> None:
        with pytest.raises(ThreadPaused):
            await line.app.ainvoke({"ran": []}, line.config)
        assert (await line.inbox.arun(line.thread)).status == "paused"
        with pytest.raises(ThreadPaused):
            await line.app.ainvoke(None, line.config)
        after = await line.inbox.aresume(line.thread, by="maria")
        assert after.status == "finished"
        assert [run.thread_id for run in await line.inbox.aruns()] == [line.thread]

    asyncio.run(run())
    assert line.ran == ["n0_0", "n1_0", "n2_0"]
    assert [step.nodes for step in line.inbox.run(line.thread).steps] == [
        ("n0_0",),
        ("n1_0",),
        ("n2_0",),
    ]


def test_a_graph_that_a_node_calls_is_part_of_its_step() -> None:
    """To end within it would run the beginning of that node once more."""
    inbox = Inbox.open("sqlite:///:memory:")
    ran: list[str] = []
    inner = build(Shape(((0,), (0,))), ran.append).compile()

    def outer(state: State) -> Any:
        ran.append("outer")
        inbox.pause("t", by="maria", reason="odd")
        inner.invoke({"ran": []})
        return {}

    builder: StateGraph[Any] = StateGraph(State)
    builder.add_node("outer", outer)
    builder.add_node("last", lambda _: ran.append("last"))
    builder.add_edge(START, "outer")
    builder.add_edge("outer", "last")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="calls")
    with pytest.raises(ThreadPaused):
        app.invoke({"ran": []}, {"configurable": {"thread_id": "t"}})
    assert ran == ["outer", "n0_0", "n1_0"]
    inbox.resume("t", by="maria")
    assert ran == ["outer", "n0_0", "n1_0", "last"]


def test_a_consumer_that_leaves_is_told(line: Bench) -> None:
    stream: Any = line.app.stream({"ran": []}, line.config, stream_mode="updates")
    next(stream)
    stream.close()
    assert line.inbox.run(line.thread).status == "left"
    line.inbox.pause(line.thread, by="maria", reason="odd")
    assert line.inbox.resume(line.thread, by="maria").status == "left"
    assert line.app.invoke(None, line.config)["ran"] == ["n0_0:", "n1_0:", "n2_0:"]


def test_a_decision_whose_run_is_paused_stands() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    ran: list[str] = []

    def publish(state: ReviewState) -> Any:
        ran.append("publish")
        inbox.pause("t", by="maria", reason="odd")
        return {}

    class Post(ReviewState):
        draft: str

    builder: StateGraph[Any] = StateGraph(Post)
    gate = human_approval("draft", inbox=inbox)
    builder.add_node("publish", publish)
    builder.add_node("mail", lambda _: ran.append("mail"))
    add_review(builder, "approve", gate, approved="publish", rejected=END)
    builder.add_edge(START, "approve")
    builder.add_edge("publish", "mail")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="post")
    app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": "t"}})
    (review,) = inbox.pending()
    assert inbox.decide(review.id, Approve(), by="jo").status == "applied"
    assert (ran, inbox.run("t").status) == (["publish"], "paused")
    inbox.work()
    assert [row.event for row in inbox.history(review.id)][-1] == "applied"
    inbox.resume("t", by="maria")
    assert ran == ["publish", "mail"]


async def test_steps_are_told_apart_however_late_they_are_written(
    line: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Overseer, "_tell_or_log", lambda _: None)
    await line.app.ainvoke({"ran": []}, line.config)
    steps = (await line.inbox.arun(line.thread)).steps
    assert [step.nodes for step in steps] == [("n0_0",), ("n1_0",), ("n2_0",)]


async def test_a_call_that_would_block_the_loop_of_the_saver_changes_nothing(
    tmp_path: Path,
) -> None:
    told: list[Any] = []
    with Inbox.open("sqlite:///:memory:") as inbox:
        async with aopened("aiosqlite", str(tmp_path / "threads.db")) as saver:

            def note(name: str) -> None:
                if name == "n0_0":
                    inbox.pause("t", by="maria", reason="odd")

            app = build(Shape(((0,), (0,))), note, asynchronous=True).compile(checkpointer=saver)
            supervised(app, inbox=inbox, name="line", on_stop=told.append)
            config: Any = {"configurable": {"thread_id": "t"}}
            with pytest.raises(ThreadPaused):
                await app.ainvoke({"ran": []}, config)
            with pytest.raises(InboxError, match=r"await aresume.*Nothing has happened"):
                inbox.resume("t", by="maria")
            with pytest.raises(InboxError, match=r"await astop.*Nothing has happened"):
                inbox.stop("t", by="maria", reason="over")
            assert (inbox.run("t").status, inbox.run("t").wake) == ("paused", False)
            with pytest.raises(InboxError, match="could not take the change"):
                await inbox.asteer("t", {"ran": 5}, by="maria")
            await inbox.asteer("t", {"tone": "kind"}, by="maria")
            assert (await inbox.aresume("t", by="maria")).status == "finished"
            assert (await app.aget_state(config)).values["ran"] == ["n0_0:", "n1_0:kind"]
            assert (await inbox.astop("t", by="maria", reason="over")).status == "stopped"
            assert len(told) == 1


def test_a_run_that_fails_after_it_was_resumed_names_its_thread() -> None:
    inbox = Inbox.open("sqlite:///:memory:")

    def note(name: str) -> None:
        if name == "n1_0":
            raise ValueError("broken")
        inbox.pause("t", by="maria", reason="odd")

    app = build(Shape(((0,), (0,))), note).compile(checkpointer=InMemorySaver())
    supervised(app, inbox=inbox, name="line")
    with pytest.raises(ThreadPaused):
        app.invoke({"ran": []}, {"configurable": {"thread_id": "t"}})
    with pytest.raises(RunFailed, match=r"graph on the thread 't' failed: ValueError: broken"):
        inbox.resume("t", by="maria")
