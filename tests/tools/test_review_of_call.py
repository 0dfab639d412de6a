"""A tool, while it runs, knows the review that let it run, and can say what it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Edit, Inbox, require_approval, review_tools
from langgraph_hitl.errors import ReviewError
from langgraph_hitl.inbox import executed
from langgraph_hitl.tools import review_of_call
from langgraph_hitl.triggers import over
from tests.tools.agents import agent, call, calls, once, tool_node

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
TWO = calls(call("pay", amount=5), call("pay", 1, amount=7))


@tool
def pay(amount: int) -> str:
    """Pay."""
    review = review_of_call()
    executed(review, {"paid": amount, "for": review["decided_by"]})
    return "paid"


@tool
async def pay_later(amount: int) -> str:
    """Pay."""
    executed(review_of_call(), {"paid": amount})
    return "paid"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def done(inbox: Inbox, review_id: str) -> list[Any]:
    return [row.content["result"] for row in inbox.history(review_id) if row.event == "executed"]


@pytest.mark.parametrize("kind", ["review_tools", "require_approval"])
def test_each_call_says_what_it_did(kind: str, inbox: Inbox) -> None:
    saver = InMemorySaver()
    first: Any = HumanMessage("hello")
    if kind == "review_tools":
        reviews = review_tools({"pay": True}, inbox=inbox)
        app = agent(once(TWO), [pay], reviews, checkpointer=saver)
    else:
        first = TWO
        app = tool_node([require_approval(pay, inbox=inbox)]).compile(checkpointer=saver)
    inbox.register(app, "agent").invoke({"messages": [first]}, CONFIG)
    by_amount = {review.request["subject"]["amount"]: review.id for review in inbox.pending()}
    inbox.decide(by_amount[7], Edit({"amount": 6}), by="ann")
    inbox.decide(by_amount[5], Approve(), by="bob")
    assert done(inbox, by_amount[5]) == [{"paid": 5, "for": "bob"}]
    assert done(inbox, by_amount[7]) == [{"paid": 6, "for": "ann"}]


async def test_on_an_event_loop(inbox: Inbox) -> None:
    reviews = review_tools({"pay_later": True}, inbox=inbox)
    made = once(calls(call("pay_later", amount=5)))
    app = inbox.register(agent(made, [pay_later], reviews, checkpointer=InMemorySaver()), "agent")
    await app.ainvoke({"messages": [HumanMessage("hello")]}, CONFIG)
    (review,) = inbox.pending()
    await inbox.adecide(review.id, Approve(), by="ann")
    assert done(inbox, review.id) == [{"paid": 5}]


def test_a_call_that_nobody_was_asked_about() -> None:
    seen: list[Any] = []

    @require_approval(when=over("amount", 10))
    @tool
    def pay(amount: int) -> str:
        """Pay."""
        seen.append(review_of_call()["outcome"])
        return "paid"

    app = tool_node([pay]).compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [TWO]}, CONFIG)
    assert seen == ["auto_approved", "auto_approved"]


def test_outside_of_a_call_there_is_none() -> None:
    with pytest.raises(ReviewError, match="review_of_call"):
        review_of_call()
    with pytest.raises(ReviewError, match="review_of_call"):
        pay.invoke({"amount": 5})
