"""Payloads and schemas that only look like those of a gate or a tool: somebody else's questions."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from langgraph_hitl import Approve, Respond, human_approval
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.shapes.known import shape_of
from langgraph_hitl.inbox._foreign.shapes.shape import Interrupted
from tests.apps import one_gate
from tests.inbox.foreign.conftest import Watched, thread
from tests.inbox.foreign.graphs import asking


def asked(gate: Any) -> dict[str, Any]:
    """What a gate puts, without the part that other clients read."""
    app = one_gate(gate)().compile(checkpointer=InMemorySaver())
    config = thread()
    app.invoke({"draft": "Hello"}, config)
    value: dict[str, Any] = app.get_state(config).interrupts[0].value
    return value


BATCH: dict[str, Any] = {"action_requests": "", "review_configs": ""}
REAL = asked(human_approval("draft")) | BATCH | {"action_requests": []}
WRONG: list[dict[str, Any]] = [
    {"kind": None},
    {"kind": " "},
    {"action": 3},
    {"action": ""},
    {"subject_key": 1},
    {"context": []},
    {"finding": "because"},
    {"finding": {"sentence": 3}},
    {"finding": {"score": "high"}},
    {"finding": {"details": [1]}},
    {"finding": {"parts": [{"parts": 1}]}},
    {"criteria": "all"},
    {"allowed_decisions": None},
    {"allowed_decisions": []},
    {"allowed_decisions": "approve"},
    {"allowed_decisions": ["dance"]},
    {"allowed_decisions": [["approve"]]},
    {"allowed_decisions": ["defer", "escalate"]},
    {"round": "0"},
    {"round": -1},
    {"round": True},
    {"history": {}},
    {"history": [1]},
    {"history": [{"round": 0}]},
    {"panel": "everybody"},
    {"answer": {"options": ["a"]}},
    {"answer": {"options": ["a", "a"], "multiple": False}},
    {"action_requests": {"a": 1}},
    {"action_requests": [["a"]]},
    {"action_requests": [{"args": "a"}]},
]


def test_the_payload_of_a_gate_is_told() -> None:
    assert shape_of(Interrupted("1", REAL)).shape.name == "own_gate"


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_does_not_fit_a_gate_is_a_question(
    watched: Watched, ran: Any, wrong: dict[str, Any]
) -> None:
    app, config = watched.watch(asking(REAL | wrong)), thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    assert (review.kind, review.request["subject"]) == ("question", REAL | wrong)
    assert watched.inbox.decide(review.id, Respond("yes"), by="ann").status == "applied"
    assert ran(app, config) == ["yes", "after"]


def test_a_copy_of_what_a_gate_asks_elsewhere_is_asked_too(watched: Watched, ran: Any) -> None:
    gate = human_approval("draft", action="a", inbox=watched.inbox)
    theirs = watched.inbox.register(one_gate(gate)().compile(checkpointer=watched.saver), "gate")
    theirs.invoke({"draft": "Hello"}, thread())
    (first,) = watched.inbox.pending()
    app, config = watched.watch(asking(first.request)), thread()
    app.invoke({}, config)
    (copy,) = (each for each in watched.inbox.pending() if each.id != first.id)
    assert watched.inbox.decide(copy.id, Approve(), by="ann").status == "applied"
    assert watched.inbox.get(first.id).status == "pending"


CALL: dict[str, Any] = {"type": "tool_approval", "name": "pay", "args": {}, "tool_call_id": "1"}
SCHEMAS: list[Any] = [
    {"oneOf": 5},
    {"oneOf": ["x", {"properties": [1]}, {"properties": {"type": {"const": [1], "enum": 5}}}]},
    {"oneOf": [{"properties": {"type": {"const": "edit"}, "value": 7}}]},
    {"type": "nope"},
    {"description": b"bytes"},
    {"maximum": float("nan")},
    {1: 2},
]


@pytest.mark.parametrize("value", [REAL, CALL, "?"], ids=["gate", "call", "text"])
@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_schema_that_is_none_is_no_reason_not_to_ask(
    watched: Watched, value: Any, schema: Any
) -> None:
    app, config = watched.watch(asking(value, schema=schema)), thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    for decision in (Approve(), Respond("x")):
        try:
            watched.inbox.decide(review.id, decision, by="ann")
        except InvalidDecision:
            continue
        break


def test_words_that_are_none_are_left_out(watched: Watched, ran: Any) -> None:
    configs = [{"action_name": "pay", "allowed_decisions": [{}, ["x"], "approve"]}]
    batch = {"action_requests": [{"name": "pay", "args": {}}], "review_configs": configs}
    app, config = watched.watch(asking(batch)), thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    assert review.request["allowed_decisions"] == ["approve", "defer"]
    app.invoke(Command(resume={"decisions": [{"type": "approve"}]}), config)
    assert watched.inbox.get(review.id).status == "applied"
