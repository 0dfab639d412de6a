"""A plan that people and a model make together, in the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Items, Reject, Respond, Revise
from langgraph_hitl.errors import InvalidDecision, NotAuthorised, RunFailed
from langgraph_hitl.panels import quorum
from langgraph_hitl.testing import FixedClock
from tests.drivers import Build
from tests.inbox.desk import EVE, JO, MARIA, Desk, Question
from tests.patterns.test_plan_together import TRIP, Hands, Model, built


def build(desk: Desk, hands: Any, propose: Any = None, **options: Any) -> Build:
    model = Model() if propose is None else propose
    return lambda: built(model, hands, inbox=desk.inbox, **options)


def ask(desk: Desk, hands: Any, propose: Any = None, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, hands, propose, **options)), {"goal": "the sea"})


def test_plan_questions_and_steps(desk: Desk) -> None:
    hands = Hands()
    question = ask(desk, hands, reviewers="editors")
    plan = question.review
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(plan.id, Approve(), by=EVE)
    desk.inbox.decide(plan.id, Revise("cheaper", parts={"q1": "In May"}), by=MARIA)
    again = question.review
    assert again.request["context"]["answers"] == {"q1": "In May"}
    mine = [*again.request["subject"], {"id": "mine", "do": "swim"}]
    desk.inbox.decide(again.id, Items({"3": Reject()}), by=JO)
    left = [step for step in mine if step["id"] != "3"]
    desk.inbox.decide(again.id, Edit(left), by=JO)
    assert question.review.request["subject"] == left
    desk.inbox.decide(again.id, Approve(), by=MARIA)
    card = question.review
    assert (card.gate, card.request["subject"]) == ("trip|trip_question", "Which card?")
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(card.id, Respond("mine"), by=EVE)
    desk.inbox.decide(card.id, Respond("the blue one"), by=JO)
    assert hands.ran == [("book", None), ("pay", "the blue one"), ("swim", None)]
    assert question.values["went"] == "report"
    assert desk.inbox.verify()


@pytest.mark.parametrize("registered", [True, False])
def test_an_answer_to_no_question_is_refused_and_uses_up_no_round(
    desk: Desk, registered: bool
) -> None:
    model = Model()
    before = ask(desk, Hands(), model).review
    if not registered:
        desk.open()
    wrong = Revise("cheaper", parts={"q2": "By train"})
    with pytest.raises(InvalidDecision, match=r"there is no 'q2', only q1, 1, 2, 3$"):
        desk.inbox.decide(before.id, wrong, by=MARIA, resume="now" if registered else "worker")
    after = desk.inbox.get(before.id)
    assert (after.status, after.round, after.digest) == ("pending", before.round, before.digest)
    assert len(model.asked) == 1


def test_several_people_decide_on_a_list_of_ones_own(desk: Desk) -> None:
    hands = Hands()
    question = ask(desk, hands, Model(["book"]), reviewers=quorum(2, of="editors"))
    mine = Edit([{"id": "1", "do": "walk"}])
    review = question.review
    for who in (MARIA, JO):
        desk.inbox.decide(review.id, mine, by=who)
    assert hands.given == []
    assert "moved_up" not in question.events(review.id)
    for who in (MARIA, JO):
        desk.inbox.decide(review.id, Approve(), by=who)
    assert hands.ran == [("walk", None)]


def test_another_process_finishes_what_was_decided(desk: Desk) -> None:
    hands = Hands()
    question = ask(desk, hands)
    review = question.review
    desk.open()
    desk.inbox.decide(review.id, Approve(), by=MARIA, resume="worker")
    assert hands.given == []
    desk.app(build(desk, hands))
    desk.inbox.work()
    assert hands.ran == [("book", None)]
    desk.inbox.work()
    assert hands.ran == [("book", None)]


def test_a_step_that_fails_runs_again_and_those_before_it_do_not(desk: Desk) -> None:
    ran: list[str] = []

    def execute(given: dict[str, Any]) -> None:
        ran.append(given["step"]["do"])
        if ran == ["book", "pay"]:
            raise TimeoutError("the bank does not answer")

    question = ask(desk, execute, Model(["book", "pay", "go"]))
    with pytest.raises(RunFailed, match="the bank does not answer"):
        desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    question.app.invoke(None, question.config)
    assert ran == ["book", "pay", "pay", "go"]
    assert question.values["went"] == "report"


@pytest.mark.parametrize("step", ["plan", "question"])
def test_time_that_runs_out_runs_nothing_more(timed: Desk, clock: FixedClock, step: str) -> None:
    hands = Hands()
    question = ask(timed, hands, timeout="24h", timed_out="later", halted="by hand")
    if step == "question":
        timed.inbox.decide(question.review.id, Approve(), by=MARIA)
    else:
        timed.inbox.decide(question.review.id, Items({"1": Approve()}), by=MARIA)
    clock.advance(hours=25)
    timed.inbox.work()
    went = {"plan": "later", "question": "by hand"}
    assert question.values["went"] == went[step]
    assert len(hands.given) == (step == "question")


def test_garbage_of_the_model_leaves_the_decision_and_the_thread_goes_on(desk: Desk) -> None:
    model = Model(TRIP, {"steps": []})
    hands = Hands()
    question = ask(desk, hands, model)
    with pytest.raises(RunFailed, match="propose=: the steps cannot be decided"):
        desk.inbox.decide(question.review.id, Revise("more"), by=MARIA)
    model.rounds = (TRIP, ["walk"])
    question.app.invoke(None, question.config)
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert hands.ran == [("walk", None)]
