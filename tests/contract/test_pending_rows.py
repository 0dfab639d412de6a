"""A review that was asked by an older version is answered by this one."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import Any

import pytest

from langgraph_hitl import Approve, Choose, Edit, Revise
from tests.drivers import Driver
from tests.fixtures import pending_v1

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
