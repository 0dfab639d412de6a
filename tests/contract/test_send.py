"""Gates under `Send`: every item under its own approval."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    ReviewState,
    approved,
    decided_items,
    human_approval,
    route,
)
from langgraph_hitl.review import Decision
from tests.drivers import Builder, Driver, Thread


class Batch(ReviewState, total=False):
    payments: list[dict[str, Any]]
    payment: dict[str, Any]
    ran: Annotated[list[str], operator.add]


PAYMENTS = [{"to": name, "amount": amount} for name, amount in (("a", 1), ("b", 2), ("c", 3))]


def send_each(state: Batch) -> list[Send]:
    return [Send("gate", {"payment": payment}) for payment in state["payments"]]


def joined_by_decided_items() -> Builder:
    """Three gates in parallel that write nothing back, and one node that reads their decisions."""

    def pay(state: Batch) -> dict[str, Any]:
        items = decided_items(state, "payment")
        assert len({item["review_id"] for item in items}) == len(items)
        assert len({item["idempotency_key"] for item in items}) == len(items)
        return {"ran": [f"{item['value']['to']}:{item['value']['amount']}" for item in items]}

    builder: Builder = StateGraph(Batch)
    builder.add_node("gate", human_approval("payment", write_back=False))
    builder.add_conditional_edges(START, send_each, ["gate"])
    builder.add_node("pay", pay)
    builder.add_edge("gate", "pay")
    return builder


def gate_and_effect_in_one_subgraph() -> Builder:
    """Every `Send` goes into a subgraph of the user, in which the effect follows its gate."""

    class Item(ReviewState, total=False):
        payment: dict[str, Any]
        ran: Annotated[list[str], operator.add]

    class Result(ReviewState, total=False):
        ran: Annotated[list[str], operator.add]

    def pay(state: Item) -> dict[str, Any]:
        payment = approved(state, "payment")
        return {"ran": [f"{payment['to']}:{payment['amount']}"]}

    inner: Builder = StateGraph(Item, output_schema=Result)
    inner.add_node("gate", human_approval("payment"))
    inner.add_edge(START, "gate")
    inner.add_conditional_edges("gate", route(approved="pay", rejected=END))
    inner.add_node("pay", pay)
    builder: Builder = StateGraph(Batch)
    builder.add_node("gate", inner.compile())
    builder.add_conditional_edges(START, send_each, ["gate"])
    return builder


def answer_each(thread: Thread, decisions: dict[str, Decision], *, together: bool) -> None:
    requests = {request.subject["to"]: request for request in thread.pending()}
    assert requests.keys() == {"a", "b", "c"}
    answers = [(requests[name], decision) for name, decision in decisions.items()]
    if together:
        thread.answer(*answers)
        return
    for answer in answers:
        thread.answer(answer)


DECISIONS: dict[str, Decision] = {
    "c": Approve(),
    "a": Reject(),
    "b": Edit({"to": "b", "amount": 20}),
}


def test_three_sends_one_rejected_two_run_joined(driver: Driver) -> None:
    thread = driver.thread(joined_by_decided_items)
    thread.send({"payments": PAYMENTS})
    answer_each(thread, DECISIONS, together=False)
    assert sorted(thread.ran) == ["b:20", "c:3"]
    outcomes = {review["value"]["to"]: review["outcome"] for review in thread.values["reviews"]}
    assert outcomes == {"a": "rejected", "b": "edited", "c": "approved"}


def test_three_sends_one_rejected_two_run_joined_in_one_command(driver: Driver) -> None:
    thread = driver.thread(joined_by_decided_items)
    thread.send({"payments": PAYMENTS})
    answer_each(thread, DECISIONS, together=True)
    assert sorted(thread.ran) == ["b:20", "c:3"]


def test_three_sends_one_rejected_two_run_each_in_its_subgraph(driver: Driver) -> None:
    thread = driver.thread(gate_and_effect_in_one_subgraph)
    thread.send({"payments": PAYMENTS})
    answer_each(thread, DECISIONS, together=False)
    assert sorted(thread.ran) == ["b:20", "c:3"]
    assert len(thread.values["reviews"]) == 3


def test_three_sends_each_in_its_subgraph_in_one_command(driver: Driver) -> None:
    thread = driver.thread(gate_and_effect_in_one_subgraph)
    thread.send({"payments": PAYMENTS})
    answer_each(thread, DECISIONS, together=True)
    assert sorted(thread.ran) == ["b:20", "c:3"]


def test_equal_items_are_still_different_reviews(driver: Driver) -> None:
    thread = driver.thread(joined_by_decided_items)
    thread.send({"payments": [PAYMENTS[0]] * 3})
    requests = thread.pending()
    assert len({request.review_id for request in requests}) == 3
    thread.answer((requests[0], Approve()), (requests[1], Reject()), (requests[2], Reject()))
    assert thread.ran == ["a:1"]
