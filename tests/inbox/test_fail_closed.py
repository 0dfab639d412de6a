"""The guarantees that langgraph pull request 8169 lists for an approval, each through the inbox.

Two of its lines stand elsewhere: expiry comes with deadlines, and what is denied without asking
anybody is a condition of the graph.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from langgraph.types import Command

from langgraph_hitl import Approve, Edit, human_approval
from langgraph_hitl.errors import AlreadyDecided, StaleReview
from langgraph_hitl.triggers import predicate
from tests.apps import one_gate
from tests.drivers import App
from tests.inbox.desk import JO, MARIA, Desk, Question

APPROVE = {"type": "approve"}


def app_of(desk: Desk, **options: Any) -> App:
    return desk.app(one_gate(human_approval("draft", inbox=desk.inbox, **options)))


def asked(desk: Desk, **options: Any) -> Question:
    return desk.ask(app_of(desk, **options))


def by_id(question: Question, answer: Any) -> Command[Any]:
    """An answer to what the thread shows now."""
    [shown] = question.app.get_state(question.config).interrupts
    return Command(resume={shown.id: answer})


def test_what_needs_no_approval_runs_without_an_interruption(desk: Desk) -> None:
    risky = predicate(lambda state: state["draft"] != "Hello", "It is new.", reads="draft")
    app = app_of(desk, when=risky)
    done = app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": "t"}})
    assert done["ran"] == ["act:Hello"]
    assert desk.inbox.pending() == []


def test_the_pending_record_is_there_before_anything_runs(desk: Desk) -> None:
    question = asked(desk)
    assert question.review.status == "pending"
    assert question.ran == []


@pytest.mark.parametrize(
    "claim",
    [{"review_id": "another"}, {"digest": "sha256:" + 64 * "0"}],
    ids=["another review", "another version"],
)
def test_an_answer_to_something_else_does_not_count(desk: Desk, claim: dict[str, str]) -> None:
    question = asked(desk)
    with pytest.raises(Exception, match=r"another|version|digest"):
        question.app.invoke(by_id(question, APPROVE | claim), question.config)
    assert question.ran == []
    assert question.review.status == "pending"


def test_the_digest_of_another_version_does_not_count(desk: Desk) -> None:
    question = asked(desk)
    with pytest.raises(StaleReview):
        desk.inbox.decide(question.review.id, Approve(), by=MARIA, seen="sha256:" + 64 * "0")
    assert question.ran == []


def test_edited_content_has_another_digest_and_needs_a_fresh_approval(desk: Desk) -> None:
    question = asked(desk, resubmit_edits=True)
    before = question.review
    desk.inbox.decide(before.id, Edit("Hi"), by=MARIA, seen=before)
    assert question.ran == []
    assert question.review.digest != before.digest
    desk.inbox.decide(before.id, Approve(), by=JO, seen=question.review)
    assert question.ran == ["act:Hi"]


def test_what_was_cancelled_cannot_be_resumed(desk: Desk) -> None:
    question = asked(desk)
    review, answer = question.review, by_id(question, APPROVE)
    desk.inbox.cancel(review.id, by=MARIA)
    with pytest.raises(AlreadyDecided):
        desk.inbox.decide(review.id, Approve(), by=JO)
    question.app.invoke(answer, question.config)
    assert question.ran == ["stop:Hello"]


@pytest.mark.parametrize("raw", [False, True], ids=["decide", "Command"])
def test_what_was_decided_cannot_be_decided_again(desk: Desk, raw: bool) -> None:
    question = asked(desk)
    review, answer = question.review, by_id(question, APPROVE)
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    if raw:
        question.app.invoke(answer, question.config)
    else:
        with pytest.raises(AlreadyDecided):
            desk.inbox.decide(review.id, Approve(), by=JO)
    assert question.ran == ["act:Hello"]
    assert desk.inbox.get(review.id).decided_by == "maria"


@pytest.mark.parametrize(
    "malformed",
    [None, "", "yes", True, [], {}, {"type": "approved"}, {"approve": True}, [APPROVE, APPROVE]],
    ids=repr,
)
def test_a_malformed_answer_runs_nothing(desk: Desk, malformed: Any) -> None:
    question = asked(desk)
    with suppress(ValueError):  # an empty one is no answer at all: the question stands
        question.app.invoke(by_id(question, malformed), question.config)
    assert question.ran == []
    assert question.review.status == "pending"
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]
