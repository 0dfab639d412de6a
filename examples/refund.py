"""A support mail whose refund a person raises; above her limit a lead has to agree.

    python examples/refund.py

A model reads the mail and proposes a refund. A policy says who decides: up to 100 a member of the
team, above it a lead. What a person changes is judged anew, so nobody raises a refund past the own
authority. What is paid and written is what was approved.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import JsonOutputParser
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reviewer,
    ReviewState,
    add_review,
    approved,
    feedback,
    human_approval,
    idempotency_key,
)
from langgraph_hitl.policies import policy_from

MAIL = {"sender": "kim@example.org", "mail": "The lamp came broken, and it has cut my hand."}
MODEL = FakeListChatModel(responses=['{"amount": 40, "reason": "broken lamp"}'])  # for a real one
MIA, LEO = Reviewer("mia", level="member"), Reviewer("leo", level="lead")

POLICY = policy_from("""
name: refunds
version: 1
rules:
  - name: large
    when: {over: {field: refund.amount, limit: 100}}
    then: {ask: {reviewers: {chain: [lead]}, priority: high}}
default: {reviewers: {chain: [member, lead]}}
""")


class Refund(TypedDict):
    amount: float
    reason: str


class State(ReviewState, total=False):
    sender: str
    mail: str
    refund: Refund
    sent: str


def propose(state: State) -> dict[str, Any]:
    prompt = f"Which refund is due? JSON with amount and reason.\n\n{state['mail']}"
    return {"refund": (MODEL | JsonOutputParser()).invoke(prompt)}


def pay(state: State) -> dict[str, Any]:
    amount = approved(state, "refund")["amount"]
    transfer(state["sender"], amount, key=idempotency_key(state, "refund"))
    return {"sent": f"We are sorry. {amount} euros are on their way."}


def transfer(to: str, amount: float, *, key: str) -> None:
    """Stands for the bank, which pays a key once."""
    print(f"  refunded {amount} to {to}")


def decline(state: State) -> dict[str, Any]:
    return {"sent": f"We are sorry, there is no refund: {feedback(state) or 'nobody agreed'}."}


def build(inbox: Inbox) -> StateGraph[Any, Any, Any, Any]:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    for node in (propose, pay, decline):
        builder.add_node(node)
    shown = ["sender", "mail"]
    gate = human_approval("refund", context=shown, edit_schema=Refund, inbox=inbox, policy=POLICY)
    add_review(builder, "review", gate, approved="pay", rejected="decline")
    builder.add_edge(START, "propose")
    builder.add_edge("propose", "review")
    return builder


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Any, Inbox]]:
    """What every process opens, whether it reads mail or decides."""
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as saver,
        Inbox.open(f"sqlite:///{folder / 'reviews.db'}") as inbox,
    ):
        yield inbox.register(build(inbox).compile(checkpointer=saver), name="refunds"), inbox


def main(folder: Path) -> None:
    thread = {"configurable": {"thread_id": "mail-1"}}
    with opened(folder) as (app, _):
        app.invoke(MAIL, thread)
    raised = Edit({"amount": 140, "reason": "broken lamp, hurt hand"}, "she was hurt")
    for person, decision in ((MIA, raised), (LEO, Approve("right"))):
        with opened(folder) as (app, inbox):
            (review,) = inbox.pending(reviewer=person)
            print(f"{person.id}, a {person.level}: {review.request['subject']} -> {decision}")
            inbox.decide(review, decision, by=person)
            print(app.get_state(thread).values.get("sent", "not answered yet"))


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        main(Path(place))
