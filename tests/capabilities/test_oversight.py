"""O1 and O2: oversight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import Approve, Inbox, Reject, Reviewer, human_approval, supervised
from langgraph_hitl.errors import NotAuthorised, ThreadPaused, ThreadStopped, TooLate
from tests.capabilities.world import State, World
from tests.drivers import App, Builder

CEO = Reviewer("ceo", roles=("board",))
THREAD: Any = {"configurable": {"thread_id": "1"}}


@contextmanager
def mailing(world: World, told: list[str], supervisor: Inbox) -> Iterator[tuple[App, Inbox]]:
    """Two steps without a gate; whoever supervises them is seen to act while the first one runs."""

    def first(state: State) -> dict[str, str]:
        world.ran.append("first")
        supervisor.pause("1", by=CEO, reason="the wrong list")
        return {"went": "first"}

    builder: Builder = StateGraph(State)
    builder.add_node("first", first)
    builder.add_node("second", world.noting("second"))
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    threads = str(world.folder / "threads.sqlite")
    with world.inbox() as inbox, SqliteSaver.from_conn_string(threads) as saver:
        app = builder.compile(checkpointer=saver)
        options: Any = {"supervisors": "board", "on_stop": lambda over: told.append(over.reason)}
        yield supervised(app, inbox=inbox, name="mailing", **options), inbox


def test_o1_a_supervisor_pauses_steers_and_resumes_a_running_graph(world: World) -> None:
    with world.inbox() as supervisor:
        with mailing(world, [], supervisor) as (app, inbox):
            with pytest.raises(ThreadPaused, match="the wrong list"):
                app.invoke({"draft": "everybody"}, THREAD)
            (run,) = supervisor.runs()
            assert (run.status, run.steps[-1].nodes) == ("paused", ("first",))
            inbox.work()
            assert world.ran == ["first"]
        with pytest.raises(NotAuthorised):
            supervisor.resume("1", by="eve")
        supervisor.steer("1", {"draft": "customers"}, by=CEO)
        supervisor.resume("1", by=CEO)
        with mailing(world, [], supervisor) as (app, inbox):
            inbox.work()
            assert app.get_state(THREAD).values["draft"] == "customers"
        assert world.ran == ["first", "second"]
        assert supervisor.run("1").status == "finished"
        events = [row.event for row in supervisor.history(supervisor.run("1").id)]
        assert events == ["supervised", "paused", "halted", "refused", "steered", "resumed"]


def test_o1_a_graph_that_was_stopped_is_cleaned_up_after(world: World) -> None:
    told: list[str] = []
    with world.inbox() as supervisor:
        with mailing(world, told, supervisor) as (app, _), pytest.raises(ThreadPaused):
            app.invoke({"draft": "everybody"}, THREAD)
        assert supervisor.stop("1", by=CEO, reason="enough").status == "stopping"
        with mailing(world, told, supervisor) as (app, inbox):
            inbox.work()
            inbox.work()
            with pytest.raises(ThreadStopped):
                app.invoke(None, THREAD)
        assert supervisor.run("1").status == "stopped"
    assert (world.ran, told) == (["first"], ["enough"])


def test_o2_before_the_action_an_override_replaces_the_decision(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox, reviewers="editors"))

    with world.visit(build, overrides="board") as visit:
        visit.start({"draft": "Hello"})
        review = visit.review()
        editor = Reviewer("ed", roles=("editors",))
        visit.inbox.decide(review, Approve(), by=editor, resume="worker")
    with world.visit(build, overrides="board") as visit:
        with pytest.raises(NotAuthorised):
            visit.inbox.override(review.id, Reject(), by="ed", reason="no")
        visit.inbox.override(review.id, Reject("fraud"), by=CEO, reason="fraud")
        assert visit.state()["review"]["decided_by"] == "ceo"
    assert world.ran == ["stop"]


@pytest.mark.parametrize("asked", [True, False])
def test_o2_after_the_action_it_runs_the_recall_and_never_pretends(
    world: World, asked: bool
) -> None:
    """Also over a decision that nobody took."""
    recalled: list[Any] = []

    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "draft",
            inbox=inbox,
            when=lambda state: asked,
            reads=["draft"],
            on_recall=lambda request, decision: recalled.append(request.subject),
        )
        return world.graph(gate)

    with world.visit(build, overrides="board") as visit:
        visit.start({"draft": "Hello"})
        if asked:
            visit.decide(Approve())
        review_id = visit.state()["review"]["review_id"]
    with world.visit(build, overrides="board") as visit:
        visit.inbox.override(review_id, Reject(), by=CEO, reason="fraud")
    assert (world.ran, recalled) == (["run"], ["Hello"])
    with world.visit(build) as visit:
        assert visit.state()["review"]["outcome"] == ("approved" if asked else "auto_approved")
        events = [row.event for row in visit.inbox.history(review_id)]
    assert "overridden" in events


def test_o2_without_a_recall_it_is_too_late(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox))

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
        review = visit.decide(Approve())
    with world.visit(build, overrides="board") as visit, pytest.raises(TooLate):
        visit.inbox.override(review.id, Reject(), by=CEO, reason="fraud")
    assert world.ran == ["run"]
