"""E1 to E7: escalation."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langgraph.graph import START, StateGraph
from langgraph.types import RetryPolicy

from langgraph_hitl import (
    Approve,
    Choose,
    Edit,
    Escalate,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    ReviewState,
    add_review,
    confidence_escalation,
    human_approval,
    idempotency_key,
    with_escalation,
)
from langgraph_hitl.panels import chain, expert
from langgraph_hitl.people import people_from
from langgraph_hitl.policies import Escalation
from langgraph_hitl.precedents import by_keys
from langgraph_hitl.triggers import complexity_above, from_model
from tests.capabilities.world import World
from tests.drivers import Builder

LEVELS = ("member", "lead", "director")
ANN, LEA, DAN = (
    Reviewer(name, level=level) for name, level in zip(("ann", "lea", "dan"), LEVELS, strict=True)
)


def test_e1_below_the_threshold_a_person_sees_answer_confidence_and_reason(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        return world.graph(
            confidence_escalation("answer", confidence="confidence", threshold=0.8, inbox=inbox)
        )

    with world.visit(build) as visit:
        visit.start({"answer": "On Monday.", "confidence": 0.8}, thread="sure")
        visit.start({"answer": "On Monday.", "confidence": 0.79})
    assert world.ran == ["run"]
    with world.visit(build) as visit:
        request = visit.review().request
        assert request["subject"] == "On Monday."
        assert request["finding"]["sentence"] == "The confidence 0.79 is below 0.8."
        visit.decide(Approve())
    assert world.ran == ["run", "run"]


def test_e2_complexity_has_factors_from_a_model_and_from_decided_history(world: World) -> None:
    """Alike payments that people have approved make the next one simple."""

    def build(inbox: Inbox) -> Builder:
        told = from_model(
            FakeListChatModel(responses=["0.2"]),
            prompt=lambda state: "How vague?",
            reads=["payment"],
        )
        known = inbox.familiarity(action="pay", how=by_keys("to"), subject="payment", least=2)
        factors: Any = {"ambiguity": told, "risk": "payment.risk", "precedent": known}
        when = complexity_above(0.3, factors=factors)
        return world.graph(human_approval("payment", action="pay", when=when, inbox=inbox))

    for thread in ("1", "2"):
        with world.visit(build) as visit:
            visit.start({"payment": {"to": "ACME", "risk": 0.4}}, thread=thread)
        with world.visit(build) as visit:
            finding = visit.review().request["finding"]
            assert set(finding["factors"]) == {"ambiguity", "risk", "1 - precedent"}
            visit.decide(Approve())
    with world.visit(build) as visit:
        passed = visit.start({"payment": {"to": "ACME", "risk": 0.4}}, thread="3")
        assert passed["review"]["outcome"] == "auto_approved"
        visit.start({"payment": {"to": "another", "risk": 0.4}}, thread="4")
        visit.decide(Reject())
    assert world.ran == ["run", "run", "run", "stop"]


STAFF = """
tz: UTC
people:
  - {id: ida, skills: [tax]}
  - {id: ivo, skills: [tax]}
  - {id: max, skills: [law]}
  - {id: nia, skills: [tax], on_call: true}
"""


def test_e3_the_right_expert_gets_it_and_nobody_gets_all(world: World) -> None:
    staff = people_from(STAFF)

    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox, reviewers=expert(skill="tax")))

    with world.visit(build, people=staff, assign=True) as visit:
        for thread in "1234":
            visit.start({"draft": "Hello"}, thread=thread)
    with world.visit(build, people=staff, assign=True) as visit:
        assert len(visit.inbox.pending(assigned="ida")) == 2
        assert len(visit.inbox.pending(assigned="ivo")) == 2
        visit.decide(Approve(), by="ida", thread="1")
    assert world.ran == ["run"]


def test_e3_where_nobody_is_there_it_goes_to_who_is_on_call(world: World) -> None:
    away = STAFF.replace(
        "skills: [tax]}",
        "skills: [tax], absences: [{begins: 2026-01-01, ends: 2026-02-01}]}",
    )
    staff = people_from(away)

    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox, reviewers=expert(skill="tax")))

    with world.visit(build, people=staff, assign=True) as visit:
        visit.start({"draft": "Hello"})
    with world.visit(build, people=staff, assign=True) as visit:
        assert visit.review().assigned == "nia"
        visit.decide(Approve(), by="nia")
    assert world.ran == ["run"]


def test_e4_unsure_or_late_moves_it_up_with_the_history(world: World) -> None:
    levels = chain(*LEVELS, within={"lead": "4h"})

    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox, reviewers=levels))

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
        visit.decide(Escalate("unsure"), by=ANN)
    world.clock.advance(hours=4)
    with world.visit(build) as visit:
        visit.inbox.work()
        assert visit.inbox.pending(reviewer=LEA) == []
        review = visit.review(reviewer=DAN)
        moved = [row for row in visit.inbox.history(review.id) if row.event == "escalated"]
        assert [row.actor for row in moved] == ["ann", "system:deadline"]
        visit.decide(Approve(), by=DAN)
    assert world.ran == ["run"]


class Order(ReviewState, total=False):
    """An order that is charged."""

    amount: int
    receipt: str
    went: str


@pytest.mark.parametrize(
    ("answer", "tries", "way"),
    [
        (Choose("retry"), [5, 5, 5], "ship"),
        (Edit({"amount": 6}), [5, 5, 6], "ship"),
        (Respond({"receipt": "by hand"}), [5, 5], "ship"),
        (Choose("skip"), [5, 5], "ship"),
        (Choose("abort"), [5, 5], "give_up"),
    ],
)
def test_e5_after_the_retries_a_person_says_how_to_go_on(
    world: World, answer: Any, tries: list[int], way: str
) -> None:
    tried: list[int] = []

    def charge(state: Order) -> dict[str, Any]:
        tried.append(state["amount"])
        if len(tried) < 3:
            raise TimeoutError("the bank does not answer")
        return {"receipt": "paid"}

    builder_of = _charging(world, charge)
    with world.visit(builder_of) as visit:
        visit.start({"amount": 5})
        assert tried == [5, 5]
    with world.visit(builder_of) as visit:
        context = visit.review().request["context"]
        assert context["attempts"] == 2
        assert "does not answer" in str(context["error"])
        visit.decide(answer)
    assert (tried, world.ran) == (tries, [way])


def test_e5_what_is_not_retryable_goes_straight_to_the_person(world: World) -> None:
    tried: list[int] = []

    def charge(state: Order) -> dict[str, Any]:
        tried.append(state["amount"])
        raise PermissionError("the card is blocked")

    builder_of = _charging(world, charge)
    with world.visit(builder_of) as visit:
        visit.start({"amount": 5})
    with world.visit(builder_of) as visit:
        visit.decide(Choose("abort"))
    assert (tried, world.ran) == ([5], ["give_up"])


class Invoice(ReviewState, total=False):
    """A payment that is approved, and then made."""

    payment: dict[str, Any]
    went: str


def test_e5_what_a_person_has_run_again_acts_under_the_same_idempotency_key(world: World) -> None:
    keys: list[str] = []

    def pay(state: Invoice) -> dict[str, Any]:
        keys.append(idempotency_key(state, "payment"))
        if len(keys) < 3:
            raise TimeoutError("no answer from the bank")
        return {}

    def build(inbox: Inbox) -> Builder:
        builder: Builder = StateGraph(Invoice)
        gate = human_approval("payment", inbox=inbox)
        add_review(builder, "approve", gate, approved="pay", rejected="stop")
        with_escalation(builder, "pay", pay, then="ship", aborted="stop", inbox=inbox)
        for name in ("ship", "stop"):
            builder.add_node(name, world.noting(name))
        builder.add_edge(START, "approve")
        return builder

    with world.visit(build) as visit:
        visit.start({"payment": {"to": "ACME", "amount": 120}})
    for answer in (Approve(), Choose("retry"), Choose("retry")):
        with world.visit(build) as visit:
            visit.decide(answer)
    assert (len(keys), len(set(keys)), world.ran) == (3, 1, ["ship"])


def _charging(world: World, charge: Any) -> Any:
    def build(inbox: Inbox) -> Builder:
        builder: Builder = StateGraph(Order)
        with_escalation(
            builder,
            "charge",
            charge,
            then="ship",
            aborted="give_up",
            retry=RetryPolicy(max_attempts=2, initial_interval=0.001, retry_on=TimeoutError),
            not_retryable=(PermissionError,),
            inbox=inbox,
        )
        for name in ("ship", "give_up"):
            builder.add_node(name, world.noting(name))
        builder.add_edge(START, "charge")
        return builder

    return build


@pytest.mark.parametrize(
    ("decision", "outcome", "value"),
    [
        (Approve(), "approved", "On Monday."),
        (Edit("On Tuesday."), "edited", "On Tuesday."),
        (Respond("On Friday."), "answered", "On Friday."),
        (None, "timed_out", "On Monday."),
    ],
)
def test_e6_the_record_tells_completed_helped_and_uncertain_apart(
    world: World, decision: Any, outcome: str, value: str
) -> None:
    def build(inbox: Inbox) -> Builder:
        gate = confidence_escalation(
            "answer", confidence="confidence", threshold=0.8, inbox=inbox, timeout="1h"
        )
        return world.graph(gate)

    with world.visit(build) as visit:
        visit.start({"answer": "On Monday.", "confidence": 0.1})
    with world.visit(build) as visit:
        if decision is None:
            world.clock.advance(hours=1)
            visit.inbox.work()
        else:
            visit.decide(decision)
    with world.visit(build) as visit:
        assert visit.state()["review"]["outcome"] == outcome
        assert visit.state()["answer"] == value
    assert world.ran == ["stop" if decision is None else "run"]


def test_e7_types_of_escalation_have_queues_handlers_and_a_wait(world: World) -> None:
    paged: list[str | None] = []
    lars = Reviewer("lars", roles=("lawyer",))

    def build(inbox: Inbox) -> Builder:
        legal = Escalation(
            reviewers="lawyer",
            queue="legal",
            timeout="4h",
            handler=lambda request, reason: paged.append(reason),
        )
        return world.graph(human_approval("draft", inbox=inbox, escalations={"legal": legal}))

    with world.visit(build) as visit:
        for thread in map(str, range(30)):
            visit.start({"draft": "Hello"}, thread=thread)
            visit.decide(Escalate("a gift?", to="legal"), thread=thread)
            world.clock.advance(minutes=10)
            visit.decide(Approve(), by=lars, thread=thread)
        visit.start({"draft": "Hello"}, thread="last")
        visit.decide(Escalate("a gift?", to="legal"), thread="last")
    assert paged == ["a gift?"] * 31
    with world.visit(build) as visit:
        wait = visit.inbox.estimated_wait(queue="legal")
        assert wait.observed is not None
        visit.decide(Reject(), by=lars, queue="legal")
    assert world.ran == ["run"] * 30 + ["stop"]
