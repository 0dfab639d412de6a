"""A text that people and a model edit together, in the inbox."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Command

from langgraph_hitl import Approve, Edit, Items, Reject, Revise, Skip
from langgraph_hitl.errors import AlreadyDecided, NotAuthorised, RunFailed
from langgraph_hitl.panels import quorum
from langgraph_hitl.testing import FixedClock
from tests.drivers import Build
from tests.inbox.desk import EVE, JO, MARIA, Desk, Question
from tests.patterns.rounds import Told
from tests.patterns.test_co_edit import PLACE, TEXT, TYPO, built


def build(desk: Desk, suggest: Any = None, **options: Any) -> Build:
    model = Told([TYPO, PLACE], []) if suggest is None else suggest
    return lambda: built(model, inbox=desk.inbox, **options)


def ask(desk: Desk, suggest: Any = None, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, suggest, **options)), {"draft": TEXT})


def test_whoever_may_decides_suggestions_and_text(desk: Desk) -> None:
    question = ask(desk, reviewers="editors", queue="texts")
    first = question.review
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(first.id, Approve(), by=EVE)
    desk.inbox.decide(first.id, Items({"1": Approve(), "2": Skip()}), by=MARIA, seen=first)
    second = question.review
    assert (first.gate, second.gate) == ("edit|edit_suggestions", "edit|edit_text")
    assert second.request["subject"] == "It was a great day. We went home."
    desk.inbox.decide(second.id, Edit("It was great."), by=MARIA)
    desk.inbox.decide(second.id, Revise("and the other one?"), by=JO)
    (left,) = question.review.request["subject"]
    assert left["conflict"] == "its words are not in the text"
    desk.inbox.decide(question.review.id, Reject("gone"), by=JO)
    desk.inbox.decide(question.review.id, Approve(), by=JO)
    assert question.values["went"] == "publish: It was great."
    assert [(one["event"], one.get("by")) for one in question.values["edit_history"]] == [
        ("begun", None),
        ("suggestions", "maria"),
        ("text", "jo"),
        ("suggestions", "jo"),
        ("text", "jo"),
    ]
    assert desk.inbox.verify()


def test_four_eyes_and_a_worker_in_another_process(desk: Desk) -> None:
    question = ask(desk, reviewers=quorum(2, of="editors"))
    desk.open()
    for who in (MARIA, JO):
        desk.inbox.decide(
            question.review.id, Items({"1": Approve(), "2": Reject()}), by=who, resume="worker"
        )
    app = desk.app(build(desk, reviewers=quorum(2, of="editors")))
    desk.inbox.work()
    for who in (MARIA, JO):
        desk.inbox.decide(question.review.id, Approve(), by=who)
    assert app.get_state(question.config).values["went"].startswith("publish: It was a great")


def test_two_people_at_once_and_a_raw_answer(desk: Desk) -> None:
    question = ask(desk, reviewers="editors")
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    with pytest.raises(AlreadyDecided):
        desk.inbox.decide(review.id, Reject(), by=JO)
    question.app.invoke(Command(resume={"type": "approve"}), question.config)
    assert question.review.request["subject"] == "It was a great day. We went out."
    assert "went" not in question.values


@pytest.mark.parametrize("sittings", [0, 1, 2])
def test_time_that_runs_out_approves_nothing(timed: Desk, clock: FixedClock, sittings: int) -> None:
    question = ask(timed, timeout="24h", timed_out="expert")
    said = [Items({"1": Approve()}), Items({"2": Approve()})]
    for decision in said[:sittings]:
        timed.inbox.decide(question.review.id, decision, by=MARIA)
    clock.advance(hours=25)
    assert timed.inbox.work().timed == 1
    assert (question.values["went"], question.values["draft"]) == ("expert", TEXT)
    event = question.values["edit_history"][-1]
    assert (event["outcome"], event["by"]) == ("timed_out", "system:deadline")


@pytest.mark.parametrize("number", [1, 2])
def test_a_cancelled_review_approves_nothing(desk: Desk, number: int) -> None:
    question = ask(desk)
    if number == 2:
        desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    desk.inbox.cancel(question.review.id, by=MARIA, reason="withdrawn")
    assert (question.values["went"], question.values["draft"]) == ("archive", TEXT)


def test_garbage_of_the_model_leaves_the_decision_and_the_thread_goes_on(desk: Desk) -> None:
    model = Told([TYPO], "nonsense")
    question = ask(desk, model)
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    with pytest.raises(RunFailed, match="suggest= returned 'nonsense'"):
        desk.inbox.decide(question.review.id, Revise("more"), by=MARIA)
    model.rounds = ([TYPO], [PLACE])
    question.app.invoke(None, question.config)
    assert [one["id"] for one in question.review.request["subject"]] == ["2"]
