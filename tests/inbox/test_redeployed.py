"""Between a question and its answer the code may become another: nothing decided counts for it.

The review that waited is superseded, whoever decided is told why, and the graph asks anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Choice, Items, Reject, ask_human, committee, human_approval
from langgraph_hitl.errors import StaleReview
from langgraph_hitl.panels import quorum
from langgraph_hitl.patterns import plan_approval
from tests.apps import APPROVAL, one_gate
from tests.copies import copy_thread
from tests.drivers import Build
from tests.inbox.desk import JO, MARIA, Desk, Question, on_sqlite

PAYMENTS = [{"line": "1", "number": "2"}, {"line": "2", "number": "1"}]
ONE_OF_TWO = Items({"1": Approve(), "2": Reject()})
PARTLY = {**APPROVAL, "partial": "act"}
BOTH = quorum(2, of="editors")


def archive(desk: Desk) -> Build:
    return one_gate(human_approval("draft", action="archive", inbox=desk.inbox))


def delete(desk: Desk) -> Build:
    return one_gate(human_approval("draft", action="delete", inbox=desk.inbox))


def by_line(desk: Desk) -> Build:
    return one_gate(plan_approval("draft", item_id="line", inbox=desk.inbox), PARTLY)


def by_number(desk: Desk) -> Build:
    return one_gate(plan_approval("draft", item_id="number", inbox=desk.inbox), PARTLY)


def asking(desk: Desk) -> Build:
    which = ask_human("Which?", answer=Choice("a", "b"), into="answer", inbox=desk.inbox)
    return one_gate(which, {"chosen": "act", "cancelled": "stop"})


CASES = [
    pytest.param(archive, delete, Approve(), "action was 'archive' and is 'delete'", id="action"),
    pytest.param(by_line, by_number, ONE_OF_TWO, "item_id was 'line' and is 'number'", id="items"),
    pytest.param(archive, asking, Approve(), "pattern was 'human_approval'", id="question"),
]


def redeployed(question: Question, build: Any) -> None:
    """Another process, whose code is another."""
    question.desk.open()
    question.app = question.desk.app(build(question.desk))


def check_asked_anew(question: Question, old: str, told: str) -> None:
    assert question.ran == []
    assert question.review.id != old
    assert told in question.review.request["finding"]["sentence"]
    assert question.events(old)[-1] == "superseded"
    assert question.desk.inbox.get(old).status == "superseded"
    assert told in str(question.desk.inbox.history(old)[-1].reason)
    assert question.desk.inbox.verify().ok


@pytest.mark.parametrize(("before", "after", "answer", "told"), CASES)
def test_whoever_decides_after_it_is_told(
    desk: Desk, before: Any, after: Any, answer: Any, told: str
) -> None:
    question = desk.ask(desk.app(before(desk)), {"draft": PAYMENTS})
    old = question.review.id
    redeployed(question, after)
    with pytest.raises(StaleReview, match=told.split("'")[0]):
        desk.inbox.decide(old, answer, by=MARIA)
    check_asked_anew(question, old, told)


@pytest.mark.parametrize(("before", "after", "answer", "told"), CASES)
def test_what_was_decided_before_it_is_not_applied(
    desk: Desk, before: Any, after: Any, answer: Any, told: str
) -> None:
    question = desk.ask(desk.app(before(desk)), {"draft": PAYMENTS})
    old = question.review.id
    desk.inbox.decide(old, answer, by=MARIA, resume="worker")
    redeployed(question, after)
    assert desk.inbox.work().failed == {}
    check_asked_anew(question, old, told)
    assert "settled" in question.events(old)


@pytest.mark.parametrize(("before", "after", "answer", "told"), CASES)
def test_a_worker_that_comes_after_it_asks_anew(
    desk: Desk, before: Any, after: Any, answer: Any, told: str
) -> None:
    question = desk.ask(desk.app(before(desk)), {"draft": PAYMENTS})
    old = question.review.id
    redeployed(question, after)
    desk.inbox.decide(old, answer, by=MARIA, resume="worker")
    desk.inbox.work()
    check_asked_anew(question, old, told)


def test_the_new_review_is_decided_and_applied(desk: Desk) -> None:
    question = desk.ask(desk.app(archive(desk)))
    redeployed(question, delete)
    with pytest.raises(StaleReview):
        desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert desk.inbox.decide(question.review.id, Approve(), by=MARIA).status == "applied"
    assert question.ran == ["act:Hello"]
    assert question.record["action"] == "delete"


def test_a_committee_that_lost_its_chair_starts_anew(desk: Desk) -> None:
    def board(desk: Desk) -> Build:
        gate = committee("draft", action="a", members=BOTH, chair="head", inbox=desk.inbox)
        return one_gate(gate)

    def members(desk: Desk) -> Build:
        return one_gate(human_approval("draft", action="a", reviewers=BOTH, inbox=desk.inbox))

    question = desk.ask(desk.app(board(desk)))
    old = question.review.id
    desk.inbox.decide(old, Approve("fine"), by=MARIA)
    redeployed(question, members)
    with pytest.raises(StaleReview, match="chair was True and is False"):
        desk.inbox.decide(old, Approve("fine"), by=JO)
    assert question.ran == []
    assert question.review.request["panel"]["cast"] == 0


def test_other_reviewers_are_those_of_the_review_as_before(desk: Desk) -> None:
    """The ledger has kept who decides it."""
    question = desk.ask(desk.app(archive(desk)))

    def named(desk: Desk) -> Build:
        gate = human_approval("draft", action="archive", inbox=desk.inbox, reviewers="security")
        return one_gate(gate)

    redeployed(question, named)
    assert desk.inbox.decide(question.review.id, Approve(), by="eve").status == "applied"


def test_a_cancelled_review_is_not_asked_anew(desk: Desk) -> None:
    question = desk.ask(desk.app(archive(desk)))
    desk.inbox.cancel(question.review.id, by=MARIA, reason="no", resume="worker")
    redeployed(question, delete)
    desk.inbox.work()
    assert question.reviews == []
    assert (question.record["outcome"], question.ran) == ("cancelled", ["stop:Hello"])


@pytest.mark.parametrize("decided", ["before", "after"])
def test_a_copy_of_a_thread_asks_for_itself(tmp_path: Path, decided: str) -> None:
    with on_sqlite(tmp_path) as desk:
        question = desk.ask(desk.app(archive(desk)))
        old = question.review.id
        if decided == "before":
            desk.inbox.decide(old, Approve(), by=MARIA, resume="worker")
        copy_thread(desk.saver, question.thread, "copy")
        if decided == "after":
            desk.inbox.decide(old, Approve(), by=MARIA, resume="worker")
        copied: Any = {"configurable": {"thread_id": "copy"}}
        question.app.invoke(None, copied)
        (own,) = desk.inbox.pending(thread="copy")
        assert own.id != old
        assert question.app.get_state(copied).values.get("ran") == []
        desk.inbox.work()
        assert (question.ran, question.record["review_id"]) == (["act:Hello"], old)
        desk.inbox.decide(own.id, Reject(), by=MARIA)
        assert question.app.get_state(copied).values["ran"] == ["stop:Hello"]
        assert desk.inbox.get(old).status == "applied"
