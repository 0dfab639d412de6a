"""A node that fails for good, in the inbox: who says how to go on, and that it runs no oftener."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda
from langgraph.graph import START, StateGraph

from langgraph_hitl import Choose, Edit, Respond, Reviewer, with_escalation
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised
from langgraph_hitl.testing import FixedClock
from tests.apps import State
from tests.drivers import Build, Builder
from tests.inbox.desk import EVE, JO, MARIA, Desk, Question

ACTED: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_acted() -> None:
    ACTED.clear()


def publish(state: State) -> dict[str, Any]:
    ACTED.append(state["draft"])
    if state["draft"] == "Hello":
        raise ConnectionError("the site is away")
    return {"ran": [f"published {state['draft']}"]}


def noting(word: str) -> Any:
    return RunnableLambda(lambda _: {"ran": [word]}, name=word)


def build(desk: Desk, **options: Any) -> Build:
    def built() -> Builder:
        builder: Builder = StateGraph(State)
        with_escalation(
            builder,
            "publish",
            publish,
            then="tell",
            aborted="clean up",
            reads=["draft"],
            inbox=desk.inbox,
            **options,
        )
        builder.add_node("tell", noting("tell"))
        builder.add_node("clean up", noting("clean up"))
        builder.add_edge(START, "publish")
        return builder

    return built


def fail(desk: Desk, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)))


def test_a_person_mends_the_input_in_another_process(desk: Desk) -> None:
    question = fail(desk, reviewers="editors")
    review = question.review
    assert review.request["context"]["error"] == "ConnectionError: the site is away"
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(review.id, Choose("retry"), by=EVE)
    desk.open()
    question.app = desk.app(build(desk, reviewers="editors"))
    done = desk.inbox.decide(review.id, Edit({"draft": "Hi"}), by=MARIA)
    assert (done.status, done.outcome) == ("applied", "edited")
    assert question.ran == ["published Hi", "tell"]
    assert ACTED == ["Hello", "Hi"]
    with pytest.raises(AlreadyDecided):
        desk.inbox.decide(review.id, Choose("retry"), by=JO)
    assert desk.inbox.doctor().healthy
    assert desk.inbox.verify()


def test_it_acts_as_often_as_was_decided_however_often_it_is_looked_at(desk: Desk) -> None:
    question = fail(desk)
    for again in (1, 2):
        for _ in range(3):
            desk.inbox.get(question.review.id)
            desk.inbox.work()
        assert ["Hello"] * again == ACTED
        desk.inbox.decide(question.review.id, Choose("retry"), by=MARIA, resume="worker")
        assert ["Hello"] * again == ACTED
        desk.inbox.work()
    desk.inbox.decide(question.review.id, Respond({"ran": ["by hand"]}), by=MARIA)
    assert ACTED == ["Hello"] * 3
    assert question.ran == ["by hand", "tell"]


def test_without_the_graph_an_answer_is_checked_by_what_was_filed(desk: Desk) -> None:
    review_id = fail(desk).review.id
    desk.open()
    misspelt = (Edit({"daft": "Hi"}), Edit("Hi"), Respond({"daft": "Hi"}))
    for decision in (*misspelt, Respond("x"), Choose("again")):
        with pytest.raises(InvalidDecision):
            desk.inbox.decide(review_id, decision, by=MARIA, resume="worker")
    assert ACTED == ["Hello"]


def test_without_the_graph_an_edit_says_what_changes(desk: Desk) -> None:
    question = fail(desk)
    subject = question.review.request["subject"]
    desk.open()
    review = desk.inbox.decide(question.review.id, Edit({"draft": "Hi"}), by=MARIA, resume="worker")
    assert review.status == "settled"
    question.app = desk.app(build(desk))
    desk.inbox.work()
    (record,) = question.app.get_state(question.config).values["reviews"]
    assert record["value"] == {**subject, "draft": "Hi"}
    assert ACTED == ["Hello", "Hi"]


@pytest.mark.parametrize("ends", ["time", "cancel", "abort"])
def test_everything_else_stops_it(timed: Desk, clock: FixedClock, ends: str) -> None:
    question = fail(timed, timeout="1h")
    match ends:
        case "time":
            clock.advance(hours=2)
            timed.inbox.work()
        case "cancel":
            timed.inbox.cancel(question.review.id, by=Reviewer("maria"))
        case _:
            timed.inbox.decide(question.review.id, Choose("abort"), by=MARIA)
    assert question.ran == ["clean up"]
    assert ACTED == ["Hello"]
