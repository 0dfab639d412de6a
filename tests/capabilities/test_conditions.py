"""A3 to A5, A11 and A12: when somebody is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Checkpoint,
    Choose,
    Inbox,
    Reject,
    add_review,
    human_approval,
)
from langgraph_hitl.policies import policy_from
from langgraph_hitl.triggers import (
    Calendar,
    amount_bands,
    during,
    factor,
    flagged,
    from_model,
    irreversibility,
    outside,
    over,
    personal_data,
    public_reach,
    risk_at_least,
    weighted,
)
from tests.capabilities.world import State, World
from tests.drivers import Builder

PAYMENT = {"to": "ACME", "amount": 120}


@pytest.mark.parametrize(("answer", "way"), [("low", "run"), ("critical", None), ("no idea", None)])
def test_a3_the_level_of_risk_decides_whether_somebody_is_asked(
    world: World, answer: str, way: str | None
) -> None:
    """A model tells the level; what cannot be read of it asks."""

    def build(inbox: Inbox) -> Builder:
        told = from_model(
            FakeListChatModel(responses=[answer]),
            prompt=lambda state: f"How risky is {state['draft']}?",
            reads=["draft"],
        )
        return world.graph(
            human_approval("draft", when=risk_at_least("high", risk=told), inbox=inbox)
        )

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
    with world.visit(build) as visit:
        if way is None:
            assert visit.review().request["finding"]["sentence"]
            visit.decide(Approve())
        record = visit.state()["review"]
    assert record["outcome"] == ("approved" if way is None else "auto_approved")
    assert record["finding"]["sentence"]
    assert world.ran == ["run"]


def test_a4_the_score_has_factors_and_the_reviewer_sees_each_share(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        risk = weighted(
            amount_bands("payment.amount", {100: 0.5, 10_000: 1.0}, weight=2),
            personal_data("payment.data"),
            irreversibility("payment.reversibility"),
            public_reach("payment.audience"),
            factor("new_supplier", "payment.novelty"),
        )
        gate = human_approval("payment", when=risk_at_least(0.5, risk=risk), inbox=inbox)
        return world.graph(gate)

    given = {
        **PAYMENT,
        "reversibility": "irreversible",
        "audience": "public",
        "novelty": 1.0,
        "data": "contact",
    }
    with world.visit(build) as visit:
        visit.start({"payment": given})
    with world.visit(build) as visit:
        finding = visit.review().request["finding"]
        assert len(finding["factors"]) == 5
        assert sum(finding["factors"].values()) == pytest.approx(finding["score"])
        visit.decide(Reject())
    assert world.ran == ["stop"]


YAML = """
checkpoints:
  - {name: before, stage: before_execution, subject: draft, answer: yes_no, timeout: 1d}
  - {name: which, stage: between_steps, question: Which?, answer: {choose_one: [a, b]}}
"""


def test_a5_a_checkpoint_is_data(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        builder: Builder = StateGraph(State)
        before = Checkpoint.from_yaml(YAML, name="before", inbox=inbox)
        which = Checkpoint.from_yaml(YAML, name="which", inbox=inbox)
        add_review(builder, "before", before, approved="which", rejected="stop")
        add_review(builder, "which", which, chosen="run", rejected="stop")
        for name in ("run", "stop"):
            builder.add_node(name, world.noting(name))
        builder.add_edge(START, "before")
        return builder

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
    with world.visit(build) as visit:
        visit.decide(Approve())
    with world.visit(build) as visit:
        visit.decide(Choose("b"))
        assert visit.state()["review"]["outcome"] == "chosen"
        visit.start({"draft": "Late"}, thread="2")
        world.clock.advance(days=1)
        visit.inbox.work()
        assert visit.state("2")["review"]["outcome"] == "timed_out"
    assert world.ran == ["run", "stop"]


TEMPLATES = """
name: payments
version: 3
templates:
  - name: rent
    version: 2
    owner: finance
    expires: 2099-12-31
    matches: {payment.to: {in: [ACME, Landlord]}, payment.amount: {min: 1, max: 500}}
rules:
  - {name: rent, when: {matches: rent}, then: pass}
"""


def test_a11_a_template_lets_through_and_stands_in_the_record(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("payment", policy=policy_from(TEMPLATES), inbox=inbox))

    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
        assert visit.state()["review"]["outcome"] == "auto_approved"
        assert "'rent'" in str(visit.state()["review"]["finding"])
        visit.start({"payment": {**PAYMENT, "amount": 501}}, thread="2")
    with world.visit(build) as visit:
        visit.decide(Reject())
        assert visit.state("2")["review"]["outcome"] == "rejected"
    assert world.ran == ["run", "stop"]


@pytest.mark.parametrize(
    ("hour", "payment", "asked"),
    [
        (10, {"amount": 10, "disputed": False}, False),
        (20, {"amount": 10, "disputed": False}, True),
        (10, {"amount": 2000, "disputed": False}, True),
        (10, {"amount": 10, "disputed": True}, True),
    ],
)
def test_a12_who_is_asked_depends_on_values_and_on_the_time(
    world: World, hour: int, payment: dict[str, Any], asked: bool
) -> None:
    world.clock.now = datetime(2026, 3, 2, hour, tzinfo=UTC)

    def build(inbox: Inbox) -> Builder:
        when = (
            outside("Mon-Fri 09:00-17:00", tz="UTC")
            | over("payment.amount", 1000)
            | flagged("payment.disputed")
        )
        return world.graph(human_approval("payment", when=when, inbox=inbox, clock=world.clock))

    with world.visit(build) as visit:
        visit.start({"payment": payment})
    with world.visit(build) as visit:
        assert len(visit.inbox.pending()) == asked
        if asked:
            visit.decide(Reject())
    assert world.ran == ["stop" if asked else "run"]


HOLIDAY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260302
SUMMARY:Holiday
END:VEVENT
END:VCALENDAR
"""


def test_a12_a_calendar_can_say_when(world: World) -> None:
    world.clock.now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    path = world.folder / "holidays.ics"
    path.write_text(HOLIDAY)

    def build(inbox: Inbox) -> Builder:
        when = during(Calendar.read(path), tz="UTC")
        return world.graph(human_approval("draft", when=when, inbox=inbox, clock=world.clock))

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
    with world.visit(build) as visit:
        visit.decide(Approve())
        world.clock.advance(days=1)
        assert visit.start({"draft": "Hello"}, thread="2")["review"]["outcome"] == "auto_approved"
    assert world.ran == ["run", "run"]
