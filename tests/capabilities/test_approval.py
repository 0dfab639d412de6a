"""A1, A2, A6 to A9 and A15: what is asked and how it is answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Defer,
    Edit,
    Escalate,
    Inbox,
    Items,
    Reject,
    Respond,
    Reviewer,
    Revise,
    Skip,
    add_review,
    approved_items,
    await_review,
    human_approval,
    plan_approval,
    send_items,
    submit_review,
)
from langgraph_hitl.errors import ContextMissing
from langgraph_hitl.panels import chain
from langgraph_hitl.precedents import by_keys
from langgraph_hitl.triggers import (
    risk_at_least,
)
from tests.capabilities.world import State, World
from tests.drivers import Builder

ANN = Reviewer("ann", level="member")
LEA = Reviewer("lea", level="lead")
PAYMENT = {"to": "ACME", "amount": 120}


@pytest.mark.parametrize(
    ("decision", "outcome", "way"),
    [
        (Approve(), "approved", "run"),
        (Edit("Hi"), "edited", "run_edited"),
        (Reject("no"), "rejected", "stop"),
        (None, "timed_out", "ask_later"),
    ],
)
def test_a1_an_approval_gate_has_four_ways_out(
    world: World, decision: Any, outcome: str, way: str
) -> None:
    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "draft",
            action="post",
            context=["sources"],
            inbox=inbox,
            timeout="1d",
            requester="asked_by",
        )
        ways = {"approved": "run", "edited": "run_edited", "rejected": "stop"}
        return world.graph(gate, **ways, timed_out="ask_later")

    with world.visit(build) as visit:
        visit.start({"draft": "Hello", "sources": ["a"], "asked_by": "rob"})
    with world.visit(build) as visit:
        review = visit.review()
        request = review.request
        assert review.id.startswith("rv-")
        assert (request["subject"], request["context"]) == ("Hello", {"sources": ["a"]})
        assert review.requester == "rob"
        assert datetime.fromisoformat(request["asked_at"]) == world.clock()
        assert review.due == world.clock() + timedelta(days=1)
        if decision is None:
            world.clock.advance(days=1)
            visit.inbox.work()
        else:
            visit.decide(decision)
    with world.visit(build) as visit:
        assert (visit.state()["review"]["outcome"], visit.state()["went"]) == (outcome, way)
    assert world.ran == [way]


def test_a2_feedback_leads_to_a_new_version_and_rounds_are_bounded(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        shorter = FakeListChatModel(responses=["Hello."])
        gate = human_approval("draft", revise=shorter, max_revisions=1, inbox=inbox)
        return world.graph(gate)

    with world.visit(build) as visit:
        visit.start({"draft": "Hello, everybody."})
    with world.visit(build) as visit:
        visit.decide(Revise("shorter"))
        assert visit.review().request["subject"] == "Hello."
    with world.visit(build) as visit:
        visit.decide(Revise("shorter still"))
        record = visit.state()["review"]
    assert (record["outcome"], record["round"], world.ran) == ("rejected", 1, ["stop"])
    assert len(record["history"]) == 1
    assert [item["feedback"] for item in record["decisions"]] == ["shorter", "shorter still"]


@pytest.mark.parametrize(
    ("decision", "outcome", "feedback"),
    [
        (Approve(), "approved", None),
        (Approve("next time with a picture"), "approved", "next time with a picture"),
        (Edit("Hi", "typo"), "edited", "typo"),
        (Reject("not our style"), "rejected", "not our style"),
        (Revise("shorter", parts={"title": "dull"}), "needs_revision", "shorter\ntitle: dull"),
        (Respond("I answered myself"), "answered", None),
    ],
)
def test_a6_what_one_can_decide(
    world: World, decision: Any, outcome: str, feedback: str | None
) -> None:
    allowed = ["approve", "edit", "reject", "revise", "respond"]

    def build(inbox: Inbox) -> Builder:
        gate = human_approval("draft", allowed_decisions=allowed, inbox=inbox)
        return world.graph(gate, approved="run", answered="run", rejected="stop")

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
    with world.visit(build) as visit:
        visit.decide(decision)
    with world.visit(build) as visit:
        record = visit.state()["review"]
    assert (record["outcome"], record["feedback"]) == (outcome, feedback)


def test_a6_what_is_deferred_comes_back_and_what_is_escalated_goes_up(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        gate = human_approval("draft", inbox=inbox, reviewers=chain("member", "lead"))
        return world.graph(gate)

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
        visit.decide(Defer(world.clock() + timedelta(days=2)), by=ANN)
    with world.visit(build) as visit:
        assert visit.inbox.pending(reviewer=ANN) == []
        world.clock.advance(days=2)
        visit.decide(Escalate("unsure"), by=ANN, reviewer=ANN)
        assert visit.inbox.pending(reviewer=ANN) == []
    with world.visit(build) as visit:
        visit.decide(Approve(), by=LEA, reviewer=LEA)
    assert world.ran == ["run"]


def test_a7_the_request_has_all_that_the_decision_needs(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "payment",
            action="pay",
            context=lambda state: {
                "rationale": "ordered",
                "alternatives": ["wait"],
                "to": state["payment"]["to"],
            },
            reads=["payment"],
            required_context=["rationale"],
            criteria=["The supplier is known."],
            revise=lambda state: {"payment": {**state["payment"], "amount": 100}},
            similar=by_keys("to"),
            inbox=inbox,
        )
        return world.graph(gate)

    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT}, thread="earlier")
        visit.decide(Approve("a good customer"))
        visit.start({"payment": PAYMENT})
    with world.visit(build) as visit:
        visit.decide(Revise("less"))
        request = visit.review().request
        assert request["context"]["rationale"] == "ordered"
        assert request["criteria"] == ["The supplier is known."]
        assert request["history"][0]["diff"]
        (earlier,) = request["similar"]
        assert earlier["outcome"] == "approved"
        visit.decide(Approve())
    assert world.ran == ["run", "run"]


def test_a7_missing_context_is_an_error_before_anybody_is_asked(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "draft", context=["sources"], required_context=["sources"], inbox=inbox
        )
        return world.graph(gate)

    with world.visit(build) as visit, pytest.raises(ContextMissing, match="sources"):
        visit.start({"draft": "Hello"})
    with world.visit(build) as visit:
        assert visit.inbox.pending() == []
        visit.start({"draft": "Hello", "sources": ["a"]}, thread="2")
    with world.visit(build) as visit:
        visit.decide(Approve())
    assert world.ran == ["run"]


def test_a8_a_list_is_decided_item_by_item(world: World) -> None:
    paid: list[tuple[str, int]] = []

    def pay(item: Any) -> dict[str, Any]:
        paid.append((item["id"], item["value"]["amount"]))
        return {}

    def build(inbox: Inbox) -> Builder:
        builder: Builder = StateGraph(State)
        builder.add_node("gate", plan_approval("items", action="pay", inbox=inbox))
        builder.add_node("pay", RunnableLambda(pay))
        builder.add_edge(START, "gate")
        builder.add_conditional_edges("gate", send_items("pay", key="items"))
        return builder

    with world.visit(build) as visit:
        visit.start({"items": [{"id": name, "amount": 10} for name in "abcd"]})
    with world.visit(build) as visit:
        visit.decide(Items({"a": Approve(), "b": Skip("later"), "c": Reject("twice")}))
        assert paid == []
    with world.visit(build) as visit:
        visit.decide(Items({"d": Edit({"id": "d", "amount": 4})}))
    with world.visit(build) as visit:
        assert visit.state()["review"]["outcome"] == "partial"
        assert [one["id"] for one in approved_items(visit.state(), "items")] == ["a", "d"]
    assert sorted(paid) == [("a", 10), ("d", 4)]


def test_a9_all_below_a_risk_at_once_and_the_rest_one_by_one(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        when = risk_at_least("low", risk="risk")
        return world.graph(human_approval("draft", when=when, inbox=inbox))

    with world.visit(build) as visit:
        for number, risk in enumerate(["low", "critical", "low"]):
            visit.start({"draft": "Hello", "risk": risk}, thread=str(number))
    with world.visit(build) as visit:
        low = visit.inbox.pending(risk="low")
        done = visit.inbox.decide_many([(one, Approve()) for one in low], by="maria")
        assert [one.error for one in done] == [None, None]
        assert world.ran == ["run", "run"]
    with world.visit(build) as visit:
        visit.decide(Reject(), risk="critical")
    assert world.ran == ["run", "run", "stop"]


def test_a15_a_review_is_filed_now_and_awaited_later(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        submitted = submit_review("draft", action="post", inbox=inbox)
        builder: Builder = StateGraph(State)
        add_review(builder, "ask", submitted)
        builder.add_node("research", world.noting("research"))
        later = await_review(submitted)
        add_review(builder, "decide", later, approved="run", rejected="stop")
        for name in ("run", "stop"):
            builder.add_node(name, world.noting(name))
        builder.add_edge(START, "ask")
        builder.add_edge("ask", "research")
        builder.add_edge("research", "decide")
        return builder

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
    assert world.ran == ["research"]
    with world.visit(build) as visit:
        visit.decide(Approve())
    assert world.ran == ["research", "run"]
