"""A crowd in the inbox: each answers alone and once, and the time ends it without an answer."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Abstain,
    Choice,
    Choose,
    Edit,
    Reject,
    Reviewer,
    ReviewState,
    add_review,
    ask_human,
    consensus,
    crowd,
)
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised
from langgraph_hitl.panels import quorum
from langgraph_hitl.stats.dawid_skene import dawid_skene
from tests.drivers import Build, Builder
from tests.inbox.desk import Desk, Question

ANN, BOB, CEM = (Reviewer(name, roles=("labellers",)) for name in ("ann", "bob", "cem"))


class Picture(ReviewState, total=False):
    """What is looked at."""

    url: str
    animal: str


def build(desk: Desk, **options: Any) -> Build:
    def built() -> Builder:
        builder: Builder = StateGraph(Picture)
        gate = crowd(
            "What is it?",
            answer=Choice("cat", "dog", "neither"),
            of="labellers",
            people=3,
            into="animal",
            context=["url"],
            inbox=desk.inbox,
            **options,
        )
        add_review(builder, "label", gate, chosen="take", rejected="expert")
        for name in ("take", "expert"):
            builder.add_node(name, lambda state: {})
        builder.add_edge(START, "label")
        return builder

    return built


def ask(desk: Desk, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)), {"url": "1.png"})


def test_three_people_in_processes_of_their_own(desk: Desk) -> None:
    question = ask(desk)
    review_id = question.review.id
    for who, seen in ((ANN, "cat"), (BOB, "dog"), (CEM, "cat")):
        desk.open()
        question.app = desk.app(build(desk))
        desk.inbox.decide(review_id, Choose(seen), by=who)
    assert question.values["animal"] == "cat"
    assert consensus(question.values).counts == {"cat": 2, "dog": 1}
    assert desk.inbox.doctor().healthy
    assert desk.inbox.verify()


def test_nobody_is_told_what_the_others_have_said(desk: Desk) -> None:
    question = ask(desk)
    desk.inbox.decide(question.review, Choose("neither"), by=ANN)
    review = question.review
    assert desk.inbox.votes(review.id) == []
    assert "neither" not in str(review.request["panel"])
    assert desk.inbox.pending(reviewer=BOB)[0].request == review.request


def test_one_person_has_one_answer_and_others_have_none(desk: Desk) -> None:
    question = ask(desk)
    for seen in ("cat", "dog", "dog"):
        desk.inbox.decide(question.review, Choose(seen), by=ANN)
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(question.review, Choose("dog"), by="eve")
    desk.inbox.decide(question.review, Choose("cat"), by=BOB)
    assert question.review.status == "pending"
    desk.inbox.decide(question.review, Choose("dog"), by=CEM)
    assert consensus(question.values).counts == {"dog": 2, "cat": 1}


@pytest.mark.parametrize("wrong", [Choose("bird"), Choose("cat", "dog"), Edit("cat"), Reject()])
def test_what_is_no_answer_is_none(desk: Desk, wrong: Any) -> None:
    question = ask(desk)
    with pytest.raises(InvalidDecision):
        desk.inbox.decide(question.review, wrong, by=ANN)
    assert question.review.status == "pending"


def test_where_nobody_leads_it_is_for_the_expert_and_late_answers_are_late(desk: Desk) -> None:
    question = ask(desk)
    review = question.review
    for who, seen in ((ANN, "cat"), (BOB, "dog"), (CEM, "neither")):
        desk.inbox.decide(review.id, Choose(seen), by=who)
    assert question.record["outcome"] == "rejected"
    assert "animal" not in question.values
    with pytest.raises(AlreadyDecided):
        desk.inbox.decide(review.id, Choose("cat"), by=Reviewer("dan", roles=("labellers",)))


def test_who_abstains_supports_nothing(desk: Desk) -> None:
    question = ask(desk, consensus=0.1)
    review = question.review
    for who, said in ((ANN, Choose("cat")), (BOB, Abstain("blurred")), (CEM, Abstain())):
        desk.inbox.decide(review.id, said, by=who)
    assert question.record["outcome"] == "rejected"
    assert "animal" not in question.values
    found = consensus(question.values)
    assert (found.answer, round(found.confidence, 2)) == (None, 0.33)


def test_the_answers_of_many_questions_teach_whom_to_believe(desk: Desk) -> None:
    """Votes of the ledger are what Dawid and Skene's estimate takes."""
    answers: list[tuple[str, str, str]] = []
    app = desk.app(build(desk))
    for number in range(20):
        truth, wrong = ("cat", "dog") if number % 2 else ("dog", "cat")
        question = desk.ask(app, {"url": f"{number}.png"})
        review = question.review
        for who, seen in ((ANN, truth), (BOB, truth), (CEM, wrong)):
            desk.inbox.decide(review.id, Choose(seen), by=who)
        answers += [
            (review.id, vote.voter, vote.decision["choices"][0])
            for vote in desk.inbox.votes(review.id)
        ]
    believed = consensus(question.values, skills=dawid_skene(answers))
    assert (believed.answer, believed.confidence > 0.9) == ("cat", True)


def test_a_question_whose_votes_come_to_nothing_is_refused(desk: Desk) -> None:
    """Nobody can reject a question; its panel can end without an answer."""
    gate = ask_human("Which?", answer=Choice("a", "b"), reviewers=quorum(2, of=2), inbox=desk.inbox)
    builder: Builder = StateGraph(Picture)
    builder.add_node("ask", gate)
    builder.add_edge(START, "ask")
    question = desk.ask(desk.app(lambda: builder), {"url": "1.png"})
    review = question.review
    desk.inbox.decide(review, Choose("a"), by="ann")
    done = desk.inbox.decide(review, Choose("b"), by="bob")
    assert (done.status, done.outcome, done.decided_by) == ("applied", "rejected", "panel")
    assert question.record["outcome"] == "rejected"
