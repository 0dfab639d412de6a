"""A thread that was deleted behind the inbox: nothing is approved, and nobody else is held up."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, human_approval
from langgraph_hitl.errors import StaleReview
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import JO, MARIA, Desk


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def test_a_decision_about_it_is_told_and_runs_nothing(desk: Desk) -> None:
    app = desk.app(build(desk))
    gone, other = desk.ask(app), desk.ask(app)
    review_id = gone.review.id
    desk.saver.delete_thread(gone.thread)
    with pytest.raises(StaleReview):
        desk.inbox.decide(review_id, Approve(), by=MARIA)
    assert desk.inbox.get(review_id).status == "superseded"
    assert app.get_state(gone.config).values == {}
    assert desk.inbox.decide(other.review.id, Approve(), by=JO).status == "applied"
    assert desk.inbox.doctor().healthy
    assert desk.inbox.verify()


def test_what_was_decided_before_is_ended_by_a_worker_that_goes_on(desk: Desk) -> None:
    app = desk.app(build(desk))
    gone, other = desk.ask(app), desk.ask(app)
    review_id = gone.review.id
    for question in (gone, other):
        desk.inbox.decide(question.review.id, Approve(), by=MARIA, resume="worker")
    desk.saver.delete_thread(gone.thread)
    report = desk.inbox.work()
    assert report.failed == {}
    assert desk.inbox.get(review_id).status == "superseded"
    assert app.get_state(gone.config).values == {}
    assert other.ran == ["act:Hello"]
    assert desk.inbox.doctor().healthy


def test_the_audit_outlives_it(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review_id = question.review.id
    desk.inbox.decide(review_id, Approve(), by=MARIA)
    desk.saver.delete_thread(question.thread)
    assert [row.event for row in desk.inbox.history(review_id)] == ["filed", "settled", "applied"]
    assert desk.inbox.doctor().healthy
