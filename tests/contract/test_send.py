"""Gates under `Send`: every item under its own approval; over presets."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from langgraph_hitl import (
    Approve,
    Reject,
    ReviewState,
    approved,
    decided_items,
    route,
)
from langgraph_hitl.review import Decision
from tests.contract.presets import over_presets
from tests.drivers import Build, Builder, Driver, Thread
from tests.subject_presets import SubjectPreset


class Batch(ReviewState, total=False):
    payments: list[dict[str, Any]]
    payment: dict[str, Any]
    ran: Annotated[list[str], operator.add]


PAYMENTS = [{"to": name, "amount": amount} for name, amount in (("a", 1), ("b", 2), ("c", 3))]


def send_each(state: Batch) -> list[Send]:
    return [Send("gate", {"payment": payment}) for payment in state["payments"]]


def joined_by_decided_items(preset: SubjectPreset) -> Build:
    """Three gates in parallel that write nothing back, and one node that reads their decisions."""

    def pay(state: Batch) -> dict[str, Any]:
        items = decided_items(state, "payment")
        assert len({item["review_id"] for item in items}) == len(items)
        assert len({item["idempotency_key"] for item in items}) == len(items)
        return {"ran": [f"{item['value']['to']}:{item['value']['amount']}" for item in items]}

    def build() -> Builder:
        builder: Builder = StateGraph(Batch)
        builder.add_node("gate", preset("payment", write_back=False))
        builder.add_conditional_edges(START, send_each, ["gate"])
        builder.add_node("pay", pay)
        builder.add_edge("gate", "pay")
        return builder

    return build


def gate_and_effect_in_one_subgraph(preset: SubjectPreset) -> Build:
    """Every `Send` goes into a subgraph of the user, in which the effect follows its gate."""

    class Item(ReviewState, total=False):
        payment: dict[str, Any]
        ran: Annotated[list[str], operator.add]

    class Result(ReviewState, total=False):
        ran: Annotated[list[str], operator.add]

    def pay(state: Item) -> dict[str, Any]:
        payment = approved(state, "payment")
        return {"ran": [f"{payment['to']}:{payment['amount']}"]}

    def build() -> Builder:
        inner: Builder = StateGraph(Item, output_schema=Result)
        inner.add_node("gate", preset("payment"))
        inner.add_edge(START, "gate")
        inner.add_conditional_edges("gate", route(approved="pay", rejected=END))
        inner.add_node("pay", pay)
        builder: Builder = StateGraph(Batch)
        builder.add_node("gate", inner.compile())
        builder.add_conditional_edges(START, send_each, ["gate"])
        return builder

    return build


def answer_each(thread: Thread, decisions: dict[str, Decision], *, together: bool) -> None:
    requests = {request.subject["to"]: request for request in thread.pending()}
    assert requests.keys() == {"a", "b", "c"}
    answers = [(requests[name], decision) for name, decision in decisions.items()]
    if together:
        thread.answer(*answers)
        return
    for answer in answers:
        thread.answer(answer)


def decisions(preset: SubjectPreset) -> dict[str, Decision]:
    return {"c": Approve(), "a": Reject(), "b": preset.replacing({"to": "b", "amount": 20})}


@over_presets()
def test_three_sends_one_rejected_two_run_joined(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(joined_by_decided_items(preset))
    thread.send({"payments": PAYMENTS})
    answer_each(thread, decisions(preset), together=False)
    assert sorted(thread.ran) == ["b:20", "c:3"]
    outcomes = {review["value"]["to"]: review["outcome"] for review in thread.values["reviews"]}
    assert outcomes == {"a": "rejected", "b": preset.replaced, "c": "approved"}


@over_presets()
def test_three_sends_one_rejected_two_run_joined_in_one_command(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(joined_by_decided_items(preset))
    thread.send({"payments": PAYMENTS})
    answer_each(thread, decisions(preset), together=True)
    assert sorted(thread.ran) == ["b:20", "c:3"]


@over_presets()
def test_three_sends_one_rejected_two_run_each_in_its_subgraph(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(gate_and_effect_in_one_subgraph(preset))
    thread.send({"payments": PAYMENTS})
    answer_each(thread, decisions(preset), together=False)
    assert sorted(thread.ran) == ["b:20", "c:3"]
    assert len(thread.values["reviews"]) == 3


@over_presets()
def test_three_sends_each_in_its_subgraph_in_one_command(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(gate_and_effect_in_one_subgraph(preset))
    thread.send({"payments": PAYMENTS})
    answer_each(thread, decisions(preset), together=True)
    assert sorted(thread.ran) == ["b:20", "c:3"]


@over_presets()
def test_equal_items_are_still_different_reviews(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(joined_by_decided_items(preset))
    thread.send({"payments": [PAYMENTS[0]] * 3})
    requests = thread.pending()
    assert len({request.review_id for request in requests}) == 3
    thread.answer((requests[0], Approve()), (requests[1], Reject()), (requests[2], Reject()))
    assert thread.ran == ["a:1"]
