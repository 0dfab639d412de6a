"""A10, A13, A14 and A16: who decides."""

from __future__ import annotations

import pytest
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Abstain,
    Approve,
    Edit,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    add_review,
    approved,
    human_approval,
    human_as_tool,
    require_approval,
)
from langgraph_hitl.errors import Expired, NotAuthorised
from langgraph_hitl.panels import Ladder, by_risk, chain, quorum
from langgraph_hitl.triggers import (
    amount_bands,
    over,
    risk_at_least,
    weighted,
)
from tests.capabilities.world import State, World
from tests.drivers import Builder

ANN = Reviewer("ann", level="member")
LEA = Reviewer("lea", level="lead")
DAN = Reviewer("dan", level="director")
PAYMENT = {"to": "ACME", "amount": 120}


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
