"""A retry gets what the node had been given: the reviews as they were, the payload of a `Send`."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send
from pydantic import BaseModel, Field

from langgraph_hitl import (
    Approve,
    Choose,
    Edit,
    Inbox,
    Respond,
    ReviewState,
    add_review,
    approved,
    approved_items,
    human_approval,
    idempotency_key,
    pending,
    plan_approval,
    resume,
    send_items,
    with_escalation,
)
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns._held import again, taken
from langgraph_hitl.review import AllReviews, LatestReview
from tests.paused import App, new_thread

ACME = {"to": "ACME", "amount": 120}


class Invoice(ReviewState, total=False):
    """A payment that a person has approved."""

    payment: dict[str, Any]
    paid: bool


class InvoiceModel(BaseModel):
    payment: dict[str, Any] = Field(default_factory=dict)
    paid: bool = False
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)


@dataclass
class InvoiceData:
    payment: dict[str, Any] = field(default_factory=dict)
    paid: bool = False
    review: LatestReview = None
    reviews: AllReviews = field(default_factory=list)


def latest_of(state: Any) -> dict[str, Any]:
    found: dict[str, Any] = state["review"] if isinstance(state, dict) else state.review
    return found


@pytest.mark.parametrize("schema", [Invoice, InvoiceModel, InvoiceData])
def test_a_retry_sees_the_review_that_the_node_saw_first(schema: type[Any]) -> None:
    bank: list[tuple[str, str]] = []

    def pay(state: Any) -> dict[str, Any]:
        approved(state, "payment")
        bank.append((latest_of(state)["idempotency_key"], idempotency_key(state, "payment")))
        if len(bank) < 4:
            raise TimeoutError("no answer from the bank")
        return {"paid": True}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    add_review(builder, "approve", human_approval("payment"), approved="pay", rejected=END)
    with_escalation(builder, "pay", pay, then=END)
    builder.add_edge(START, "approve")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"payment": ACME}, config)
    app.invoke(resume(pending(app, config)[0], Approve(), by="fay"), config)
    for answer in (Choose("retry"), Edit({}), Choose("retry")):
        app.invoke(resume(pending(app, config)[0], answer, by="ops"), config)
    assert len(bank) == 4
    assert len({key for both in bank for key in both}) == 1
    gates = [one["gate"] for one in app.get_state(config).values["reviews"]]
    assert gates == ["approve", "pay_failed", "pay_failed", "pay_failed"]


def test_a_retry_sees_no_review_that_came_to_its_end_beside_the_failure() -> None:
    seen: list[Any] = []

    def pay(state: Invoice) -> dict[str, Any]:
        latest = state.get("review")
        seen.append(latest["gate"] if latest else None)
        if len(seen) < 3:
            raise TimeoutError
        return {"paid": True}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Invoice)
    with_escalation(builder, "pay", pay, then=END)
    builder.add_node("first", lambda state: {})
    builder.add_node("beside", human_approval("payment"))
    builder.add_edge(START, "first")
    builder.add_edge("first", "beside")
    builder.add_edge("first", "pay")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"payment": ACME}, config)
    while waiting := pending(app, config):
        approving = [one for one in waiting if one.kind == "human_approval"]
        answer = Approve() if approving else Choose("retry")
        app.invoke(resume((approving or waiting)[0], answer), config)
    assert seen == [None, None, None]
    gates = [one["gate"] for one in app.get_state(config).values["reviews"]]
    assert sorted(gates) == ["beside", "pay_failed", "pay_failed"]


class Batch(ReviewState, total=False):
    """Invoices, of which each is paid by itself."""

    invoices: list[dict[str, Any]]
    value: dict[str, Any]
    paid: Annotated[list[str], operator.add]


def test_the_review_of_a_list_is_as_lean_for_a_retry() -> None:
    seen: list[Any] = []

    def pay(state: Batch) -> dict[str, Any]:
        seen.append(state["review"])
        if len(seen) < 2:
            raise TimeoutError
        return {}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Batch)
    builder.add_node("approve", plan_approval("invoices"))
    with_escalation(builder, "pay", pay, then=END)
    builder.add_edge(START, "approve")
    builder.add_edge("approve", "pay")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"invoices": [{"id": "A"}]}, config)
    app.invoke(resume(pending(app, config)[0], Approve()), config)
    app.invoke(resume(pending(app, config)[0], Choose("retry")), config)
    first, second = seen
    assert first == second
    assert "value" not in first["items"][0]


class Bank:
    """Pays an item, and fails as often as it is told to for each."""

    def __init__(self, failures: int = 1) -> None:
        self.failures = failures
        self.got: list[dict[str, Any]] = []

    def pay(self, item: dict[str, Any]) -> dict[str, Any]:
        self.got.append(item)
        if sum(one["id"] == item["id"] for one in self.got) <= self.failures:
            raise ConnectionError("bank down")
        return {"paid": [item["idempotency_key"]]}


def batch(pay: Any, **options: Any) -> App:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Batch)
    builder.add_node("approve", plan_approval("invoices"))
    with_escalation(builder, "pay", pay, then=END, **options)
    builder.add_edge(START, "approve")
    builder.add_conditional_edges("approve", send_items("pay", key="invoices"))
    return builder.compile(checkpointer=InMemorySaver())


def failed_batch(app: App) -> tuple[Any, dict[str, Any]]:
    """A thread whose two items have failed, and the questions about them."""
    config = new_thread()
    app.invoke({"invoices": [{"id": "A", "sum": 1}, {"id": "B", "sum": 2}]}, config)
    app.invoke(resume(pending(app, config)[0], Approve()), config)
    return config, {one.subject["id"]: one for one in pending(app, config)}


@pytest.mark.parametrize("reads", [None, ["paid"]])
def test_an_item_is_shown_and_runs_again_as_it_was_sent(reads: Any) -> None:
    bank = Bank(failures=2)
    app = batch(bank.pay, reads=reads)
    config, asked = failed_batch(app)
    state = app.get_state(config).values
    items = {item["id"]: item for item in approved_items(state, "invoices")}
    assert {key: one.subject for key, one in asked.items()} == items
    while waiting := pending(app, config):
        app.invoke(resume(waiting[0], Choose("retry")), config)
    got = {key: [one for one in bank.got if one["id"] == key] for key in items}
    assert got == {key: [item] * 3 for key, item in items.items()}
    keys = sorted(item["idempotency_key"] for item in items.values())
    assert sorted(app.get_state(config).values["paid"]) == keys


def test_of_two_items_that_failed_each_goes_the_way_that_was_decided_for_it() -> None:
    bank = Bank()
    app = batch(bank.pay)
    config, asked = failed_batch(app)
    app.invoke(resume(asked["A"], Choose("skip")), config)
    app.invoke(resume(asked["B"], Choose("retry")), config)
    assert app.get_state(config).values["paid"] == [asked["B"].subject["idempotency_key"]]
    assert [item["id"] for item in bank.got].count("A") == 1


def test_an_item_is_edited_by_its_own_keys_and_nothing_of_it_becomes_state() -> None:
    bank = Bank()
    app = batch(bank.pay)
    config, asked = failed_batch(app)
    misspelt = resume(asked["A"], Edit({"vaule": 1}))
    with pytest.raises(ValueError, match=r"the input has no 'vaule'; keys: .*value"):
        app.invoke(misspelt, config)
    for key, request in asked.items():
        app.invoke(resume(request, Edit({"value": {"id": key, "sum": 9}})), config)
    again = bank.got[2:]
    assert [item["value"]["sum"] for item in again] == [9, 9]
    keys = {key: request.subject["idempotency_key"] for key, request in asked.items()}
    assert {item["id"]: item["idempotency_key"] for item in again} == keys
    assert "value" not in app.get_state(config).values


def test_items_wait_in_an_inbox_and_run_again_as_they_were_sent() -> None:
    bank = Bank()
    with Inbox.open("sqlite:///:memory:") as inbox:
        app = inbox.register(batch(bank.pay, inbox=inbox), name="batch")
        failed_batch(app)
        waiting = inbox.pending()
        assert sorted(one.request["subject"]["id"] for one in waiting) == ["A", "B"]
        for one in waiting:
            inbox.decide(one, Choose("retry"), by="ops")
    first, again = bank.got[:2], bank.got[2:]
    assert sorted(again, key=str) == sorted(first, key=str)


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"id": "A", "when": {1, 2}}, "was sent 'when', which is not JSON"),
        ({"id": "A", 5: 6}, "was sent 5, which is not JSON"),
        ("A", "was sent 'A', which is no object"),
    ],
)
def test_what_could_not_be_kept_for_a_retry_is_an_error_and_asks_nobody(
    payload: Any, problem: str
) -> None:
    def pay(item: Any) -> dict[str, Any]:
        raise TimeoutError

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Batch)
    with_escalation(builder, "pay", pay, then=END)
    builder.add_conditional_edges(START, lambda _: [Send("pay", payload)], ["pay"])
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    with pytest.raises(GateError, match=problem) as raised:
        app.invoke({"invoices": []}, config)
    assert isinstance(raised.value.__cause__, TimeoutError)
    assert pending(app, config) == []


def test_a_question_with_which_nothing_was_held_is_followed_all_the_same() -> None:
    gates = ["approve", "pay_failed", "pay_failed"]
    records = [{"review_id": f"rv-{n}", "gate": gate} for n, gate in enumerate(gates)]
    state = {"amount": 5, "raw": b"key", "review": records[-1], "reviews": records}
    record = {**records[-1], "value": {"amount": 6}}
    sent = again("pay", state, ["amount"], record, writes=["amount"])
    assert taken(Invoice, sent) == ({**state, "amount": 6, "review": records[0]}, {})


class Order(ReviewState, total=False):
    """An order that is charged, and then shipped."""

    amount: int
    note: str
    shipped: list[Any]
    ran: Annotated[list[str], operator.add]


class OrderModel(BaseModel):
    amount: int = 0
    note: str = ""
    shipped: list[Any] = Field(default_factory=list)
    ran: Annotated[list[str], operator.add] = Field(default_factory=list)
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)


def charged(
    results: list[Any], *answers: Any, schema: type[Any] = Order, **options: Any
) -> dict[str, Any]:
    """What a thread ends with whose node raises or returns these, after these answers."""
    left = iter(results)

    def charge(state: Any) -> Any:
        result = next(left)
        if isinstance(result, Exception):
            raise result
        return result

    def ship(state: Any) -> dict[str, Any]:
        given = state if isinstance(state, dict) else state.model_dump()
        return {"shipped": [given["amount"], given.get("note")]}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    with_escalation(builder, "charge", charge, then="ship", **options)
    builder.add_node("ship", ship)
    builder.add_edge(START, "charge")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"amount": 5, "note": "rent"}, config)
    for answer in answers:
        app.invoke(resume(pending(app, config)[0], answer), config)
    found: dict[str, Any] = app.get_state(config).values
    return found


@pytest.mark.parametrize("schema", [Order, OrderModel])
@pytest.mark.parametrize(
    ("returned", "shipped"),
    [
        (None, [6, "rent"]),
        ({}, [6, "rent"]),
        ({"note": "paid"}, [6, "paid"]),
        ({"amount": 7}, [7, "rent"]),
        (Command(update={"note": "paid"}), [6, "paid"]),
        (Command(update=[("note", "paid")]), [6, "paid"]),
        (Command(update={"amount": 7}), [7, "rent"]),
        (Command(), [6, "rent"]),
        ([Command(update={"note": "paid"}), {"ran": ["paid"]}], [6, "paid"]),
        (OrderModel(amount=7, note="paid"), [7, "paid"]),
    ],
)
def test_what_was_edited_is_written_where_the_node_does_not_write_it_itself(
    schema: type[Any], returned: Any, shipped: list[Any]
) -> None:
    done = charged([TimeoutError(), returned], Edit({"amount": 6}), schema=schema)
    assert done["shipped"] == shipped


async def test_an_asynchronous_node_that_was_given_an_edit() -> None:
    tries: list[int] = []

    async def charge(state: Order) -> dict[str, Any]:
        tries.append(state["amount"])
        if len(tries) == 1:
            raise TimeoutError
        return {}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Order)
    with_escalation(builder, "charge", charge, then=END)
    builder.add_edge(START, "charge")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    await app.ainvoke({"amount": 5}, config)
    done = await app.ainvoke(resume(pending(app, config)[0], Edit({"amount": 6})), config)
    assert (done["amount"], tries) == (6, [5, 6])


@pytest.mark.parametrize(
    ("answers", "amount"),
    [
        ([Edit({"amount": 6}), Choose("retry")], 6),
        ([Choose("retry"), Edit({"amount": 6})], 6),
        ([Edit({"amount": 6}), Edit({"amount": 5})], 5),
        ([Edit({"amount": 6}), Choose("skip")], 5),
        ([Edit({"amount": 6}), Respond({"note": "by hand"})], 5),
    ],
)
def test_an_edit_is_written_when_the_node_has_succeeded_with_it(
    answers: list[Any], amount: int
) -> None:
    assert charged([TimeoutError(), TimeoutError(), {}], *answers)["amount"] == amount


def test_an_edit_of_a_key_with_a_reducer_reaches_the_node_alone() -> None:
    done = charged([TimeoutError(), {"ran": ["paid"]}], Edit({"ran": ["before"], "note": "x"}))
    assert (done["ran"], done["note"]) == (["paid"], "x")


def test_what_was_not_edited_is_not_written_over_what_others_have_written_since() -> None:
    def charge(state: Order) -> dict[str, Any]:
        if state["amount"] == 5:
            raise TimeoutError
        return {}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Order)
    with_escalation(builder, "charge", charge, then=END)
    builder.add_node("beside", lambda state: {"note": "meanwhile"})
    builder.add_edge(START, "charge")
    builder.add_edge(START, "beside")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"amount": 5, "note": "rent"}, config)
    done = app.invoke(resume(pending(app, config)[0], Edit({"amount": 6})), config)
    assert (done["amount"], done["note"]) == (6, "meanwhile")


def test_an_edit_is_written_where_the_own_handler_has_mended_the_retry() -> None:
    def mend(state: Order, error: NodeError) -> dict[str, Any]:
        if state["amount"] == 5:
            raise ValueError("cannot be mended")
        return {"note": "mended"}

    failures = [TimeoutError(), TimeoutError()]
    done = charged(failures, Edit({"amount": 6}), handler=mend)
    assert (done["amount"], done["note"]) == (6, "mended")
