"""A1 to A16: approval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Abstain,
    Approve,
    Checkpoint,
    Choose,
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
    approved,
    approved_items,
    await_review,
    human_approval,
    human_as_tool,
    plan_approval,
    require_approval,
    send_items,
    submit_review,
)
from langgraph_hitl.errors import ContextMissing, Expired, NotAuthorised
from langgraph_hitl.panels import Ladder, by_risk, chain, quorum
from langgraph_hitl.policies import policy_from
from langgraph_hitl.precedents import by_keys
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

ANN = Reviewer("ann", level="member")
LEA = Reviewer("lea", level="lead")
DAN = Reviewer("dan", level="director")
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


def test_a10_the_score_names_the_authority(world: World) -> None:
    ladder = Ladder("clerk", "head", "board")
    bands = chain("clerk", "head", "board", ladder=ladder, bands=(0.3, 0.9))
    clerk, head = Reviewer("cleo", level="clerk"), Reviewer("hal", level="head")

    def build(inbox: Inbox) -> Builder:
        when = risk_at_least(0.1, risk="risk")
        return world.graph(human_approval("draft", when=when, inbox=inbox, reviewers=bands))

    with world.visit(build) as visit:
        visit.start({"draft": "Hello", "risk": 0.5})
    with world.visit(build) as visit:
        with pytest.raises(NotAuthorised, match="head"):
            visit.decide(Approve(), by=clerk)
        assert visit.review(reviewer=head).level == "head"
        visit.decide(Approve(), by=head)
    assert world.ran == ["run"]


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


def test_a13_a_function_waits_for_the_majority(world: World) -> None:
    paid: list[int] = []
    board = [Reviewer("ann"), Reviewer("bob"), Reviewer("cem")]

    def build(inbox: Inbox) -> Builder:
        @require_approval(
            approvers=board, majority=True, when=over("amount", 100), timeout="1d", inbox=inbox
        )
        def pay(amount: int) -> str:
            paid.append(amount)
            return f"paid {amount}"

        builder: Builder = StateGraph(State)
        builder.add_node("pay", lambda state: {"went": pay(state["payment"]["amount"])})
        builder.add_edge(START, "pay")
        return builder

    with world.visit(build) as visit:
        visit.start({"payment": {"amount": 120}})
    with world.visit(build) as visit:
        visit.decide(Approve(), by=board[0])
        assert paid == []
    with world.visit(build) as visit:
        visit.decide(Approve(), by=board[2])
        assert visit.state()["went"] == "paid 120"
    assert paid == [120]


def test_a13_a_model_can_ask_a_person(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        ask = human_as_tool(name="ask_finance", inbox=inbox)
        call = {"name": "ask_finance", "args": {"question": "Which one?"}, "id": "call-1"}
        builder: Builder = StateGraph(State)
        builder.add_node(
            "model", lambda state: {"went": ask.invoke({**call, "type": "tool_call"}).text}
        )
        builder.add_edge(START, "model")
        return builder

    with world.visit(build) as visit:
        visit.start({})
    with world.visit(build) as visit:
        visit.decide(Respond("the blue one"))
        assert visit.state()["went"] == "the blue one"


def test_a14_two_of_three_and_nothing_that_the_veto_refuses(world: World) -> None:
    two = quorum(2, of="board", size=3, veto="legal")
    ann, bob, cem = (Reviewer(name, roles=("board",)) for name in ("ann", "bob", "cem"))
    lara = Reviewer("lara", roles=("legal",))

    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox, reviewers=two, timeout="1d"))

    with world.visit(build) as visit:
        for thread in ("1", "2", "3"):
            visit.start({"draft": "Hello"}, thread=thread)
    with world.visit(build) as visit:
        visit.decide(Approve(), by=ann, thread="1")
        visit.decide(Abstain(), by=bob, thread="1")
        visit.decide(Approve(), by=cem, thread="1")
        assert world.ran == []
        visit.decide(Approve(), by=lara, thread="1")
        visit.decide(Reject(), by=lara, thread="2")
    with world.visit(build) as visit:
        visit.decide(Approve(), by=ann, thread="3")
        late = visit.review(thread="3")
        world.clock.advance(days=1)
        with pytest.raises(Expired):
            visit.inbox.decide(late, Approve(), by=bob)
    assert world.ran == ["run", "stop", "stop"]


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


def test_a16_an_edit_that_takes_more_authority_moves_up(world: World) -> None:
    levels = by_risk({"low": chain("member", "lead"), "high": chain("lead", "director")})

    def build(inbox: Inbox) -> Builder:
        risk = weighted(amount_bands("payment.amount", {1: 0.1, 1_000: 0.9}))
        builder: Builder = StateGraph(State)
        gate = human_approval(
            "payment", when=risk_at_least("low", risk=risk), inbox=inbox, reviewers=levels
        )
        add_review(builder, "gate", gate, approved="run", rejected="stop")
        builder.add_node("run", lambda state: {"went": str(approved(state, "payment")["amount"])})
        builder.add_node("stop", world.noting("stop"))
        builder.add_edge(START, "gate")
        return builder

    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
        visit.decide(Edit({**PAYMENT, "amount": 5000}), by=ANN)
        assert "went" not in visit.state()
    with world.visit(build) as visit:
        with pytest.raises(NotAuthorised):
            visit.decide(Approve(), by=ANN)
        visit.decide(Approve(), by=DAN)
        assert visit.state()["went"] == "5000"
