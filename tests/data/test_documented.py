"""Every field, answer and trigger that is documented is accepted, and no other one is."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from langgraph_hitl import Checkpoint
from langgraph_hitl._data.place import Origin, Place
from langgraph_hitl._data.trigger import trigger_of_data
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import LEVELS
from tests.data.schema import ABOUT_SUBJECT, FIELDS, LEAVES, QUESTION, STAGE, fits

WITH_INBOX = ("timeout", "default_on_timeout", "reviewers")
"""Fields that are refused without an inbox; see tests/patterns/test_timeouts.py."""

EXAMPLES: dict[str, Any] = {
    "name": "x",
    "stage": "before_commit",
    "subject": "draft",
    "question": "How?",
    "answer": "free_form",
    "action": "go",
    "context": ["a"],
    "required_context": ["a"],
    "criteria": ["a"],
    "when": "always",
    "into": "answer",
    "allowed_decisions": ["reject", "respond"],
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_documented_field_is_accepted(field: str) -> None:
    assert f"| `{field}` |" in str(inspect.getdoc(Checkpoint))
    question = {"name": "x", "question": "How?", "answer": "free_form"}
    subject = {"name": "x", "subject": "draft"}
    base = question if field in QUESTION["properties"] else subject
    data = {**base, field: EXAMPLES[field]}
    assert fits(data)
    Checkpoint.from_dict(data)


def test_no_other_field_is_documented() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", str(inspect.getdoc(Checkpoint)), re.MULTILINE)
    assert sorted(documented) == sorted([*FIELDS, *WITH_INBOX])
    assert sorted(EXAMPLES) == FIELDS


@pytest.mark.parametrize("name", LEAVES)
def test_every_trigger_is_documented_and_known(name: str) -> None:
    assert f"`{name}:" in str(inspect.getdoc(Checkpoint))
    with pytest.raises(GateError) as raised:
        trigger_of_data("unknown", Place(Origin()))
    assert name in str(raised.value).partition("known: ")[2].split(", ")


def test_every_stage_and_decision_is_accepted() -> None:
    for stage in STAGE["enum"]:
        assert f"`{stage}`" in str(inspect.getdoc(Checkpoint))
        Checkpoint.from_dict({"name": "x", "subject": "draft", "stage": stage})
    decisions = ABOUT_SUBJECT["properties"]["allowed_decisions"]["anyOf"][0]["enum"]
    for decision in decisions:
        Checkpoint.from_dict({"name": "x", "subject": "draft", "allowed_decisions": decision})
    for level in LEVELS:
        Checkpoint.from_dict({"name": "x", "subject": "d", "when": {"risk_at_least": level}})
