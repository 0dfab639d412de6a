"""What an approved action did is told by its node, and audited once."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, Reject, add_review, human_approval
from langgraph_hitl.errors import InboxError, RunFailed, UnknownReview
from langgraph_hitl.inbox import executed
from tests.apps import State
from tests.drivers import Build, Builder
from tests.inbox.audit.conftest import Week
from tests.inbox.desk import MARIA, Desk, Question


def graph(desk: Desk, act: Any, *, kind: type[Any] = State) -> Build:
    """A gate, and a node that acts and tells of it."""

    def build() -> Builder:
        builder: Builder = StateGraph(kind)
        gate = human_approval("draft", inbox=desk.inbox)
        add_review(builder, "gate", gate, approved="act", rejected=END)
        builder.add_node("act", act)
        builder.add_edge(START, "gate")
        builder.add_edge("act", END)
        return builder

    return build


def told(question: Question, review_id: str) -> list[Any]:
    history = question.desk.inbox.history(review_id)
    return [row.content for row in history if row.event == "executed"]


def test_the_result_stands_in_the_history_after_a_restart(desk: Desk) -> None:
    def act(state: State) -> dict[str, Any]:
        assert executed(state, {"receipt": 7})
        return {"ran": ["act"]}

    question = desk.ask(desk.app(graph(desk, act)))
    review = question.review
    desk.inbox.decide(review, Approve(), by=MARIA)
    desk.open()
    assert told(question, review.id) == [{"key": None, "result": {"receipt": 7}}]
    [line] = [line for line in desk.inbox.report() if line.event == "executed"]
    assert (line.actor, line.reason) == ("system:graph", '{"receipt": 7}')
    [row] = desk.inbox.export("decisions")
    assert [one["result"] for one in row["executed"]] == [{"receipt": 7}]
    assert desk.inbox.verify()


def test_a_node_that_runs_again_is_told_of_once(desk: Desk) -> None:
    said: list[bool] = []

    def act(state: State) -> dict[str, Any]:
        said.append(executed(state, len(said)))
        if len(said) == 1:
            raise RuntimeError("killed between the effect and the commit")
        return {}

    question = desk.ask(desk.app(graph(desk, act)))
    review = question.review
    with pytest.raises(RunFailed):
        desk.inbox.decide(review, Approve(), by=MARIA)
    question.app.invoke(None, question.config)
    assert said == [True, False]
    assert told(question, review.id) == [{"key": None, "result": 0}]


def test_several_actions_of_one_review_have_keys(desk: Desk) -> None:
    def act(state: State) -> dict[str, Any]:
        record = state["reviews"][-1]
        for item in ("a", "b", "a"):
            executed(record, item, key=item)
        return {}

    question = desk.ask(desk.app(graph(desk, act)))
    review = question.review
    desk.inbox.decide(review, Approve(), by=MARIA)
    assert [one["key"] for one in told(question, review.id)] == ["a", "b"]


async def test_in_a_node_that_is_asynchronous(desk: Desk) -> None:
    review = desk.ask(desk.app(graph(desk, lambda _state: {}))).review
    desk.inbox.decide(review, Approve(), by=MARIA)
    assert await desk.inbox.aexecuted(review.id, "done")


def test_what_failed_is_told_too(desk: Desk) -> None:
    def act(state: State) -> dict[str, Any]:
        executed(state, error=ValueError("no such account"))
        return {}

    question = desk.ask(desk.app(graph(desk, act)))
    review = question.review
    desk.inbox.decide(review, Approve(), by=MARIA)
    assert told(question, review.id) == [{"key": None, "error": "ValueError: no such account"}]


def test_by_hand_elsewhere(desk: Desk) -> None:
    question = desk.ask(desk.app(graph(desk, lambda _state: {})))
    review = question.review
    with pytest.raises(InboxError, match="is pending"):
        desk.inbox.executed(review.id, "paid")
    desk.inbox.decide(review, Reject("no"), by=MARIA)
    assert desk.inbox.executed(review.id, "paid all the same", by=MARIA)
    [row] = [row for row in desk.inbox.history(review.id) if row.event == "executed"]
    assert (row.actor, row.channel) == ("maria", "inbox")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"result": object()}, "is no JSON"),
        ({"result": float("nan")}, "is no JSON"),
        ({"result": "x" * 70_000}, "Keep it elsewhere"),
        ({"result": 1, "error": "2"}, "not both"),
        ({"result": 1, "key": " "}, "key= is a text"),
        ({"result": 1, "by": ""}, "by="),
    ],
)
def test_what_cannot_be_told(week: Week, given: dict[str, Any], said: str) -> None:
    week.decide("r1")
    with pytest.raises(InboxError, match=said):
        week.inbox.executed("r1", **given)
    with pytest.raises(UnknownReview):
        week.inbox.executed("r2", 1)


def test_outside_of_a_registered_graph(desk: Desk) -> None:
    with pytest.raises(InboxError, match=r"inbox\.executed"):
        executed({"review": {"review_id": "r1"}}, 1)
    builder: Any = StateGraph(State)
    builder.add_node("act", lambda state: {"ran": [str(executed(state, 1))]})
    builder.add_edge(START, "act")
    bare = builder.compile()
    with pytest.raises(InboxError, match="registered"):
        bare.invoke({"draft": "a"})
    app = desk.inbox.register(builder.compile(checkpointer=desk.saver), "bare")
    with pytest.raises(InboxError, match="been through a gate"):
        app.invoke({"draft": "a"}, {"configurable": {"thread_id": "t"}})


def test_what_nobody_decided_was_not_done(desk: Desk) -> None:
    question = desk.ask(desk.app(graph(desk, lambda state: {"ran": ["act"]})))
    review = question.review
    question.app.invoke({"draft": "Another"}, question.config)
    assert desk.inbox.get(review.id).status == "superseded"
    with pytest.raises(InboxError, match="is superseded"):
        desk.inbox.executed(review.id, {"receipt": 7})
    assert told(question, review.id) == []


def test_a_result_that_was_removed_does_not_come_back(desk: Desk) -> None:
    question = desk.ask(desk.app(graph(desk, lambda state: {"ran": ["act"]})))
    review = question.review
    desk.inbox.decide(review, Approve(), by=MARIA)
    assert desk.inbox.executed(review.id, {"receipt": 7}, key="first")
    desk.inbox.redact(review.id, by="privacy", reason="asked to")
    assert not desk.inbox.executed(review.id, {"receipt": 7}, key="first")
    assert not desk.inbox.executed(review.id, {"receipt": 8}, key="second")
    assert told(question, review.id) == [None]
    assert desk.inbox.verify()


def test_of_a_review_whose_content_was_removed_the_fact_is_kept(desk: Desk) -> None:
    question = desk.ask(desk.app(graph(desk, lambda state: {"ran": ["act"]})))
    review = question.review
    desk.inbox.decide(review, Approve(), by=MARIA)
    desk.inbox.redact(review.id, by="privacy", reason="asked to")
    assert desk.inbox.executed(review.id, {"receipt": 7})
    assert not desk.inbox.executed(review.id, {"receipt": 7})
    [row] = [row for row in desk.inbox.history(review.id) if row.event == "executed"]
    assert (row.actor, row.reason, row.content) == ("system:graph", None, None)
