"""What somebody overruled after its action is no precedent that speaks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, Inbox, Reject, Reviewer, ReviewState, add_review, human_approval
from langgraph_hitl.precedents import by_keys
from tests.paused import App, new_thread

MARIA = Reviewer("maria")
BOARD = Reviewer("bo", roles="board")
LIKE = by_keys("amount")


class Payment(ReviewState):
    amount: float


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:", overrides="board") as inbox:
        yield inbox


def pays(inbox: Inbox) -> App:
    gate = human_approval("amount", action="pay", inbox=inbox, on_recall=lambda *given: None)
    builder = StateGraph(Payment)
    add_review(builder, "ask", gate, approved=END, rejected=END)
    builder.add_edge(START, "ask")
    app = builder.compile(checkpointer=InMemorySaver())
    inbox.register(app, name="payments")
    return app


def paid(app: App, inbox: Inbox) -> str:
    app.invoke({"amount": 10.0}, new_thread())
    (review,) = inbox.pending()
    inbox.decide(review.id, Approve("as always"), by=MARIA)
    return review.id


def test_it_makes_no_case_familiar_suggests_nothing_and_teaches_nothing(inbox: Inbox) -> None:
    app = pays(inbox)
    known = inbox.familiarity(action="pay", how=LIKE, reads=("amount",))
    reviews = [paid(app, inbox) for _ in range(4)]
    app.invoke({"amount": 10.0}, new_thread())
    (waiting,) = inbox.pending()

    def seen() -> tuple[float, set[str], bool, int]:
        found = {one.precedent.outcome for one in inbox.similar(waiting.id, how=LIKE)}
        suggested = inbox.suggestion(waiting.id, how=LIKE) is not None
        return known({"amount": 10.0}), found, suggested, len(inbox.guidance(action="pay"))

    assert seen() == (1.0, {"approved"}, True, 4)
    inbox.override(reviews[0], Reject("fraud"), by=BOARD, reason="fraud")
    assert seen() == (0.75, {"approved", "overruled"}, False, 3)
    for review in reviews[1:]:
        inbox.override(review, Reject("fraud"), by=BOARD, reason="fraud")
    assert seen() == (0.0, {"overruled"}, False, 0)
