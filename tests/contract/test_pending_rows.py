"""A review that was asked by an older version is answered by this one."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Choose,
    Edit,
    Revise,
    add_review,
    confidence_escalation,
    human_approval,
    qa_sample,
)
from langgraph_hitl.review import Finding
from tests.apps import State, act, noting
from tests.drivers import Builder, Driver
from tests.fixtures import pending_v1
from tests.subject_presets import SALT

KEPT: dict[str, Any] = json.loads(pending_v1.JSON.read_text())


@pytest.fixture
def asked(durable: Driver) -> dict[str, Any]:
    """The rows are there; these are the requests that they were written for."""
    if "postgres" in durable.row.saver:
        pending_v1.load(durable.place, KEPT["postgres"])
        requests: dict[str, Any] = KEPT["requests"]["postgres"]
    else:
        shutil.copy(pending_v1.SQLITE, durable.place)
        requests = KEPT["requests"]["sqlite"]
    return requests


def test_an_approval_in_its_second_round(durable: Driver, asked: dict[str, Any]) -> None:
    thread = pending_v1.thread(durable, "approval")
    request = thread.request
    assert asked["approval"].items() <= asdict(request).items()
    assert (request.schema_version, request.round, request.subject) == (1, 1, "Hello, dear")
    assert request.context == {"sources": ["a"]}
    thread.decide(Revise("friend"))
    assert thread.request.subject == "Hello, dear, friend"
    thread.decide(Approve(), by="jo")
    assert thread.ran == ["act:Hello, dear, friend"]
    assert [decision["by"] for decision in thread.record["decisions"]] == ["maria", None, "jo"]
    assert thread.record["review_id"] == asked["approval"]["review_id"]


NEWER: dict[str, Any] = {
    "confidence_escalation": lambda **options: confidence_escalation(
        "draft", confidence="score", **options
    ),
    "qa_sample": lambda **options: qa_sample("draft", item_id="case", salt=SALT, **options),
    "scored": lambda **options: human_approval("draft", when=scored, **options),
}


def scored(state: State) -> Finding:
    return Finding(needed=False, sentence="Harmless.", score=0.9)


@pytest.mark.parametrize("name", NEWER)
def test_an_approval_whose_gate_has_become_one_with_a_trigger(
    durable: Driver, asked: dict[str, Any], name: str
) -> None:
    """What was asked stays asked: the trigger is for the reviews that come."""

    def build() -> Builder:
        options = {"action": "publish", "context": ["sources"], "revise": pending_v1.rewrite}
        builder: Builder = StateGraph(State)
        add_review(builder, "gate", NEWER[name](**options), approved="act", rejected="stop")
        builder.add_edge(START, "gate")
        builder.add_node("act", act)
        builder.add_node("stop", noting("stop"))
        return builder

    thread = durable.thread(build, "pending-v1-approval")
    assert thread.request.finding == asked["approval"]["finding"]
    thread.send(None)
    thread.decide(Revise("friend"))
    assert thread.request.finding == asked["approval"]["finding"]
    thread.decide(Edit("Hi") if name == "scored" else Approve())
    assert thread.ran == ["act:Hi" if name == "scored" else "act:Hello, dear, friend"]
    assert thread.record["finding"] == asked["approval"]["finding"]


def test_a_choice_with_a_plain_answer(durable: Driver, asked: dict[str, Any]) -> None:
    thread = pending_v1.thread(durable, "choice")
    assert thread.request.review_id == asked["choice"]["review_id"]
    thread.plain([{"type": "response", "args": "b"}])
    assert thread.values["answer"] == "b"


def test_a_choice(durable: Driver, asked: dict[str, Any]) -> None:
    thread = pending_v1.thread(durable, "choice")
    assert thread.request.answer == asked["choice"]["answer"]
    thread.decide(Choose("a"))
    assert thread.values["answer"] == "a"


def test_a_message(durable: Driver, asked: dict[str, Any]) -> None:
    thread = pending_v1.thread(durable, "message")
    assert thread.request.review_id == asked["message"]["review_id"]
    thread.decide(Edit("Good day"))
    assert [(m.text, m.id) for m in thread.values["messages"]] == [("Hi", "h1"), ("Good day", "a1")]
