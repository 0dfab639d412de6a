"""Who may hold a thread, what is refused, and what happens where the ledger is away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.runtime import RunControl
from langgraph.types import interrupt

from langgraph_hitl import Inbox, Respond, Reviewer, supervised
from langgraph_hitl.errors import (
    GateError,
    InboxError,
    InboxUnavailable,
    NotAuthorised,
    ThreadPaused,
    UnknownRun,
)
from langgraph_hitl.inbox._ledger.overseeing import Noting
from langgraph_hitl.inbox._ledger.reading import Reading
from langgraph_hitl.people import Member, Roster
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import LedgerPlace
from tests.inbox.oversight.layers import Shape, build
from tests.inbox.oversight.runner import LINE, ORDER, Runner
from tests.inbox.races.place import Place
from tests.inbox.test_ledger_verify import tamper

CONFIG: Any = {"configurable": {"thread_id": "t"}}
MARIA = Reviewer("maria", roles=("operators",))
ACTS = ("pause", "resume", "steer", "stop")


def line(inbox: Inbox, note: Any = lambda _: None, **options: Any) -> Any:
    app = build(Shape(((0,), (0,))), note).compile(checkpointer=InMemorySaver())
    return supervised(app, inbox=inbox, name="line", **options)


def act(inbox: Inbox, name: str, by: Reviewer | str) -> Any:
    given: dict[str, Any] = {"message": "Stop it."} if name == "steer" else {}
    return getattr(inbox, name)("t", by=by, reason="because", **given)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize(
    "supervisors",
    ["operators", ["operators", "sre"], Reviewer("maria")],
    ids=["role", "several", "person"],
)
def test_who_is_no_supervisor_does_nothing(name: str, supervisors: Any) -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = line(inbox, supervisors=supervisors)
    app.invoke({"ran": []}, CONFIG)
    before = inbox.run("t")
    with pytest.raises(NotAuthorised, match=f"eve may not {name} the thread 't'"):
        act(inbox, name, "eve")
    assert inbox.run("t") == before
    row = inbox.history(before.id)[-1]
    assert (row.event, row.actor) == ("refused", "eve")
    assert inbox.verify()


def test_every_process_knows_who_supervises(place: Place) -> None:
    runner = Runner(place)
    runner.do("start", thread="t", stop_in=ORDER[0])
    with Inbox.open(place.url) as elsewhere:
        with pytest.raises(NotAuthorised, match="operators"):
            elsewhere.pause("t", by="eve", reason="odd")
        runner.go()
        assert runner.hear() == ("finished", None)
        elsewhere.pause("t", by=MARIA, reason="odd")
    runner.end()


def test_with_a_directory_nobody_is_believed() -> None:
    clock = FixedClock()
    people = Roster(Member(MARIA), Member(Reviewer("eve")))
    inbox = Inbox.open("sqlite:///:memory:", people=people, clock=clock)
    app = line(inbox, supervisors="operators")
    app.invoke({"ran": []}, CONFIG)
    for claimed in (Reviewer("eve", roles=("operators",)), Reviewer("zoe", roles=("operators",))):
        with pytest.raises(NotAuthorised):
            inbox.pause("t", by=claimed, reason="odd")
    assert inbox.pause("t", by="maria", reason="odd").status == "paused"
    with pytest.raises(GateError, match="nobody else is in the directory"):
        line(Inbox.open("sqlite:///:memory:", people=people), supervisors="pilots")


def test_what_is_not_there() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = line(inbox)
    for name in ACTS:
        with pytest.raises(UnknownRun, match="'t'"):
            act(inbox, name, "maria")
    with pytest.raises(UnknownRun):
        inbox.run(None)  # type: ignore[arg-type]
    app.invoke({"ran": []}, CONFIG)
    with pytest.raises(InboxError, match="is not paused: it is finished"):
        inbox.resume("t", by="maria")
    with pytest.raises(InboxError, match="reason="):
        inbox.pause("t", by="maria", reason=" ")
    inbox.pause("t", by="maria", reason="odd")
    with pytest.raises(ThreadPaused, match="by maria"):
        inbox.pause("t", by="jo", reason="too")
    with pytest.raises(UnknownRun):
        inbox.pause("t", graph="other", by="jo", reason="too")


def test_two_graphs_on_threads_of_one_id() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    for name in ("one", "two"):
        app = build(Shape(((0,),)), lambda _: None).compile(checkpointer=InMemorySaver())
        supervised(app, inbox=inbox, name=name).invoke({"ran": []}, CONFIG)
    with pytest.raises(InboxError, match="graph='one', 'two'"):
        inbox.pause("t", by="maria", reason="odd")
    assert inbox.pause("t", graph="two", by="maria", reason="odd").graph == "two"
    assert {run.graph: run.hold for run in inbox.runs()} == {"one": "none", "two": "pause"}
    assert [run.graph for run in inbox.runs(graph="one")] == ["one"]


def test_a_pause_is_not_missed_where_the_ledger_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inbox, ran = Inbox.open("sqlite:///:memory:"), list[str]()

    def away(*_: Any) -> Any:
        raise InboxUnavailable("the server restarts")

    def note(name: str) -> None:
        ran.append(name)
        if len(ran) == 1:
            monkeypatch.setattr(Reading, "hold_of", away)

    app = line(inbox, note)
    with pytest.raises(InboxUnavailable, match="cannot be asked"):
        app.invoke({"ran": []}, CONFIG)
    monkeypatch.undo()
    assert ran == ["n0_0"]
    assert inbox.work().runs == 1
    assert (ran, inbox.run("t").status) == (["n0_0", "n1_0"], "finished")


def test_a_step_that_cannot_be_noted_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise InboxUnavailable("the disk is full")

    inbox, ran = Inbox.open("sqlite:///:memory:"), list[str]()
    monkeypatch.setattr(Noting, "tell_steps", full)
    app = line(inbox, ran.append)
    app.invoke({"ran": []}, CONFIG)
    assert ran == ["n0_0", "n1_0"]


def test_a_worker_that_only_registers_the_graph_begins_nothing(place: Place) -> None:
    runner = Runner(place)
    runner.do("start", thread="t", stop_in=ORDER[0])
    with Inbox.open(place.url) as inbox, place.saver() as saver:
        inbox.pause("t", by=MARIA, reason="odd")
        runner.kill()
        app = inbox.register(build(LINE, lambda _: None).compile(checkpointer=saver), "line")
        inputs: list[Any] = [{"ran": []}, None]
        for given in inputs:
            with pytest.raises(ThreadPaused):
                app.invoke(given, CONFIG)
        inbox.work()
        assert inbox.run("t").status == "paused"


def test_the_control_of_the_user_counts_as_well() -> None:
    from langgraph.errors import GraphDrained

    inbox, control = Inbox.open("sqlite:///:memory:"), RunControl()
    ran: list[str] = []

    def note(name: str) -> None:
        ran.append(name)
        control.request_drain("SIGTERM")

    app = line(inbox, note)
    with pytest.raises(GraphDrained, match="SIGTERM"):
        app.invoke({"ran": []}, CONFIG, control=control)
    assert ran == ["n0_0"]
    app.invoke(None, CONFIG)
    assert ran == ["n0_0", "n1_0"]


def test_a_node_that_raises_is_told_and_not_repeated() -> None:
    inbox, ran = Inbox.open("sqlite:///:memory:"), list[str]()

    def note(name: str) -> None:
        ran.append(name)
        if name == "n1_0":
            inbox.pause("t", by="maria", reason="odd")
            raise ValueError("broken")

    app = line(inbox, note)
    with pytest.raises(ValueError, match="broken"):
        app.invoke({"ran": []}, CONFIG)
    run = inbox.run("t")
    assert (run.status, run.state, run.error) == ("paused", "failed", "ValueError: broken")
    assert inbox.resume("t", by="maria").status == "failed"
    inbox.work()
    assert ran == ["n0_0", "n1_0"]


def test_a_breakpoint_is_not_passed_by_a_resumption() -> None:
    inbox, ran = Inbox.open("sqlite:///:memory:"), list[str]()
    builder = build(Shape(((0,), (0,))), ran.append)
    graph = builder.compile(checkpointer=InMemorySaver(), interrupt_before=["n1_0"])
    app = supervised(graph, inbox=inbox, name="line")
    app.invoke({"ran": []}, CONFIG)
    assert inbox.run("t").status == "left"
    inbox.pause("t", by="maria", reason="odd")
    assert inbox.resume("t", by="maria").status == "left"
    inbox.work()
    assert ran == ["n0_0"]


def test_a_watched_graph_is_supervised_as_well() -> None:
    """That it stands at a step is no question to anybody."""
    inbox = Inbox.open("sqlite:///:memory:")

    def first(state: MessagesState) -> Any:
        inbox.pause("t", by="maria", reason="odd")
        return {}

    builder: StateGraph[Any] = StateGraph(MessagesState)
    builder.add_node("first", first)
    builder.add_node("ask", lambda _: {"messages": [("user", interrupt("sure?"))]})
    builder.add_edge(START, "first")
    builder.add_edge("first", "ask")
    app = inbox.watch(builder.compile(checkpointer=InMemorySaver()), "watched")
    supervised(app, inbox=inbox)
    with pytest.raises(ThreadPaused):
        app.invoke({"messages": []}, CONFIG)
    inbox.reconcile()
    assert inbox.pending() == []
    inbox.resume("t", by="maria")
    (review,) = inbox.pending()
    inbox.pause("t", by="maria", reason="odd")
    inbox.decide(review.id, Respond("yes"), by="jo")
    assert inbox.get(review.id).status == "settled"
    inbox.resume("t", by="maria")
    assert inbox.get(review.id).status == "applied"
    assert inbox.run("t").status == "finished"


def test_tasks_of_an_entrypoint_are_one_step() -> None:
    inbox, ran = Inbox.open("sqlite:///:memory:"), list[str]()

    @task
    def one(name: str) -> str:
        ran.append(name)
        if len(ran) == 1:
            inbox.pause("t", by="maria", reason="odd")
        return name

    @entrypoint(checkpointer=InMemorySaver())
    def flow(_: Any) -> list[str]:
        return [one(name).result() for name in "ab"]

    app = supervised(flow, inbox=inbox, name="flow")
    assert app.invoke("x", CONFIG) == ["a", "b"]
    assert inbox.run("t").status == "paused"
    with pytest.raises(ThreadPaused):
        app.invoke("y", CONFIG)


def test_the_doctor_leaves_what_a_supervisor_holds() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = line(inbox, lambda _: pause(inbox))
    with pytest.raises(ThreadPaused):
        app.invoke({"ran": []}, CONFIG)
    assert inbox.doctor(repair=True).healthy
    assert inbox.run("t").status == "paused"


def pause(inbox: Inbox) -> None:
    inbox.pause("t", by="maria", reason="odd")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE hitl_runs SET hold = 'none'", "held as 'none', but the audit says 'pause'"),
        ("DELETE FROM hitl_runs", "in the audit, but not in its table"),
    ],
)
def test_who_lifts_a_pause_in_the_table_is_found_out(
    tmp_path: Path, statement: str, problem: str
) -> None:
    url = f"sqlite:///{tmp_path}/reviews.db"
    with (
        Inbox.open(url) as inbox,
        SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver,
    ):
        app = build(Shape(((0,), (0,))), lambda _: None).compile(checkpointer=saver)
        supervised(app, inbox=inbox, name="line").invoke({"ran": []}, CONFIG)
        pause(inbox)
        assert inbox.verify()
        tamper(LedgerPlace("file", url), statement)
        assert problem in (inbox.verify().problem or "")
