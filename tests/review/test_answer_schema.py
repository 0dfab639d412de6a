"""The published schema is JSON Schema, and refuses nothing that the validator takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from langgraph_hitl import Choice, human_approval
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review import AnswerRules, Asked, Decision, normalise
from langgraph_hitl.review.answer_schema import answer_schema
from langgraph_hitl.review.decision import DECISION_TYPES, DecisionType, to_json
from langgraph_hitl.review.snapshot import take
from tests.paused import spec
from tests.strategies import DECISIONS, JSON

CHOICE = Choice("a", "b", multiple=True)
SNAPSHOT = take("Hello")
ASKED = Asked(review_id="rv-1", digest=SNAPSHOT.digest, round=0, snapshot=SNAPSHOT)
RULES = AnswerRules(
    action="post", argument="draft", allowed=DECISION_TYPES, choice=CHOICE, is_question=True
)
PUBLISHED = Draft202012Validator(answer_schema(DECISION_TYPES, choice=CHOICE))


def taken(answer: Any) -> bool:
    try:
        normalise(answer, RULES, ASKED)
    except InvalidDecision:
        return False
    return True


@given(st.lists(st.sampled_from(DECISION_TYPES), min_size=1, unique=True))
def test_it_is_json_schema(allowed: Sequence[DecisionType]) -> None:
    Draft202012Validator.check_schema(answer_schema(allowed, choice=CHOICE))


@pytest.mark.parametrize("kind", DECISION_TYPES)
def test_it_lists_only_what_is_allowed(kind: DecisionType) -> None:
    schema = answer_schema([kind], choice=CHOICE)
    assert [shape["properties"]["type"] for shape in schema["oneOf"]] == [{"const": kind}]


ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "review_id": st.sampled_from(["rv-1", "rv-2", None]),
        "digest": st.sampled_from([ASKED.digest, ""]),
        "round": st.sampled_from([0, 1, False, 0.0, "0"]),
        "by": st.sampled_from(["maria", "", " ", None, 1]),
    },
)
FIELDS = st.sampled_from(
    ["comment", "value", "message", "rating", "feedback", "parts", "choices", "type", "more"]
)
VALUES = st.one_of(
    JSON,
    st.sampled_from(["correct", "incorrect", "a", "b", ["a"], ["a", "b"], [], {"title": "x"}]),
)
ANSWERS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(
        lambda kind, fields, envelope: {**fields, **envelope, "type": kind},
        st.sampled_from([*DECISION_TYPES, "Approve", None]),
        st.dictionaries(FIELDS, VALUES, max_size=3),
        ENVELOPE,
    ),
    st.builds(
        lambda decision, fields, envelope: {**to_json(decision), **fields, **envelope},
        DECISIONS,
        st.dictionaries(FIELDS, VALUES, max_size=1),
        ENVELOPE,
    ),
)


@given(ANSWERS)
def test_what_the_schema_refuses_the_validator_refuses(answer: dict[str, Any]) -> None:
    if not PUBLISHED.is_valid(answer):
        assert not taken(answer)


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "approve", "comment": None},
        {"type": "approve", "rating": None},
        {"type": "approve", "by": None},
        {"type": "reject", "message": None},
        {"type": "revise", "feedback": None, "rating": "incorrect"},
        {"type": "revise", "feedback": "x", "parts": None},
        {"type": "choose", "choices": "a"},
    ],
)
def test_schema_and_validator_agree_on_null_and_on_bare_texts(answer: dict[str, Any]) -> None:
    """Either answer would do, but it has to be the same one."""
    assert PUBLISHED.is_valid(answer) == taken(answer)


@given(DECISIONS)
def test_what_resume_sends_the_schema_takes(decision: Decision) -> None:
    wire = to_json(decision)
    if taken(wire):
        assert PUBLISHED.is_valid(wire)


STRICTER = [
    pytest.param({"type": "approve", "review_id": "rv-2"}, id="another review"),
    pytest.param({"type": "approve", "digest": "sha256:0"}, id="another version"),
    pytest.param({"type": "approve", "round": 7}, id="another round"),
    pytest.param({"type": "revise", "feedback": " "}, id="blank feedback without a rating"),
    pytest.param({"type": "respond", "message": " "}, id="blank answer"),
    pytest.param({"type": "respond", "message": None}, id="no answer"),
    pytest.param({"type": "choose", "choices": ["a", "a"]}, id="chosen twice"),
    pytest.param({"type": "edit", "value": 2**70}, id="more than 64 bits"),
    pytest.param({"type": "reject", "message": "a\x00b"}, id="NUL"),
]


@pytest.mark.parametrize("answer", STRICTER)
def test_the_validator_is_stricter_only_where_a_schema_cannot_say_it(answer: Any) -> None:
    assert PUBLISHED.is_valid(answer)
    assert not taken(answer)


def test_one_option_or_several() -> None:
    one = Draft202012Validator(answer_schema(["choose"], choice=Choice("a", "b")))
    assert one.is_valid({"type": "choose", "choices": ["a"]})
    assert not one.is_valid({"type": "choose", "choices": ["a", "b"]})
    assert not one.is_valid({"type": "choose", "choices": ["c"]})
    assert PUBLISHED.is_valid({"type": "choose", "choices": ["a", "b"]})


class Line(BaseModel):
    amount: int


class Payment(BaseModel):
    lines: list[Line]


def test_the_schema_of_an_edit_is_published_with_its_definitions() -> None:
    """A nested model puts `$ref: #/$defs/...` into its schema, which has to resolve here."""
    schema = spec(human_approval("draft", edit_schema=Payment)).schema
    published = Draft202012Validator(schema)
    assert published.is_valid({"type": "edit", "value": {"lines": [{"amount": 1}]}})
    assert not published.is_valid({"type": "edit", "value": {"lines": [{"amount": "1"}]}})


def test_a_json_schema_of_an_edit_keeps_its_own_references() -> None:
    given = {"$defs": {"n": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/n"}}
    published = Draft202012Validator(spec(human_approval("draft", edit_schema=given)).schema)
    assert published.is_valid({"type": "edit", "value": [1]})
    assert not published.is_valid({"type": "edit", "value": ["1"]})
