"""A thread that was stopped is over: it is cleaned up after once, and nothing runs on it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import Approve, Inbox, Reviewer, supervised
from langgraph_hitl.errors import (
    AlreadyDecided,
    GateError,
    InboxError,
    ThreadPaused,
    ThreadStopped,
)
from langgraph_hitl.inbox import Stopped
from tests.inbox.oversight.layers import Shape, build
from tests.inbox.oversight.runner import ORDER, Runner, journal_of
from tests.inbox.oversight.test_steer import ask_first
from tests.inbox.races.place import Place

MARIA = Reviewer("maria", roles=("operators",))
CONFIG: Any = {"configurable": {"thread_id": "t"}}
LINE = Shape(((0,), (0,)))


def line(inbox: Inbox, note: Any, **options: Any) -> Any:
    app = build(LINE, note).compile(checkpointer=InMemorySaver())
    return supervised(app, inbox=inbox, name="line", **options)


def stop_within(inbox: Inbox) -> tuple[list[str], Any]:
    """What runs, and a function of a node that is stopped in its first step."""
    ran: list[str] = []

    def note(name: str) -> None:
        ran.append(name)
        if len(ran) == 1:
            assert inbox.stop("t", by="maria", reason="too costly").status == "stopping"

    return ran, note


def test_the_run_that_is_stopped_cleans_up_itself() -> None:
    inbox, told = Inbox.open("sqlite:///:memory:"), list[Stopped]()
    ran, note = stop_within(inbox)
    app = line(inbox, note, on_stop=told.append)
    with pytest.raises(ThreadStopped, match=r"by maria .*too costly"):
        app.invoke({"ran": []}, CONFIG)
    run = inbox.run("t")
    assert (run.status, ran) == ("stopped", ["n0_0"])
    (stopped,) = told
    assert (stopped.thread_id, stopped.graph, stopped.by) == ("t", "line", "maria")
    assert (stopped.values["ran"], stopped.reason) == (["n0_0:"], "too costly")
    inputs: list[Any] = [{"ran": []}, None]
    for given in inputs:
        with pytest.raises(ThreadStopped):
            app.invoke(given, CONFIG)
    assert inbox.work().runs == 0
    assert (ran, len(told)) == (["n0_0"], 1)
    assert [row.event for row in inbox.history(run.id)] == ["stopped", "halted", "ended"]
    for act in (inbox.pause, inbox.stop):
        with pytest.raises(ThreadStopped):
            act("t", by="maria", reason="again")
    with pytest.raises(ThreadStopped):
        inbox.resume("t", by="maria")
    with pytest.raises(ThreadStopped):
        inbox.steer("t", {"tone": "kind"}, by="maria")
    assert inbox.verify()


def test_a_clean_up_that_raises_is_on_record_and_not_called_again() -> None:
    inbox, calls = Inbox.open("sqlite:///:memory:"), list[Stopped]()

    def fail(stopped: Stopped) -> None:
        calls.append(stopped)
        raise OSError("no disk")

    _, note = stop_within(inbox)
    app = line(inbox, note, on_stop=fail)
    with pytest.raises(ThreadStopped):
        app.invoke({"ran": []}, CONFIG)
    inbox.work()
    run = inbox.run("t")
    assert (run.status, len(calls)) == ("stopped", 1)
    rows = [(row.event, row.reason, row.content) for row in inbox.history(run.id)][-2:]
    assert rows == [
        ("hook_failed", "on_stop: OSError: no disk", None),
        ("ended", None, {"cleaned_up": False}),
    ]


def test_what_people_were_asked_is_cancelled() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = ask_first(inbox)
    app.invoke({"draft": ""}, CONFIG)
    (review,) = inbox.pending()
    assert inbox.stop("t", by="maria", reason="over").status == "stopped"
    assert inbox.pending() == []
    after = inbox.get(review.id)
    assert (after.status, after.outcome, after.decided_by) == ("cancelled", "cancelled", "maria")
    with pytest.raises(AlreadyDecided):
        inbox.decide(review.id, Approve(), by=Reviewer("ed", roles=("editors",)))
    assert app.get_state(CONFIG).next == ("approve",)
    assert inbox.work().idle
    assert inbox.verify()


def test_what_was_decided_and_no_graph_has_taken_falls() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = ask_first(inbox)
    app.invoke({"draft": ""}, CONFIG)
    (review,) = inbox.pending()
    ed = Reviewer("ed", roles=("editors",))
    inbox.decide(review.id, Approve(), by=ed, resume="worker")
    inbox.stop("t", by="maria", reason="over")
    assert inbox.get(review.id).status == "superseded"
    assert inbox.work().idle
    assert app.get_state(CONFIG).next == ("approve",)
    assert inbox.verify()


def test_a_paused_thread_can_be_stopped() -> None:
    inbox, told = Inbox.open("sqlite:///:memory:"), list[Stopped]()
    app = line(inbox, lambda _: inbox.pause("t", by="maria", reason="odd"), on_stop=told.append)
    with pytest.raises(ThreadPaused):
        app.invoke({"ran": []}, CONFIG)
    assert inbox.stop("t", by="maria", reason="over").status == "stopped"
    assert len(told) == 1


def test_a_thread_whose_state_cannot_be_read_is_over_too() -> None:
    """What a node or a saver has left there, no reducer may take; the last step is known."""
    inbox, told = Inbox.open("sqlite:///:memory:"), list[Stopped]()
    app = line(inbox, lambda _: inbox.pause("t", by="maria", reason="odd"), on_stop=told.append)
    with pytest.raises(ThreadPaused):
        app.invoke({"ran": []}, CONFIG)
    nobody = "00000000-0000-0000-0000-000000000000"
    app.checkpointer.put_writes(app.get_state(CONFIG).config, [("ran", 5)], nobody)
    with pytest.raises(TypeError):
        app.get_state(CONFIG)
    assert inbox.stop("t", by="maria", reason="over").status == "stopped"
    assert [stopped.values for stopped in told] == [{"ran": ["n0_0:"]}]


@pytest.mark.parametrize("at", ["running", "ending", "cleaning", "cleaned"])
def test_who_is_killed_is_cleaned_up_after(place: Place, at: str) -> None:
    """Once; again only where it was killed before it could note that it had cleaned up."""
    runner, journal = Runner(place), journal_of(place)
    with Inbox.open(place.url) as supervisor:
        runner.do("start", thread="t", stop_in="n1_0|i0")
        supervisor.stop("t", by=MARIA, reason="over")
        if at == "ending":
            runner.tell_to_die(at)
            assert runner.hear() is None
            runner.died()
        else:
            runner.kill()
        assert supervisor.run("t").status == "stopping"
        other = Runner(place)
        assert other.do("start", thread="t") == ("stopped", "maria")
        if at in ("cleaning", "cleaned"):
            other.do("die", at=at)
            assert other.do("work", thread="t") is None
            other.died()
            other = Runner(place)
        other.do("work", thread="t")
        other.do("work", thread="t")
        other.end()
        assert supervisor.run("t").status == "stopped"
        assert supervisor.verify()
    cleaned = Counter(journal.of("t"))["clean"]
    assert cleaned == (2 if at == "cleaned" else 1)


def test_only_who_supervises_the_graph_cleans_up(place: Place) -> None:
    """Another worker of it knows no function to call."""
    runner = Runner(place)
    with Inbox.open(place.url) as inbox, place.saver() as saver:
        runner.do("start", thread="t", stop_in="n0_0")
        runner.kill()
        app = build(LINE, lambda _: None).compile(checkpointer=saver)
        inbox.register(app, "line")
        assert inbox.stop("t", by=MARIA, reason="over").status == "stopping"
        assert inbox.work().runs == 0
        with pytest.raises(ThreadStopped):
            app.invoke(None, CONFIG)
        other = Runner(place)
        other.do("work", thread="t")
        other.end()
        assert inbox.run("t").status == "stopped"
    assert journal_of(place).of("t") == [ORDER[0], "clean"]


@pytest.mark.parametrize("wrong", [1, "clean", object()])
def test_what_cannot_clean_up(wrong: Any) -> None:
    with pytest.raises(GateError, match="on_stop="):
        line(Inbox.open("sqlite:///:memory:"), lambda _: None, on_stop=wrong)


def test_an_asynchronous_function_would_not_be_awaited() -> None:
    async def clean(_: Stopped) -> None: ...

    with pytest.raises(GateError, match="plain function"):
        line(Inbox.open("sqlite:///:memory:"), lambda _: None, on_stop=clean)


def test_a_graph_that_cannot_go_on_is_not_supervised() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    bare = build(LINE, lambda _: None).compile()
    with pytest.raises(GateError, match="no checkpointer"):
        supervised(bare, inbox=inbox)
    wrong: Any = {"supervisor": "operators"}
    with pytest.raises(GateError, match="unknown option 'supervisor'; did you mean 'supervisors'"):
        supervised(bare, inbox=inbox, **wrong)
    with pytest.raises(GateError, match="inbox= takes an Inbox"):
        supervised(bare, inbox="sqlite:///reviews.db")  # type: ignore[arg-type]
    builder: StateGraph[Any] = StateGraph(dict)
    builder.add_node("only", lambda _: {})
    builder.add_edge(START, "only")
    with pytest.raises(InboxError, match="compile it first"):
        supervised(builder, inbox=inbox)
