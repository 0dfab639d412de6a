"""A request is read from an interrupt's value, and only from one of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from langgraph_hitl import human_approval
from langgraph_hitl.review import ReviewRequest
from langgraph_hitl.review.request import (
    MAX_DESCRIPTION,
    MAX_SHOWN_VERSION,
    client_part,
    describe,
    is_request,
    shown_history,
)
from tests.paused import pause
from tests.strategies import JSON

OURS: dict[str, Any] = pause(human_approval("draft")).payload


def test_a_request_has_everything_that_was_sent() -> None:
    request = ReviewRequest.from_interrupt("id", OURS, {"type": "object"})
    assert request is not None
    assert request.interrupt_id == "id"
    assert request.response_schema == {"type": "object"}
    assert request.subject == "Hello"
    assert request.allowed_decisions == ["approve", "edit", "reject"]
    for name in ("review_id", "thread_id", "digest", "round", "context", "finding", "history"):
        assert getattr(request, name) == OURS[name]


def test_a_payload_is_json_and_survives_the_wire() -> None:
    assert json.loads(json.dumps(OURS)) == OURS
    assert is_request(json.loads(json.dumps(OURS)))


@given(JSON)
def test_a_foreign_interrupt_is_no_request(value: Any) -> None:
    assert ReviewRequest.from_interrupt("id", value) is None


@pytest.mark.parametrize(
    "value",
    [
        "question?",
        {"action_requests": [], "review_configs": []},
        {"action_request": {"action": "a", "args": {}}, "config": {}},
        [OURS],
        {**OURS, "schema_version": 2},
        {**OURS, "schema_version": "1"},
        {**OURS, "schema_version": None},
        {**OURS, "review_id": None},
        {**OURS, "digest": 1},
    ],
)
def test_look_alikes_and_later_versions_are_no_request(value: Any) -> None:
    assert ReviewRequest.from_interrupt("id", value) is None


@pytest.mark.parametrize(
    "value",
    [
        {"schema_version": 1, "review_id": "their id", "digest": "their digest"},
        *({k: v for k, v in OURS.items() if k != name} for name in ("subject", "thread_id")),
    ],
    ids=["three keys", "no subject", "no thread"],
)
def test_half_a_request_is_no_request(value: Any) -> None:
    assert ReviewRequest.from_interrupt("id", value) is None


def test_fields_of_a_later_release_are_left_out() -> None:
    request = ReviewRequest.from_interrupt("id", {**OURS, "colour": "red"})
    assert request is not None
    assert not hasattr(request, "colour")


def test_the_clients_part_repeats_the_arguments_under_both_names() -> None:
    part = client_part(action="pay", arguments={"x": 1}, description="Pay?", allowed=["approve"])
    (action,) = part["action_requests"]
    assert action == {
        "name": "pay",
        "args": {"x": 1},
        "arguments": {"x": 1},
        "description": "Pay?",
    }
    assert part["review_configs"] == [{"action_name": "pay", "allowed_decisions": ["approve"]}]


def described(**changes: Any) -> str:
    given: dict[str, Any] = {
        "question": "Pay?",
        "finding": {"sentence": "Above 1,000."},
        "criteria": [],
        "context": {},
        "history": [],
    }
    return describe(**given | changes)


def test_a_description_has_all_that_a_person_needs() -> None:
    said = [
        {"round": 0, "decision": {"type": "revise", "feedback": "shorter"}},
        {"round": 1, "decision": {"type": "revise", "rating": "incorrect"}},
    ]
    text = described(criteria=["polite"], context={"to": "Ann", "n": {"a": 1}}, history=said)
    assert text.splitlines() == [
        "Pay?",
        "Above 1,000.",
        "- polite",
        "to: Ann",
        'n: {"a": 1}',
        "Round 1: shorter",
        "Round 2: revise",
    ]


def test_a_description_is_bounded() -> None:
    assert len(described(criteria=["x" * 10_000])) == MAX_DESCRIPTION
    long = described(context={"memo": "x" * 10_000})
    assert long.endswith("…")
    assert len(long) < 600


def test_long_versions_stay_out_of_the_payload_and_their_diff_in() -> None:
    short = {"round": 0, "version": "x", "diff": None}
    long = {"round": 1, "version": "x" * (MAX_SHOWN_VERSION + 1), "diff": {"kind": "text"}}
    assert shown_history([short, long]) == [
        short,
        {"round": 1, "diff": {"kind": "text"}, "truncated": True},
    ]
    assert "version" in long
