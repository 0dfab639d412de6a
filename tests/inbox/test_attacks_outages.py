"""What the inbox lacks for a moment, in the middle of a gate, costs no question and no decision."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, Inbox, add_review, human_approval
from langgraph_hitl.errors import InboxUnavailable, RunFailed
from langgraph_hitl.testing import FailPoints, FixedClock
from tests.apps import State, act
from tests.drivers import App, Builder

CONFIG: Any = {"configurable": {"thread_id": "thread-1"}}
OUTAGE = InboxUnavailable("the server restarts")

Build = Callable[[Inbox], Builder]


class World(NamedTuple):
    inbox: Inbox
    points: FailPoints
    clock: FixedClock
    saver: SqliteSaver

    def app(self, build: Build) -> App:
        return self.inbox.register(build(self.inbox).compile(checkpointer=self.saver), "graph")

    def status(self, review_id: str) -> str:
        return self.inbox.get(review_id).status


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    points = FailPoints()
    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    clock = FixedClock()
    url = f"sqlite:///{tmp_path}/reviews.db"
    with Inbox.open(url, point=points, clock=clock) as inbox:
        yield World(inbox, points, clock, SqliteSaver(connection))
    connection.close()


def one(inbox: Inbox) -> Builder:
    builder: Builder = StateGraph(State)
    add_review(builder, "gate", human_approval("draft", inbox=inbox), approved="act", rejected=END)
    builder.add_node("act", act)
    builder.add_edge(START, "gate")
    return builder


def nested(inbox: Inbox) -> Builder:
    builder: Builder = StateGraph(State)
    builder.add_node("inner", one(inbox).compile())
    builder.add_edge(START, "inner")
    return builder


def beside_another(inbox: Inbox) -> Builder:
    builder = one(inbox)
    builder.add_node("side", lambda _state: {})
    builder.add_edge(START, "side")
    return builder


BUILDS = pytest.mark.parametrize("build", [one, nested, beside_another])


@BUILDS
def test_a_question_that_could_not_be_put_is_put_by_work(world: World, build: Build) -> None:
    app = world.app(build)
    world.points.fail_at("asking", error=OUTAGE)
    with pytest.raises(InboxUnavailable):
        app.invoke({"draft": "Hello"}, CONFIG)
    (review,) = world.inbox.pending()
    world.inbox.work()
    assert world.status(review.id) == "pending"
    assert [asked.value["review_id"] for asked in app.get_state(CONFIG).interrupts] == [review.id]
    assert world.inbox.decide(review.id, Approve(), by="maria").status == "applied"
    assert app.get_state(CONFIG).values["ran"] == ["act:Hello"]


@BUILDS
def test_a_question_that_could_not_be_put_can_be_decided(world: World, build: Build) -> None:
    app = world.app(build)
    world.points.fail_at("asking", error=OUTAGE)
    with pytest.raises(InboxUnavailable):
        app.invoke({"draft": "Hello"}, CONFIG)
    (review,) = world.inbox.pending()
    done = world.inbox.decide(review.id, Approve(), by="maria")
    assert (done.status, done.outcome) == ("applied", "approved")
    assert app.get_state(CONFIG).values["ran"] == ["act:Hello"]


def test_the_next_gate_is_asked_although_it_could_not_be_filed(world: World) -> None:
    def two(inbox: Inbox) -> Builder:
        builder: Builder = StateGraph(State)
        first = human_approval("draft", inbox=inbox)
        add_review(builder, "first", first, approved="gate", rejected=END)
        second = human_approval("draft", inbox=inbox)
        add_review(builder, "gate", second, approved="act", rejected=END)
        builder.add_node("act", act)
        builder.add_edge(START, "first")
        return builder

    app = world.app(two)
    app.invoke({"draft": "Hello"}, CONFIG)
    (first,) = world.inbox.pending()
    world.inbox.decide(first.id, Approve(), by="maria", resume="worker")
    world.points.fail_at("filing", error=OUTAGE)
    assert world.inbox.work().failed
    world.inbox.work()
    (second,) = world.inbox.pending()
    assert (second.gate, world.status(first.id)) == ("gate", "applied")


def test_a_clock_that_was_set_back_puts_nothing_off(world: World) -> None:
    app = world.app(one)
    app.invoke({"draft": "Hello"}, CONFIG)
    (review,) = world.inbox.pending()
    world.points.fail_at("recording", error=OUTAGE)
    with pytest.raises(RunFailed):
        world.inbox.decide(review.id, Approve(), by="maria")
    world.clock.advance(timedelta(days=-30))
    world.inbox.work()
    assert world.status(review.id) == "applied"
    assert world.inbox.verify()
