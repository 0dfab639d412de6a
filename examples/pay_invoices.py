"""A batch of invoices, decided one by one. What is put off comes back, and nothing is paid twice.

    python examples/pay_invoices.py

Two are paid, one is refused, and one is put off: that one waits out of sight until Thursday.
"""

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Defer,
    Edit,
    Inbox,
    Items,
    Reject,
    Reviewer,
    ReviewState,
    Skip,
    plan_approval,
    remaining,
    send_items,
)
from langgraph_hitl.testing import FixedClock

INVOICES = [
    {"number": "A-101", "to": "Paper Ltd", "amount": 120},
    {"number": "A-102", "to": "Chairs Inc", "amount": 900},
    {"number": "A-103", "to": "Paper Ltd", "amount": 120},
    {"number": "A-104", "to": "Power AG", "amount": 4300},
]
FAY = Reviewer("fay", roles=("finance",))
VERDICTS: dict[str, Any] = {
    "A-101": Approve(),
    "A-102": Skip("two chairs are missing"),
    "A-103": Reject("it is A-101 again"),
    "A-104": Edit({"number": "A-104", "to": "Power AG", "amount": 430}),
}


class Batch(ReviewState, total=False):
    invoices: list[dict[str, Any]]
    paid: Annotated[list[str], operator.add]


def pay(item: Any) -> dict[str, Any]:
    transfer(item["value"], key=item["idempotency_key"])
    return {"paid": [item["id"]]}


def transfer(invoice: dict[str, Any], *, key: str) -> None:
    """Stands for the bank, which pays a key once."""
    print(f"  paid {invoice['number']}: {invoice['amount']} to {invoice['to']}")


def put_off(state: Batch) -> dict[str, Any]:
    """What was skipped is the batch of the next review."""
    items = state["reviews"][-1].get("items", [])
    return {"invoices": [item["value"] for item in items if item["type"] == "skip"]}


def again(state: Batch) -> str:
    return "approve" if state["invoices"] else END


def build(inbox: Inbox) -> StateGraph[Any, Any, Any, Any]:
    gate = plan_approval(
        "invoices", item_id="number", action="pay", inbox=inbox, reviewers="finance"
    )
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Batch)
    builder.add_node("approve", gate)
    builder.add_node("pay", RunnableLambda(pay))
    builder.add_node("put_off", put_off)
    builder.add_edge(START, "approve")
    each = send_items("pay", key="invoices", otherwise="put_off")
    builder.add_conditional_edges("approve", each)
    builder.add_edge("pay", "put_off")
    builder.add_conditional_edges("put_off", again, ["approve", END])
    return builder


@contextmanager
def opened(folder: Path, clock: FixedClock) -> Iterator[tuple[Any, Inbox]]:
    """What every process opens, whether it starts a batch or decides about one."""
    place = f"sqlite:///{folder / 'reviews.db'}"
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as saver,
        Inbox.open(place, clock=clock) as inbox,
    ):
        yield inbox.register(build(inbox).compile(checkpointer=saver), name="invoices"), inbox


def main(folder: Path) -> None:
    clock = FixedClock()  # Monday, 9:00
    with opened(folder, clock) as (app, _):
        app.invoke({"invoices": INVOICES}, {"configurable": {"thread_id": "january"}})
    for days, decision in ((0, Items(VERDICTS)), (0, Defer("3d")), (3, Approve())):
        with opened(folder, clock) as (_, inbox):
            print(f"{clock.advance(days=days):%A}:")
            (review,) = inbox.pending(reviewer=FAY)
            print(f"  {', '.join(remaining(review))} -> {type(decision).__name__}")
            inbox.decide(review, decision, by=FAY)


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        main(Path(place))
