"""What the package reads of LangGraph's inside is still there under the names that it reads.

Each test fails if LangGraph renames a thing, on the oldest and the newest supported release.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any
from unittest.mock import patch

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.errors import NodeError
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send, interrupt
from typing_extensions import TypedDict

from langgraph_hitl import human_approval
from langgraph_hitl._subgraph import _pregel
from langgraph_hitl._subgraph._pregel import (
    checkpointer_of,
    handed_over,
    has_plain_answer,
    spend_plain_answer,
    was_sent,
)
from tests.drivers import App, Builder
from tests.paused import graph

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}


class State(TypedDict, total=False):
    first: Any
    second: Any


class Dies(RuntimeError):
    pass


def plain_graph(saver: Any, *, spends: bool, deaths: list[int]) -> App:
    """Two bare questions in one subgraph, and a node between them that dies `deaths` times."""

    def ask_first(state: State) -> State:
        return {"first": interrupt("first?")}

    def between(state: State, config: RunnableConfig) -> State:
        if spends:
            spend_plain_answer(config)
        if deaths:
            deaths.pop()
            raise Dies
        return {}

    def ask_second(state: State) -> State:
        return {"second": interrupt("second?")}

    inner: Builder = StateGraph(State)
    inner.add_node("ask_first", ask_first)
    inner.add_node("between", between)
    inner.add_node("ask_second", ask_second)
    inner.add_edge(START, "ask_first")
    inner.add_edge("ask_first", "between")
    inner.add_edge("between", "ask_second")
    outer: Builder = StateGraph(State)
    outer.add_node("inner", inner.compile())
    outer.add_edge(START, "inner")
    return outer.compile(checkpointer=saver)


@pytest.fixture(params=["memory", "sqlite"])
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield InMemorySaver()
    else:
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.sqlite")) as made:
            yield made


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_a_spent_plain_answer_is_not_handed_on(saver: Any, durability: Any) -> None:
    app = plain_graph(saver, spends=True, deaths=[1, 2])
    app.invoke({}, CONFIG, durability=durability)
    answers: list[Any] = [Command(resume="yes"), None]
    for answer in answers:
        with pytest.raises(Dies):
            app.invoke(answer, CONFIG, durability=durability)
    for _ in range(2):
        result = app.invoke(None, CONFIG, durability=durability)
        assert [asked.value for asked in result["__interrupt__"]] == ["second?"]
    result = app.invoke(Command(resume="no"), CONFIG, durability=durability)
    assert result == {"first": "yes", "second": "no"}


async def test_a_spent_plain_answer_is_not_handed_on_async(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.sqlite")) as saver:
        app = plain_graph(saver, spends=True, deaths=[1])
        await app.ainvoke({}, CONFIG)
        with pytest.raises(Dies):
            await app.ainvoke(Command(resume="yes"), CONFIG)
        result = await app.ainvoke(None, CONFIG)
        assert [asked.value for asked in result["__interrupt__"]] == ["second?"]
        result = await app.ainvoke(Command(resume="no"), CONFIG)
        assert result == {"first": "yes", "second": "no"}


def test_without_it_langgraph_hands_the_plain_answer_on(saver: Any) -> None:
    """The reason for it. If this fails, LangGraph has repaired it and `_pregel` can go."""
    app = plain_graph(saver, spends=False, deaths=[1])
    app.invoke({}, CONFIG, durability="sync")
    with pytest.raises(Dies):
        app.invoke(Command(resume="yes"), CONFIG, durability="sync")
    result = app.invoke(None, CONFIG, durability="sync")
    assert result == {"first": "yes", "second": "yes"}


def seen_config(saver: Any, given: Any = None, *, resume: Any = None) -> dict[str, Any]:
    """The `configurable` of a node in a subgraph; with `resume`, in the run that resumes."""
    seen: list[dict[str, Any]] = []

    def look(state: State, config: RunnableConfig) -> State:
        if resume is not None:
            interrupt("?")
        seen.append({**config["configurable"]})
        return {}

    inner: Builder = StateGraph(State)
    inner.add_node("look", look)
    inner.add_edge(START, "look")
    outer: Builder = StateGraph(State)
    outer.add_node("inner", inner.compile())
    outer.add_edge(START, "inner")
    app = outer.compile(checkpointer=saver)
    app.invoke({}, CONFIG)
    if resume is not None:
        (waiting,) = app.get_state(CONFIG).interrupts
        app.invoke(Command(resume=resume(waiting.id)), CONFIG)
    (configurable,) = seen
    return configurable


def test_the_checkpointer_is_found_in_a_subgraph(saver: Any) -> None:
    # Under LANGGRAPH_STRICT_MSGPACK LangGraph uses a copy that knows the state's types.
    assert type(checkpointer_of({"configurable": seen_config(saver)})) is type(saver)


def test_no_checkpointer_is_none_with_and_without_a_thread() -> None:
    assert checkpointer_of({"configurable": seen_config(None)}) is None
    assert checkpointer_of({}) is None
    assert checkpointer_of(CONFIG) is None


def test_the_root_checkpoint_is_named(saver: Any) -> None:
    configurable = seen_config(saver)
    assert configurable["thread_id"] == "1"
    assert configurable["checkpoint_map"][""]


def test_a_mapped_answer_is_told_from_a_plain_one(saver: Any) -> None:
    mapped = seen_config(saver, resume=lambda waiting: {waiting: "yes"})
    assert _pregel._RESUME_MAP in mapped


def test_a_plain_answer_has_no_map(saver: Any) -> None:
    plain = seen_config(saver, resume=lambda waiting: "yes")
    assert _pregel._RESUME_MAP not in plain


def test_a_plain_answer_is_kept_where_it_is_looked_for(saver: Any) -> None:
    app = plain_graph(saver, spends=False, deaths=[1])
    app.invoke({}, CONFIG, durability="sync")
    with pytest.raises(Dies):
        app.invoke(Command(resume="yes"), CONFIG, durability="sync")
    kept = saver.get_tuple(CONFIG)
    assert kept is not None
    assert (_pregel._NULL_TASK, _pregel._RESUME, "yes") in kept.pending_writes


class Recorded:
    """A saver that only notes what it is told to write."""

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.error = error
        self.written: list[Any] = []

    def put_writes(self, *args: Any) -> None:
        if self.error is not None:
            raise self.error
        self.written.append(args)


def inside(saver: Any, **more: Any) -> RunnableConfig:
    return {
        "configurable": {
            "thread_id": "1",
            "checkpoint_map": {"": "root-checkpoint"},
            _pregel._CHECKPOINTER: saver,
            **more,
        }
    }


def test_what_is_written() -> None:
    saver = Recorded()
    spend_plain_answer(inside(saver))
    ((where, writes, task),) = saver.written
    assert where["configurable"] == {
        "thread_id": "1",
        "checkpoint_ns": "",
        "checkpoint_id": "root-checkpoint",
    }
    assert (writes, task) == ([("__resume__", None)], "00000000-0000-0000-0000-000000000000")


def test_it_keeps_away_where_it_cannot_tell() -> None:
    saver = Recorded()
    spend_plain_answer({})
    spend_plain_answer(inside(saver, checkpoint_map={}))
    spend_plain_answer(inside(saver, checkpoint_map=None))
    spend_plain_answer(inside(None))
    assert saver.written == []


def test_a_saver_that_only_writes_asynchronously_is_left_alone() -> None:
    spend_plain_answer(inside(Recorded(NotImplementedError)))


def test_other_errors_of_the_saver_are_not_swallowed() -> None:
    with pytest.raises(ConnectionError):
        spend_plain_answer(inside(Recorded(ConnectionError)))


class Slow(InMemorySaver):
    """Keeps a plain answer back until it was looked for three times, or was spent too early."""

    def __init__(self) -> None:
        super().__init__()
        self.looked = 0
        self.released = Event()

    def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        answers = [value for channel, value in writes if channel == "__resume__"]
        kept_back = task_id == _pregel._NULL_TASK and any(answers)
        if kept_back:
            assert self.released.wait(30)
        super().put_writes(config, writes, task_id, task_path)
        if answers == [None]:
            self.released.set()

    def get_tuple(self, config: Any) -> Any:
        self.looked += 1
        if self.looked == 3:
            self.released.set()
        return super().get_tuple(config)


def test_a_plain_answer_that_is_still_on_its_way_is_waited_for() -> None:
    saver = Slow()
    app = graph(human_approval("draft"), saver=saver)
    app.invoke({"draft": "Hello"}, CONFIG)
    saver.looked = 0
    saver.released.clear()
    with pytest.raises(ValueError, match="lone surrogate"):
        app.invoke(Command(resume={"type": "approve", "comment": "\ud800"}), CONFIG)
    left = saver.get_tuple(CONFIG)
    assert left is not None
    assert not has_plain_answer(left.pending_writes)


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_nobody_waits_for_an_answer_that_does_not_come(saver: Any, durability: Any) -> None:
    """At the end of the run, or beside an update, LangGraph keeps it otherwise or not at all."""
    app = graph(human_approval("draft"), saver=saver)
    app.invoke({"draft": "Hello"}, CONFIG, durability=durability)
    pauses: list[float] = []
    answer: Any = Command(resume={"type": "approve"}, update={"draft": "Hello"})
    with patch.object(_pregel.wait_for_plain_answer, "__kwdefaults__", {"wait": pauses.append}):
        state = app.invoke(answer, CONFIG, durability=durability)
    assert state["went"] == "publish"
    assert sum(pauses) < 1


FAILED = ("t1", "__error__", "ConnectionError('no')")
TO_HANDLER = ("t1", "__error_source_node__", "pay")


@pytest.mark.parametrize(
    ("writes", "waiting"),
    [
        ([], set()),
        ([FAILED], set()),
        ([FAILED, TO_HANDLER], {"t1"}),
        ([FAILED, TO_HANDLER, ("t2", "__error__", "ValueError()")], {"t1"}),
        ([FAILED, TO_HANDLER, ("handler", "__error__", "ValueError()")], set()),
    ],
    ids=["nothing failed", "no handler", "handler", "beside another", "the handler failed too"],
)
def test_an_error_waits_for_its_handler_until_that_has_failed(
    writes: list[tuple[str, str, Any]], waiting: set[str]
) -> None:
    assert handed_over(writes, ["t1", "t2"]) == waiting


def test_what_send_runs_is_told_from_what_an_edge_leads_to() -> None:
    told: list[tuple[str, bool]] = []

    def fail(state: State, config: RunnableConfig) -> State:
        told.append(("node", was_sent(config)))
        raise Dies

    def handle(state: State, error: NodeError, config: RunnableConfig) -> State:
        told.append(("handler", was_sent(config)))
        return {}

    for lead in (lambda _: "fail", lambda _: Send("fail", {"first": 1})):
        builder: Builder = StateGraph(State)
        builder.add_node("fail", fail, error_handler=handle)
        builder.add_conditional_edges(START, lead, ["fail"])
        builder.compile().invoke({"first": 0})
    assert told == [("node", False), ("handler", False), ("node", True), ("handler", True)]
    assert not was_sent({})
