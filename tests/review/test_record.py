"""The record keeps the value as JSON, and a bounded history."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from langgraph_hitl.review.record import (
    MAX_HISTORY,
    MAX_VERSION_SIZE,
    snapshot_of,
    stored_value,
    with_version,
)
from langgraph_hitl.review.snapshot import take

DECISION = {"type": "revise", "feedback": "shorter"}


@pytest.mark.parametrize(
    "value",
    [
        "text",
        {"a": [1, None]},
        AIMessage("Hello", id="m1"),
        [HumanMessage("?", id="m1"), AIMessage("!", id="m2")],
    ],
)
def test_the_stored_value_is_json_and_reads_back(value: Any) -> None:
    snapshot = take(value)
    stored = stored_value(snapshot)
    read = snapshot_of(snapshot.form, json.loads(json.dumps(stored)))
    assert read.restore() == value
    assert read.digest == snapshot.digest


def version(history: list[dict[str, Any]], number: int, shown: Any) -> list[dict[str, Any]]:
    return with_version(
        history,
        round=number,
        shown=shown,
        digest=f"sha256:{number}",
        decision=DECISION,
        next_shown="next",
    )


def test_a_superseded_version_stays_with_what_was_said_and_what_changed() -> None:
    assert version([], 0, "first") == [
        {
            "round": 0,
            "digest": "sha256:0",
            "decision": DECISION,
            "version": "first",
            "diff": {"kind": "text", "lines": ["@@ -1 +1 @@", "-first", "+next"]},
        }
    ]


def test_versions_are_in_order_and_the_oldest_give_way() -> None:
    history: list[dict[str, Any]] = []
    for number in range(MAX_HISTORY + 3):
        history = version(history, number, f"version {number}")
    assert [entry["round"] for entry in history] == list(range(3, MAX_HISTORY + 3))


def test_a_long_version_is_left_out_and_marked() -> None:
    longest = "x" * MAX_VERSION_SIZE
    (kept,) = version([], 0, longest)
    (cut,) = version([], 0, longest + "x")
    assert kept["version"] == longest
    assert "truncated" not in kept
    assert "version" not in cut
    assert cut["truncated"] is True


def test_the_given_history_is_not_changed() -> None:
    history = version([], 0, "first")
    version(history, 1, "second")
    assert len(history) == 1
