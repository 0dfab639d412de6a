"""Threads of the registered graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from langgraph_hitl import (
    Approve,
    Inbox,
    Respond,
    ReviewState,
    add_review,
    approved,
    human_approval,
    plan_together,
)
from langgraph_hitl.errors import RunFailed
from langgraph_hitl.inbox._doctor import newest
from tests.apps import Fuse, State, noting
from tests.drivers import App, Builder
from tests.inbox.doctor.conftest import Clinic, Dead, at, gated
from tests.inbox.foreign.graphs import State as Ran
from tests.inbox.foreign.graphs import one_after_the_other
from tests.savers import aopened


def cut_off(clinic: Clinic, method: str, nth: int) -> None:
    """The process dies before the so-manieth write of its saver."""
    saver: Any = clinic.saver
    real, left = getattr(saver, method), [nth]

    def write(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] <= 0:
            raise Dead
        return real(*args, **options)

    setattr(saver, method, write)


def test_a_run_that_was_cut_off_before_it_filed_is_its_starters(clinic: Clinic) -> None:
    app = clinic.graph()
    clinic.dies("filing", lambda: app.invoke({"draft": "Hello"}, at("t")))
    app = clinic.graph()
    finding = clinic.only(repair=True)
    assert (finding.kind, finding.thread, finding.repaired) == ("unfinished run", "t", False)
    app.invoke(None, at("t"))
    assert clinic.is_healthy()


def test_a_step_whose_tasks_have_ended_and_which_was_not_taken(clinic: Clinic) -> None:
    """No review waits, so that only the thread tells; the signature of a stuck one."""
    builder: Builder = StateGraph(State)
    builder.add_node("first", noting("first"))
    builder.add_node("second", noting("second"))
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    app = clinic.inbox.register(builder.compile(checkpointer=clinic.saver), "graph")
    cut_off(clinic, "put", 3)
    with pytest.raises(Dead):
        app.invoke({"draft": "Hello"}, at("t"))
    clinic.open()
    app = clinic.inbox.register(builder.compile(checkpointer=clinic.saver), "graph")
    state = app.get_state(at("t"))
    assert not state.next
    assert state.tasks
    assert clinic.only().kind == "stuck thread"
    assert clinic.only(repair=True).repaired
    assert app.get_state(at("t")).values["ran"] == ["first:Hello", "second:Hello"]
    assert clinic.is_healthy()


def test_a_node_that_raised_is_told_and_not_run_again(clinic: Clinic) -> None:
    fuse = Fuse(1)
    _, review = clinic.waiting(act=fuse)
    with pytest.raises(RunFailed):
        clinic.inbox.decide(review.id, Approve(), by="maria")
    finding = clinic.only(repair=True)
    assert (finding.kind, finding.thread, finding.repaired) == ("failed run", "t", False)
    assert "'act'" in finding.sentence
    assert fuse.hits == 1


def test_a_step_of_a_plan_that_raised_is_told_as_that_alone(clinic: Clinic) -> None:
    def propose(given: Any) -> Any:
        return {"steps": [{"do": "pay"}]}

    def execute(given: Any) -> Any:
        raise ConnectionError("the bank does not answer")

    class Trip(ReviewState):
        plan: list[Any]
        trip_results: list[Any]
        trip_history: list[Any]

    builder: Builder = StateGraph(Trip)
    ways: Any = {"approved": END, "rejected": END, "inbox": clinic.inbox}
    plan_together(builder, "trip", "plan", propose=propose, execute=execute, **ways)
    builder.add_edge(START, "trip")
    app = clinic.inbox.register(builder.compile(checkpointer=clinic.saver), "graph")
    app.invoke({}, at("t"))
    (review,) = clinic.inbox.pending()
    with pytest.raises(RunFailed):
        clinic.inbox.decide(review.id, Approve(), by="maria")
    assert clinic.only().kind == "failed run"


def drifting(clinic: Clinic) -> App:
    """A graph that changes what was approved before it acts, and whose thread has failed at it."""
    builder: Builder = StateGraph(State)
    gate = human_approval("draft", inbox=clinic.inbox)
    add_review(builder, "gate", gate, approved="change", rejected=END)
    builder.add_node("change", lambda state: {"draft": state["draft"] + "!"})
    builder.add_node("act", lambda state: {"ran": [approved(state, "draft")]})
    builder.add_edge(START, "gate")
    builder.add_edge("change", "act")
    app = clinic.inbox.register(builder.compile(checkpointer=clinic.saver), "graph")
    app.invoke({"draft": "Hello"}, at("t"))
    with pytest.raises(RunFailed, match="Drifted"):
        clinic.inbox.decide(clinic.inbox.pending()[0].id, Approve(), by="maria")
    return app


def test_what_drifted_goes_on_with_what_was_approved(clinic: Clinic) -> None:
    app = drifting(clinic)
    finding = clinic.only(repair=True)
    assert (finding.kind, finding.repaired) == ("failed run", False)
    assert "'draft' changed after its approval" in finding.sentence
    assert "app.update_state(config, {key: value}), then app.invoke(None, config)" in finding.cure
    (record,) = app.get_state(at("t")).values["reviews"]
    app.update_state(at("t"), {"draft": record["value"]})
    assert app.invoke(None, at("t"))["ran"] == ["Hello"]
    assert clinic.is_healthy()


def test_or_what_it_has_become_is_reviewed(clinic: Clinic) -> None:
    app = drifting(clinic)
    assert "app.invoke({key: value}, config)" in clinic.only().cure
    app.invoke({"draft": app.get_state(at("t")).values["draft"]}, at("t"))
    (review,) = clinic.inbox.pending()
    assert review.request["subject"] == "Hello!"
    assert clinic.is_healthy()


def test_a_bad_answer_leaves_a_question_that_can_be_answered(clinic: Clinic) -> None:
    app, review = clinic.waiting()
    with pytest.raises(Exception, match="respond is not allowed"):
        app.invoke(Command(resume={"type": "respond", "message": "no"}), at("t"))
    assert clinic.is_healthy()
    assert clinic.inbox.decide(review.id, Approve(), by="maria").status == "applied"


def test_a_question_that_the_inbox_does_not_have(clinic: Clinic, tmp_path: Path) -> None:
    """The ledger was lost, and the threads were not."""
    clinic.waiting()
    clinic.close()
    clinic._url = f"sqlite:///{tmp_path / 'another.db'}"
    clinic.open()
    clinic.graph()
    finding = clinic.only(repair=True)
    assert (finding.kind, finding.thread, finding.repaired) == ("unfiled question", "t", False)
    assert "does not have" in finding.sentence


def test_a_question_whose_review_is_over(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    with clinic.inbox._office.ledger.transaction() as tx:
        tx.supersede(review.id, review.round, reason="by mistake")
    finding = clinic.only()
    assert (finding.kind, finding.review_id) == ("unfiled question", review.id)
    assert "superseded" in finding.sentence


def test_a_gate_without_an_inbox_files_nothing_and_nothing_is_missed(clinic: Clinic) -> None:
    builder: Builder = StateGraph(State)
    builder.add_node("gate", human_approval("draft"))
    builder.add_edge(START, "gate")
    app = clinic.inbox.register(builder.compile(checkpointer=clinic.saver), "graph")
    app.invoke({"draft": "Hello"}, at("t"))
    assert clinic.is_healthy()


def test_a_breakpoint_is_no_trouble(clinic: Clinic) -> None:
    app = clinic.graph()
    app.invoke({"draft": "Hello"}, at("t"), interrupt_before=["gate"])
    app.interrupt_before_nodes = ["gate"]
    assert clinic.is_healthy()


def test_threads_of_another_graph_on_the_same_saver_are_not_looked_at(clinic: Clinic) -> None:
    builder: Builder = StateGraph(State)
    builder.add_node("alone", noting("alone", Fuse(1)))
    builder.add_edge(START, "alone")
    with pytest.raises(Exception, match="hit 1"):
        builder.compile(checkpointer=clinic.saver).invoke({"draft": "Hello"}, at("other"))
    clinic.waiting()
    assert clinic.is_healthy()


def test_graphs_of_one_shape_on_one_saver_are_told_apart(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.graph("a graph before it")
    with clinic.inbox._office.ledger.transaction() as tx:
        tx.supersede(review.id, review.round, reason="by mistake")
    assert clinic.only().graph == "graph"


def test_more_checkpoints_than_are_looked_through(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "LIMIT", 3)
    clinic.waiting()
    report = clinic.inbox.doctor()
    assert report.healthy
    assert "not examined" in [finding.kind for finding in report.findings]


async def test_graphs_with_an_asynchronous_saver(tmp_path: Path) -> None:
    place = str(tmp_path / "threads.db")
    with Inbox.open(f"sqlite:///{tmp_path / 'reviews.db'}") as inbox:
        async with aopened("aiosqlite", place) as saver:
            app = gated(inbox, saver)
            await app.ainvoke({"draft": "Hello"}, at("t"))
            (review,) = await inbox.apending()
            await inbox.adecide(review.id, Approve(), by="maria", resume="worker")
            report = await inbox.adoctor()
            assert "waiting for a worker" in [finding.kind for finding in report.findings]
            report = await inbox.adoctor(repair=True)
            assert report.healthy
            assert (await app.aget_state(at("t"))).values["ran"] == ["act:Hello"]


@pytest.mark.parametrize("stops", [{"interrupt_before": ["b"]}, {"interrupt_after": ["a"]}])
def test_a_breakpoint_that_is_watched_is_no_trouble(clinic: Clinic, stops: Any) -> None:
    app = one_after_the_other("a", "b").compile(checkpointer=clinic.saver, **stops)
    clinic.inbox.watch(app, "graph", timeout="2h").invoke({}, at("t"))
    assert len(clinic.inbox.pending()) == 1
    assert clinic.found(repair=True) == []
    clinic.inbox.decide(clinic.inbox.pending()[0].id, Approve(), by="ann")
    assert clinic.found() == []


def test_a_node_that_cannot_read_its_answer_is_asked_anew_by_new_input(clinic: Clinic) -> None:
    builder = StateGraph(Ran)
    builder.add_node("meal", lambda state: {"ran": [interrupt("Meal?")["choice"]]})
    builder.add_edge(START, "meal")
    app: Any = clinic.inbox.watch(builder.compile(checkpointer=clinic.saver), "graph")
    app.invoke({}, at("t"))
    (wrong,) = clinic.inbox.pending()
    with pytest.raises(RunFailed, match=r"new input asks anew: app.invoke\({}, config\)"):
        clinic.inbox.decide(wrong.id, Respond("veg"), by="ann")
    (finding,) = clinic.found()
    assert (finding.kind, "new input asks anew" in finding.cure) == ("failed run", True)
    app.invoke({}, at("t"))
    (again,) = clinic.inbox.pending()
    clinic.inbox.decide(again.id, Respond({"choice": "veg"}), by="ann")
    assert app.get_state(at("t")).values == {"ran": ["veg"]}
    assert clinic.found() == []
