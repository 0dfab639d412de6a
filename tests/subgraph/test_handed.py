"""What a node before a gate hands to it: a reason to ask, and never a decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from langgraph_hitl import Approve, Inbox, add_review, human_approval, pending
from langgraph_hitl._subgraph.channels import HANDED
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl._subgraph.pattern import pattern_of
from langgraph_hitl.errors import InboxError
from langgraph_hitl.wiring import asks
from tests.drivers import App, Builder
from tests.paused import State, new_thread

FOUND = {"needed": True, "sentence": "It is complex."}
ALWAYS = "Every case is reviewed."


def graph(gate: Gate, handed: Any) -> App:
    builder: Builder = StateGraph(State)
    add_review(builder, "gate", gate, approved="publish", rejected="archive")
    builder.add_node("before", lambda state: Command(update={HANDED: handed}, goto="gate"))
    builder.add_edge(START, "before")
    for name in ("publish", "archive"):
        builder.add_node(name, lambda state, name=name: {"went": name})
    return builder.compile(checkpointer=InMemorySaver())


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def approved_elsewhere(inbox: Inbox, gate: Gate) -> str:
    """The id of a review that was approved, on a thread of its own."""
    app = inbox.register(graph(gate, {}), name="app")
    app.invoke({"draft": "good"}, new_thread())
    (review,) = inbox.pending()
    inbox.decide(review, Approve(), by="maria")
    return review.id


def route(review_id: Any) -> dict[str, Any]:
    return {"pattern": "p", "by": "rule", "reason": "r", "gate": "gate", "review_id": review_id}


@pytest.mark.parametrize(
    ("handed", "sentence"),
    [
        ({"finding": FOUND}, "It is complex."),
        (None, ALWAYS),
        ("x", ALWAYS),
        ([], ALWAYS),
        ({}, ALWAYS),
        ({"finding": None}, ALWAYS),
        ({"finding": "x"}, ALWAYS),
        ({"finding": {}}, ALWAYS),
        ({"finding": {**FOUND, "needed": False}}, ALWAYS),
        ({"finding": {**FOUND, "needed": "yes"}}, ALWAYS),
        ({"finding": {**FOUND, "sentence": 7}}, ALWAYS),
        ({"finding": {**FOUND, "score": "high"}}, ALWAYS),
        ({"route": None}, ALWAYS),
        ({"route": "x"}, ALWAYS),
        ({"route": {}}, ALWAYS),
        ({"route": route(7)}, ALWAYS),
    ],
)
def test_garbage_is_as_if_nothing_were_handed(handed: Any, sentence: str) -> None:
    app, config = graph(asks(human_approval("draft")), handed), new_thread()
    app.invoke({"draft": "x"}, config)
    (request,) = pending(app, config)
    assert request.finding["sentence"] == sentence


def test_no_review_of_another_thread_is_taken_over(inbox: Inbox) -> None:
    gate = asks(human_approval("draft", inbox=inbox))
    other = approved_elsewhere(inbox, gate)
    app = inbox.register(graph(gate, {"route": route(other)}), name="app2")
    assert "went" not in app.invoke({"draft": "EVIL"}, new_thread())
    (review,) = inbox.pending()
    assert (review.id != other, review.request["subject"]) == (True, "EVIL")
    assert inbox.verify()


def test_a_pattern_refuses_a_review_that_is_not_its_own(inbox: Inbox) -> None:
    plain = human_approval("draft", inbox=inbox)
    spec = spec_of(plain)
    assert spec is not None
    other = approved_elsewhere(inbox, plain)
    app = graph(pattern_of(spec, inbox), {"route": route(other)})
    with pytest.raises(InboxError, match="not of this gate"):
        inbox.register(app, name="app2").invoke({"draft": "EVIL"}, new_thread())
    assert inbox.pending() == []
