"""Sealed: what resumes a registered graph without the inbox goes through the same settlement."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from langgraph_hitl import Approve, Reject, add_review, human_approval, pending, resume
from langgraph_hitl.errors import AlreadyDecided, NotRegistered
from langgraph_hitl.panels import quorum
from tests.apps import State, act, noting, one_gate
from tests.drivers import Build, Builder
from tests.inbox.desk import JO, MARIA, Desk

ANSWER: dict[str, Any] = {"type": "approve"}


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def test_a_direct_answer_is_a_decision_where_anybody_may_decide(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    review = question.review
    app.invoke(Command(resume=ANSWER), question.config)
    assert question.ran == ["act:Hello"]
    done = desk.inbox.get(review.id)
    assert (done.status, done.decided_by) == ("applied", "direct")
    with pytest.raises(AlreadyDecided, match="by direct"):
        desk.inbox.decide(review.id, Reject(), by=MARIA)


@pytest.mark.parametrize("reviewers", ["editors", MARIA, quorum(2, of="editors")], ids=str)
def test_a_direct_answer_is_refused_where_reviewers_are_named(desk: Desk, reviewers: Any) -> None:
    app = desk.app(build(desk, reviewers=reviewers))
    question = desk.ask(app)
    review = question.review
    for _ in range(2):
        assert "__interrupt__" in app.invoke(Command(resume=ANSWER), question.config)
    request = pending(app, question.config)[0]
    assert "__interrupt__" in app.invoke(resume(request, Approve(), by="maria"), question.config)
    assert question.ran == []
    assert question.review.status == "pending"
    assert question.events(review.id) == ["filed", "refused", "refused", "refused"]


def test_two_direct_answers_are_one_voter(desk: Desk) -> None:
    app = desk.app(build(desk, reviewers=quorum(2)))
    question = desk.ask(app)
    for _ in range(3):
        app.invoke(Command(resume=ANSWER), question.config)
    assert question.ran == []
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]


def test_a_direct_answer_to_a_decided_review_reads_the_winner(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    request = pending(app, question.config)[0]
    desk.inbox.decide(question.review.id, Reject("no"), by=MARIA)
    for answer in (Command(resume=ANSWER), resume(request, Approve())):
        state = app.invoke(answer, question.config)
        assert (state["review"]["outcome"], state["review"]["decided_by"]) == ("rejected", "maria")
    assert question.ran == ["stop:Hello"]


def test_a_direct_answer_after_the_settlement_follows_it(desk: Desk) -> None:
    """The decision is durable, but nobody has resumed the graph yet."""
    app = desk.app(build(desk))
    question = desk.ask(app)
    desk.inbox.decide(question.review.id, Reject(), by=MARIA, resume="worker")
    state = app.invoke(Command(resume=ANSWER), question.config)
    assert state["review"]["decided_by"] == "maria"
    assert question.ran == ["stop:Hello"]
    assert desk.inbox.work().idle


def test_a_run_that_nobody_decided_asks_again(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    assert "__interrupt__" in app.invoke(None, question.config)
    assert question.review.status == "pending"


def test_a_bad_answer_changes_nothing(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    with pytest.raises(ValueError, match="unknown decision type"):
        app.invoke(Command(resume={"type": "yes"}), question.config)
    assert question.review.status == "pending"
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]


def test_a_graph_that_is_not_registered_files_and_resumes_nothing(desk: Desk) -> None:
    app = desk.bare(build(desk))
    config: Any = {"configurable": {"thread_id": "bare"}}
    with pytest.raises(NotRegistered, match=r"inbox\.register"):
        app.invoke({"draft": "Hello"}, config)
    question = desk.ask(desk.app(build(desk)))
    bare = desk.bare(build(desk))
    with pytest.raises(NotRegistered):
        bare.invoke(Command(resume=ANSWER), question.config)
    assert question.review.status == "pending"
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]


# Questions that something else ended


def test_new_input_supersedes_the_question(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    old = question.review
    app.invoke({"draft": "Hi"}, question.config)
    assert desk.inbox.get(old.id).status == "superseded"
    with pytest.raises(AlreadyDecided, match="superseded"):
        desk.inbox.decide(old.id, Approve(), by=MARIA)
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hi"]


def test_a_changed_state_supersedes_the_question(desk: Desk) -> None:
    """Nothing runs that was approved before the state changed."""
    app = desk.app(build(desk))
    question = desk.ask(app)
    old = question.review
    app.update_state(question.config, {"draft": "evil"}, as_node="__start__")
    with pytest.raises(Exception, match="ended"):
        desk.inbox.decide(old.id, Approve(), by=MARIA, seen=old)
    assert question.ran == []
    assert desk.inbox.get(old.id).status == "superseded"
    app.invoke(None, question.config)
    assert question.review.request["subject"] == "evil"


def test_another_graph_on_the_thread_supersedes_the_question(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    old = question.review
    desk.app(one_gate(human_approval("draft", inbox=desk.inbox)), "other").invoke(
        {"draft": "theirs"}, question.config
    )
    with pytest.raises(Exception, match="ended"):
        desk.inbox.decide(old.id, Approve(), by=MARIA)
    assert desk.inbox.get(old.id).status == "superseded"


def test_a_deleted_thread_supersedes_the_question(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    old = question.review
    desk.saver.delete_thread(question.thread)
    with pytest.raises(Exception, match="ended"):
        desk.inbox.decide(old.id, Approve(), by=MARIA)
    assert desk.inbox.get(old.id).status == "superseded"


# Several questions of one thread


def two_in_a_row(desk: Desk) -> Build:
    def made() -> Builder:
        builder: Builder = StateGraph(State)
        for name, then in (("manager", "director"), ("director", "act")):
            gate = human_approval("draft", inbox=desk.inbox, name=name)
            add_review(builder, name, gate, approved=then, rejected=END)
        builder.add_node("act", act)
        builder.add_edge(START, "manager")
        return builder

    return made


def test_an_answer_to_the_first_question_never_answers_the_second(desk: Desk) -> None:
    app = desk.app(two_in_a_row(desk))
    question = desk.ask(app)
    first = pending(app, question.config)[0]
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.review.action == "director"
    app.invoke(resume(first, Approve()), question.config)
    app.invoke(None, question.config)
    assert question.ran == []
    desk.inbox.decide(question.review.id, Approve(), by=JO)
    assert question.ran == ["act:Hello"]


def side_by_side(desk: Desk) -> Build:
    def made() -> Builder:
        builder: Builder = StateGraph(State)
        for name in ("left", "right"):
            gate = human_approval("draft", inbox=desk.inbox, name=name, write_back=False)
            add_review(builder, name, gate, approved=f"{name}-done", rejected=END)
            builder.add_node(f"{name}-done", noting(name))
            builder.add_edge(START, name)
        return builder

    return made


@pytest.mark.parametrize("resume_now", ["now", "worker"])
def test_parallel_questions_are_decided_one_by_one(desk: Desk, resume_now: Any) -> None:
    question = desk.ask(desk.app(side_by_side(desk)))
    left, right = sorted(question.reviews, key=lambda review: review.action)
    desk.inbox.decide(left.id, Approve(), by=MARIA, resume=resume_now)
    desk.inbox.decide(right.id, Reject(), by=JO, resume=resume_now)
    desk.inbox.work()
    assert question.ran == ["left:Hello"]
    assert {desk.inbox.get(review.id).status for review in (left, right)} == {"applied"}


def test_an_answer_with_the_address_of_an_old_checkpoint_loses(desk: Desk) -> None:
    """As a client sends it that keeps the configuration of the state that it showed."""
    app = desk.app(build(desk))
    question = desk.ask(app)
    shown = app.get_state(question.config).config
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    for answer in ({"type": "reject"}, ANSWER):
        state = app.invoke(Command(resume=answer), shown)
        assert state["review"]["decided_by"] == "maria"
    assert question.ran == ["act:Hello"]


def test_an_answer_with_the_address_of_the_newest_checkpoint_counts(desk: Desk) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    app.invoke(Command(resume=ANSWER), app.get_state(question.config).config)
    assert question.ran == ["act:Hello"]
