"""A review that nobody is needed for: no interrupt, no pause, nothing called but its trigger.

On a sample of the rows: it is two nodes of one superstep each, and nothing waits.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langgraph.graph import START, StateGraph

from langgraph_hitl import approved, confidence_escalation, decided_items, qa_sample
from langgraph_hitl._subgraph.gate import Gate
from tests.apps import Crash, Fuse, State, one_gate
from tests.drivers import Builder, Driver
from tests.subject_presets import SALT

GIVEN = {"draft": "Hello", "score": 0.93, "case": "item-2"}
SENTENCES = {
    "confidence_escalation": "The confidence 0.93 is at least 0.8.",
    "qa_sample": (
        "Not drawn for the sample of 10 %. Not flagged as high_risk or flagged_for_review."
    ),
}


def gate_of(kind: str, **options: Any) -> Gate:
    if kind == "qa_sample":
        return qa_sample("draft", item_id="case", salt=SALT, **options)
    return confidence_escalation("draft", confidence="score", **options)


class Unreachable(GenericFakeChatModel):
    """A chat model that must not be called."""

    def _generate(self, *args: Any, **options: Any) -> Any:
        raise AssertionError("no model is called")


over_kinds = pytest.mark.parametrize("kind", SENTENCES)


@over_kinds
def test_it_goes_through_without_a_pause(sample: Driver, kind: str) -> None:
    called: list[State] = []

    def note(state: State) -> Any:
        called.append(state)
        return {}

    model = Unreachable(messages=iter([]))
    gate = gate_of(kind, revise=model, prompt=note, context=note, criteria=note)
    thread = sample.thread(one_gate(gate))
    chunks = thread.stream(GIVEN, "updates", subgraphs=True)
    assert [name for _, chunk in chunks for name in chunk] == ["prepare", "record", "gate", "act"]
    assert thread.over
    assert thread.pending() == []
    assert thread.ran == ["act:Hello"]
    assert called == []


@over_kinds
def test_its_events(sample: Driver, kind: str) -> None:
    thread = sample.thread(one_gate(gate_of(kind)))
    chunks = [payload for _, payload in thread.stream(GIVEN, subgraphs=True)]
    review_id = thread.record["review_id"]
    assert chunks == [
        {"type": "review", "event": "not_needed", "review_id": review_id},
        {
            "type": "review",
            "event": "decided",
            "review_id": review_id,
            "outcome": "auto_approved",
        },
    ]
    assert thread.stream(None, subgraphs=True) == []


@over_kinds
def test_it_is_recorded_like_a_decision(sample: Driver, kind: str) -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    thread = sample.thread(one_gate(gate_of(kind, clock=lambda: noon)))
    thread.send(GIVEN)
    record = thread.record
    assert (record["kind"], record["gate"], record["round"]) == (kind, "gate", 0)
    assert (record["outcome"], record["decided_by"]) == ("auto_approved", "system:trigger")
    assert record["decided_at"] == noon.isoformat()
    assert (record["decisions"], record["history"]) == ([], [])
    assert record["finding"]["needed"] is False
    assert record["finding"]["sentence"] == SENTENCES[kind]
    assert thread.values["reviews"] == [{**record, "value": "Hello"}]
    assert approved(thread.values, "draft") == "Hello"
    (item,) = decided_items(thread.values, "draft")
    assert (item["value"], item["outcome"]) == ("Hello", "auto_approved")


@over_kinds
def test_its_record_is_stored_before_anything_follows(sample: Driver, kind: str) -> None:
    fuse = Fuse(1)

    def act(state: State) -> dict[str, Any]:
        fuse()
        return {"ran": [approved(state, "draft")]}

    def build() -> Builder:
        builder = one_gate(gate_of(kind), {"approved": "go", "rejected": "stop"})()
        builder.nodes.pop("go")
        return builder.add_node("go", act)

    thread = sample.thread(build)
    with pytest.raises(Crash):
        thread.send(GIVEN)
    before = thread.values["reviews"]
    assert len(before) == 1
    thread.send(None)
    assert thread.ran == ["Hello"]
    assert thread.values["reviews"] == before


@over_kinds
def test_a_crash_while_it_is_recorded_records_it_once(sample: Driver, kind: str) -> None:
    fuse = Fuse(2)

    def clock() -> datetime:
        fuse()
        return datetime(2026, 1, 2, tzinfo=UTC)

    thread = sample.thread(one_gate(gate_of(kind, clock=clock)))
    with pytest.raises(Crash):
        thread.send(GIVEN)
    thread.send(None)
    assert thread.ran == ["act:Hello"]
    assert len(thread.values["reviews"]) == 1


@over_kinds
def test_two_subgraphs_down(sample: Driver, kind: str) -> None:
    def build() -> Builder:
        builder = one_gate(gate_of(kind))()
        for _ in range(2):
            outer: Builder = StateGraph(State)
            outer.add_node("inner", builder.compile())
            outer.add_edge(START, "inner")
            builder = outer
        return builder

    thread = sample.thread(build)
    thread.send(GIVEN)
    assert thread.ran == ["act:Hello"]
    assert thread.over


@over_kinds
def test_a_plain_answer_that_nobody_asked_for_does_nothing(sample: Driver, kind: str) -> None:
    thread = sample.thread(one_gate(gate_of(kind)))
    thread.send(GIVEN)
    before = thread.values
    thread.plain({"type": "reject"})
    assert thread.values == before
