"""What a supervisor changes reaches the graph once, and goes around nothing."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import interrupt

from langgraph_hitl import (
    Approve,
    Inbox,
    Reviewer,
    ReviewState,
    add_review,
    co_edit,
    human_approval,
    plan_together,
    supervised,
)
from langgraph_hitl.errors import InboxError, NotAuthorised, ThreadPaused, UnknownRun
from langgraph_hitl.inbox._oversight.terms import steerable
from tests.inbox.oversight.layers import Shape
from tests.inbox.oversight.runner import ORDER, Runner, journal_of
from tests.inbox.oversight.test_pause import Bench
from tests.inbox.races.place import Place

MARIA = Reviewer("maria", roles=("operators",))
CONFIG: Any = {"configurable": {"thread_id": "t"}}


def paused(shape: Shape, node: str) -> Bench:
    bench = Bench(shape)
    bench.pause_in = [node]
    with pytest.raises(ThreadPaused):
        bench.app.invoke({"ran": []}, bench.config)
    return bench


def test_the_rest_of_the_graph_sees_the_last_change() -> None:
    bench = paused(Shape(((0,), (0,), (0,))), "n0_0")
    bench.inbox.steer(bench.thread, {"tone": "rude"}, by="maria")
    bench.inbox.steer(bench.thread, {"tone": "kind", "ran": ["a note"]}, by="maria")
    assert bench.app.get_state(bench.config).values.get("tone") is None
    bench.inbox.resume(bench.thread, by="maria")
    ran = bench.app.get_state(bench.config).values["ran"]
    assert ran == ["n0_0:", "a note", "n1_0:kind", "n2_0:kind"]
    assert bench.inbox.run(bench.thread).steers == ()


def test_no_branch_that_waits_for_its_step_is_lost() -> None:
    """`update_state` in the name of one node would drop what follows the other."""
    bench = paused(Shape(((0, 0), (0, 2, 0))), "n0_1")
    bench.inbox.steer(bench.thread, {"tone": "kind"}, by="maria")
    bench.inbox.resume(bench.thread, by="maria")
    assert Counter(bench.ran) == Counter(["n0_0", "n0_1", "n1_0", "n1_1|i0", "n1_1|i1", "n1_2"])
    ran = bench.app.get_state(bench.config).values["ran"]
    assert {"n1_0:kind", "n1_2:kind"} <= {*ran}


@pytest.mark.parametrize("shape", [Shape(((3, 0), (0,))), Shape(((3,), (0,)))])
def test_within_a_subgraph_nothing_is_changed_that_its_steps_would_not_see(shape: Shape) -> None:
    bench = paused(shape, "n0_0|i1")
    run = bench.inbox.run(bench.thread)
    assert (run.status, run.state) == ("paused", "inside")
    with pytest.raises(InboxError, match=r"a graph is under way.*resume it"):
        bench.inbox.steer(run, {"tone": "kind"}, by="maria")
    assert bench.inbox.resume(run, by="maria").status == "finished"
    assert Counter(bench.ran) == Counter(shape.names)


def test_a_subgraph_that_waits_for_its_turn_sees_the_change() -> None:
    bench = paused(Shape(((0,), (2, 0), (0,))), "n0_0")
    assert bench.inbox.run(bench.thread).state == "halted"
    bench.inbox.steer(bench.thread, {"tone": "kind"}, by="maria")
    assert bench.inbox.resume(bench.thread, by="maria").status == "finished"
    assert "n1_1:kind" in bench.app.get_state(bench.config).values["ran"]


def test_nobody_steers_around_the_question_of_an_error_handler() -> None:
    inbox = Inbox.open("sqlite:///:memory:")

    asking = threading.Event()

    def handler(state: MessagesState) -> Any:
        asking.set()
        return {"messages": [interrupt("sure?")]}

    def fails(state: MessagesState) -> Any:
        raise ValueError("odd")

    def slow(state: MessagesState) -> Any:
        assert asking.wait(30)
        inbox.pause("t", by="maria", reason="odd")
        return {}

    inner: StateGraph[Any] = StateGraph(MessagesState)
    inner.add_node("slow", slow)
    inner.add_node("next", lambda _: {})
    inner.add_edge(START, "slow")
    inner.add_edge("slow", "next")
    builder: StateGraph[Any] = StateGraph(MessagesState)
    builder.add_node("inner", inner.compile())
    builder.add_node("fails", fails, error_handler=handler)
    builder.add_edge(START, "inner")
    builder.add_edge(START, "fails")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="two")
    with pytest.raises(ThreadPaused):
        app.invoke({"messages": []}, CONFIG)
    assert app.get_state(CONFIG).interrupts == ()
    assert inbox.run("t").state == "waiting"
    with pytest.raises(InboxError, match="waits for an answer"):
        inbox.steer("t", message="yes", by="maria")


def test_who_would_steer_a_thread_that_has_failed_is_told_what_helps() -> None:
    inbox = Inbox.open("sqlite:///:memory:")

    def fails(state: MessagesState) -> Any:
        raise ValueError("odd")

    builder: StateGraph[Any] = StateGraph(MessagesState)
    builder.add_node("fails", fails)
    builder.add_edge(START, "fails")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="bare")
    with pytest.raises(ValueError, match="odd"):
        app.invoke({"messages": []}, CONFIG)
    inbox.pause("t", by="maria", reason="odd")
    with pytest.raises(InboxError, match="graph 'nope' has run on the thread 't'"):
        inbox.run("t", graph="nope")
    with pytest.raises(InboxError, match=r"ValueError: odd.*update_state.*invoke\(None"):
        inbox.steer("t", message="go", by="maria")


def test_whoever_starts_it_again_goes_on_with_the_change_too() -> None:
    bench = paused(Shape(((0,), (0,))), "n0_0")
    bench.inbox.steer(bench.thread, {"tone": "kind"}, by="maria")
    elsewhere = bench.inbox._office.registry._apps.pop("layers")
    bench.inbox.resume(bench.thread, by="maria")
    bench.inbox._office.registry._apps["layers"] = elsewhere
    with pytest.raises(InboxError, match="changed the state"):
        bench.app.invoke({"ran": []}, bench.config)
    assert bench.app.invoke(None, bench.config)["ran"] == ["n0_0:", "n1_0:kind"]


def test_an_agent_reads_a_message_once() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    read: list[list[str]] = []

    def model(state: MessagesState) -> Any:
        read.append([str(message.content) for message in state["messages"]])
        if len(read) == 1:
            inbox.pause("t", by="maria", reason="odd")
        return {"messages": [AIMessage(f"answer {len(read)}")]}

    builder: StateGraph[Any] = StateGraph(MessagesState)
    builder.add_node("first", model)
    builder.add_node("second", model)
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="agent")
    with pytest.raises(ThreadPaused):
        app.invoke({"messages": [("user", "hello")]}, CONFIG)
    inbox.steer("t", message="Be brief.", by="maria")
    inbox.resume("t", by="maria")
    assert read == [["hello"], ["hello", "answer 1", "Be brief."]]


@pytest.mark.parametrize("at", ["resuming", "steering", "beginning", "ending"])
def test_a_change_is_made_once_whoever_is_killed(place: Place, at: str) -> None:
    runner = Runner(place)
    with Inbox.open(place.url) as supervisor:
        runner.do("start", thread="t", stop_in="n1_0|i1")
        supervisor.pause("t", by=MARIA, reason="odd")
        runner.go()
        runner.hear()
        supervisor.steer("t", {"tone": "kind", "ran": ["note"]}, by=MARIA)
        supervisor.resume("t", by=MARIA)
        runner.do("die", at=at)
        assert runner.do("work", thread="t") is None
        runner.died()
        other = Runner(place)
        other.do("work", thread="t")
        assert supervisor.run("t").status == "finished"
        ran = other.do("values", thread="t")["ran"]
        other.end()
    assert ran == ["n0_0:", "note", "n2_0:kind", "n3_0:kind"]
    assert Counter(journal_of(place).of("t")) == Counter(ORDER)


def test_a_change_is_made_once_whoever_is_killed_in_the_next_step(place: Place) -> None:
    runner = Runner(place)
    with Inbox.open(place.url) as supervisor:
        runner.do("start", thread="t", stop_in="n0_0")
        supervisor.pause("t", by=MARIA, reason="odd")
        runner.go()
        runner.hear()
        supervisor.steer("t", {"ran": ["note"], "tone": "kind"}, by=MARIA)
        supervisor.resume("t", by=MARIA)
        assert runner.do("work", thread="t", stop_in="n1_0|i0") == ("in", "n1_0|i0")
        supervisor.pause("t", by=MARIA, reason="odd again")
        runner.kill()
        other = Runner(place)
        other.do("work", thread="t")
        with pytest.raises(InboxError, match="has not run yet"):
            supervisor.steer("t", {"tone": "rude"}, by=MARIA)
        supervisor.resume("t", by=MARIA)
        other.do("work", thread="t")
        ran = other.do("values", thread="t")["ran"]
        other.end()
    assert ran == ["n0_0:", "note", "n2_0:kind", "n3_0:kind"]


def ask_first(inbox: Inbox) -> Any:
    class Post(ReviewState):
        draft: str

    builder: StateGraph[Any] = StateGraph(Post)
    builder.add_node("write", lambda _: {"draft": "Hello"})
    gate = human_approval("draft", inbox=inbox, reviewers="editors")
    builder.add_node("publish", lambda _: {})
    builder.add_node("archive", lambda _: {})
    add_review(builder, "approve", gate, approved="publish", rejected="archive")
    builder.add_edge(START, "write")
    builder.add_edge("write", "approve")
    return supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="post")


def test_nobody_steers_around_a_question() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = ask_first(inbox)
    app.invoke({"draft": ""}, CONFIG)
    assert inbox.run("t").status == "waiting"
    inbox.pause("t", by="maria", reason="odd")
    (review,) = inbox.pending()
    with pytest.raises(InboxError, match=f"waits for review {review.id}"):
        inbox.steer("t", {"draft": "Other"}, by="maria")
    decided = inbox.decide(review.id, Approve(), by=Reviewer("ed", roles=("editors",)))
    assert decided.status == "settled"
    with pytest.raises(
        InboxError, match="is settled, and the graph goes on with that first: resume it"
    ):
        inbox.steer("t", {"draft": "Other"}, by="maria")
    assert inbox.work().held == 1
    assert inbox.get(review.id).status == "settled"
    inbox.resume("t", by="maria")
    assert inbox.get(review.id).status == "applied"
    assert app.get_state(CONFIG).values["review"]["outcome"] == "approved"
    assert app.get_state(CONFIG).values["draft"] == "Hello"


def test_nobody_steers_around_a_bare_interrupt() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    builder: StateGraph[Any] = StateGraph(MessagesState)
    builder.add_node("ask", lambda _: {"messages": [interrupt("sure?")]})
    builder.add_edge(START, "ask")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="bare")
    app.invoke({"messages": []}, CONFIG)
    inbox.pause("t", by="maria", reason="odd")
    with pytest.raises(InboxError, match="waits for an answer"):
        inbox.steer("t", message="yes", by="maria")


@pytest.mark.parametrize("key", ["review", "reviews", "hitl_handed", "hitl_route", "hitl_any"])
def test_nobody_steers_an_approval(key: str) -> None:
    bench = paused(Shape(((0,), (0,))), "n0_0")
    with pytest.raises(InboxError, match="nobody steers that"):
        bench.inbox.steer(bench.thread, {key: {}}, by="maria")


def test_what_this_package_keeps_in_the_state_cannot_be_steered() -> None:
    class Trip(ReviewState, total=False):
        plan: list[str]
        budget: int
        trip_results: list[Any]
        own_history: list[Any]

    builder: StateGraph[Any] = StateGraph(Trip)
    rounds: dict[str, Any] = {"propose": lambda _: ["one"], "execute": lambda _: None}
    plan_together(builder, "trip", "plan", approved="go", rejected="go", **rounds)
    builder.add_node("go", lambda _: {})
    builder.add_edge(START, "trip")
    app = builder.compile(checkpointer=InMemorySaver())
    assert steerable(app) == ["budget", "own_history", "plan"]


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("called", [False, True], ids=["a node", "called by a node"])
def test_nor_what_a_graph_within_it_keeps(depth: int, called: bool) -> None:
    class Trip(ReviewState, total=False):
        plan: list[str]
        text: str
        trip_results: list[Any]
        trip_history: list[Any]
        words_history: list[Any]
        desk_history: list[Any]

    def within(inner: Any) -> Any:
        return (lambda state: inner.invoke(state)) if called else inner

    builder: StateGraph[Any] = StateGraph(Trip)
    rounds: dict[str, Any] = {"propose": lambda _: ["one"], "execute": lambda _: None}
    plan_together(builder, "trip", "plan", approved="words", rejected="words", **rounds)
    co_edit(builder, "words", "text", suggest=lambda _: [], approved=END, rejected=END)
    builder.add_edge(START, "trip")
    for _ in range(depth):
        outer: StateGraph[Any] = StateGraph(Trip)
        outer.add_node("desk", within(builder.compile()))
        outer.add_edge(START, "desk")
        builder = outer
    app = builder.compile(checkpointer=InMemorySaver())
    assert steerable(app) == ["desk_history", "plan", "text"]


def test_what_cannot_be_steered() -> None:
    bench = paused(Shape(((0,), (0,))), "n0_0")
    steer = bench.inbox.steer
    with pytest.raises(InboxError, match="no state key 'colour'"):
        steer(bench.thread, {"colour": "red"}, by="maria")
    empty: list[Any] = [None, {}]
    for nothing in empty:
        with pytest.raises(InboxError, match="takes update="):
            steer(bench.thread, nothing, by="maria")
    with pytest.raises(InboxError, match="JSON"):
        steer(bench.thread, {"tone": object()}, by="maria")
    with pytest.raises(UnknownRun):
        steer("other", {"tone": "kind"}, by="maria")
    bench.inbox.resume(bench.thread, by="maria")
    with pytest.raises(InboxError, match="pause the thread"):
        steer(bench.thread, {"tone": "kind"}, by="maria")
    bench.inbox.pause(bench.thread, by="maria", reason="odd")
    with pytest.raises(InboxError, match="no step is left"):
        steer(bench.thread, {"tone": "kind"}, by="maria")
    assert "steered" not in [
        row.event for row in bench.inbox.history(bench.inbox.run(bench.thread).id)
    ]


def test_a_step_that_runs_is_not_crossed(place: Place) -> None:
    runner = Runner(place)
    with Inbox.open(place.url) as supervisor:
        runner.do("start", thread="t", stop_in="n0_0")
        supervisor.pause("t", by=MARIA, reason="odd")
        with pytest.raises(InboxError, match="still runs the step"):
            supervisor.steer("t", {"tone": "kind"}, by=MARIA)
        with pytest.raises(NotAuthorised):
            supervisor.steer("t", {"tone": "kind"}, by="eve")
        runner.go()
        runner.hear()
        supervisor.steer("t", {"tone": "kind"}, by=MARIA)
    runner.end()
