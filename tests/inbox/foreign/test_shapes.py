"""How others ask, and how they are answered."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.shapes.known import shape_named, shape_of
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING, Interrupted

MAIL: dict[str, Any] = {"name": "mail", "args": {"to": "ann"}, "description": "Mail?"}
PAY: dict[str, Any] = {"name": "pay", "args": {"amount": 5}}
BATCH: dict[str, Any] = {
    "action_requests": [MAIL, PAY],
    "review_configs": [
        {"action_name": "mail", "allowed_decisions": ["approve", "edit", "reject", "respond"]},
        {"action_name": "pay", "allowed_decisions": ["approve"]},
    ],
}
CALL: dict[str, Any] = {"type": "tool_approval", "tool_call_id": "1", **MAIL}
CALL_SCHEMA: dict[str, Any] = {
    "oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/R"}],
    "$defs": {
        "A": {"properties": {"type": {"const": "approve"}}, "required": ["type"]},
        "R": {"properties": {"type": {"const": "reject"}}, "required": ["type"]},
    },
}
OLD: dict[str, Any] = {
    "action_request": {"action": "mail", "args": {"to": "ann"}},
    "config": {
        "allow_accept": True,
        "allow_edit": True,
        "allow_respond": True,
        "allow_ignore": True,
    },
    "description": "Mail?",
}


def items_of(value: Any, schema: Any = None) -> tuple[str, list[tuple[str, Any, tuple[str, ...]]]]:
    shaped = shape_of(Interrupted("1", value, schema))
    return shaped.shape.name, [(one.action, one.subject, one.allowed) for one in shaped.items]


ALL = ("approve", "edit", "reject", "respond")


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        (
            BATCH,
            None,
            ("hitl_request", [("mail", {"to": "ann"}, ALL), ("pay", {"amount": 5}, ("approve",))]),
        ),
        (CALL, CALL_SCHEMA, ("tool_approval", [("mail", {"to": "ann"}, ("approve", "reject"))])),
        ([OLD], None, ("human_interrupt", [("mail", {"to": "ann"}, ALL)])),
        (OLD, None, ("human_interrupt", [("mail", {"to": "ann"}, ALL)])),
        ("Which plan?", None, ("question", [("answer", "Which plan?", ("respond",))])),
        (None, None, ("question", [("answer", None, ("respond",))])),
    ],
    ids=["hitl request", "tool approval", "human interrupt", "one of them", "text", "nothing"],
)
def test_a_shape_is_told_by_the_payload(value: Any, schema: Any, expected: Any) -> None:
    name, items = items_of(value, schema)
    if name == "human_interrupt":
        items = [(action, subject, tuple(sorted(allowed))) for action, subject, allowed in items]
    assert (name, items) == expected


@pytest.mark.parametrize(
    "value",
    [
        {**BATCH, "review_configs": []},
        {**BATCH, "action_requests": [{"name": "mail", "args": "ann"}]},
        {**BATCH, "review_configs": [{"action_name": "mail", "allowed_decisions": ["dance"]}] * 2},
        {"type": "tool_approval", "name": "mail", "args": {}},  # without a schema
        [OLD, "what?"],
        {**OLD, "config": {}},
    ],
)
def test_what_fits_no_shape_is_a_question(value: Any) -> None:
    assert items_of(value)[0] == "question"


def test_what_is_not_json_is_shown_as_text() -> None:
    shaped = shape_of(Interrupted("1", {"when": {1, 2}}))
    (item,) = shaped.items
    assert (item.subject, item.allowed) == ("{'when': {1, 2}}", ("respond",))
    assert "not JSON" in item.sentence


class Shy:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_what_cannot_even_be_shown_is_a_question_all_the_same() -> None:
    (item,) = shape_of(Interrupted("1", Shy())).items
    assert item.subject == "a Shy that cannot be shown (RuntimeError)"


APPROVE, REJECT = {"type": "approve"}, {"type": "reject", "message": "no"}
EDIT = {"type": "edit", "value": {"to": "bob"}}
RESPOND = {"type": "respond", "message": "later"}
EDITED = {"name": "mail", "args": {"to": "bob"}}
TIMEOUT, CANCEL = {"type": "timeout"}, {"type": "cancel", "reason": "moved"}


@pytest.mark.parametrize(
    ("value", "decision", "answer"),
    [
        (BATCH, APPROVE, {"type": "approve"}),
        (BATCH, REJECT, {"type": "reject", "message": "no"}),
        (BATCH, EDIT, {"type": "edit", "edited_action": EDITED}),
        (BATCH, RESPOND, {"type": "respond", "message": "later"}),
        (BATCH, TIMEOUT, {"type": "reject", "message": "nobody decided in time"}),
        (BATCH, CANCEL, {"type": "reject", "message": "moved"}),
        (OLD, APPROVE, {"type": "accept", "args": None}),
        (OLD, REJECT, {"type": "ignore", "args": None}),
        (OLD, EDIT, {"type": "edit", "args": {"action": "mail", "args": {"to": "bob"}}}),
        (OLD, RESPOND, {"type": "response", "args": "later"}),
        ({**OLD, "config": {"allow_accept": True}}, TIMEOUT, NOTHING),
        ("Which plan?", RESPOND, "later"),
        ("Which plan?", TIMEOUT, NOTHING),
        ("Which plan?", REJECT, NOTHING),
    ],
)
def test_a_decision_is_said_in_the_words_of_the_asker(
    value: Any, decision: dict[str, Any], answer: Any
) -> None:
    shaped = shape_of(Interrupted("1", value))
    again = shape_named(shaped.shape.name)
    assert again.encode(shaped.items[0].detail, decision, "ann") == answer


def test_what_is_not_allowed_to_reject_is_left_as_it_is() -> None:
    shaped = shape_of(Interrupted("1", BATCH))
    assert shaped.shape.encode(shaped.items[1].detail, TIMEOUT, "system:deadline") is NOTHING


@pytest.mark.parametrize("decision", [{"type": "revise", "feedback": "x"}, {"type": "abstain"}])
@pytest.mark.parametrize("value", [BATCH, OLD, "Which plan?"], ids=["batch", "old", "question"])
def test_what_the_asker_has_no_word_for_is_refused(value: Any, decision: dict[str, Any]) -> None:
    shaped = shape_of(Interrupted("1", value))
    with pytest.raises(InvalidDecision, match="cannot be answered"):
        shaped.shape.encode(shaped.items[0].detail, decision, "ann")


@pytest.mark.parametrize("kind", [BATCH, [OLD, OLD]], ids=["batch", "old"])
def test_answers_by_position_are_framed_and_taken_apart(kind: Any) -> None:
    shaped = shape_of(Interrupted("1", kind))
    decisions: list[dict[str, Any]] = [EDIT, APPROVE]
    answers = [
        shaped.shape.encode(item.detail, decision, "ann")
        for item, decision in zip(shaped.items, decisions, strict=True)
    ]
    assert shaped.shape.decode(shaped.shape.frame(answers), shaped.items) == decisions


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        (BATCH, "yes"),
        (BATCH, {"decisions": APPROVE}),
        (BATCH, {"decisions": [APPROVE]}),
        (BATCH, {"decisions": [APPROVE] * 3}),
        (BATCH, {"decisions": [APPROVE, REJECT]}),  # not allowed for the second
        (BATCH, {"decisions": [{"type": "approve", "args": {}}, APPROVE]}),
        (BATCH, {"decisions": [{"type": "edit", "edited_action": PAY}, APPROVE]}),
        (BATCH, {"decisions": [{"type": "edit"}, APPROVE]}),
        (BATCH, {"decisions": [APPROVE, APPROVE], "note": "x"}),
        ([OLD], {"type": "accept", "args": None}),
        ([OLD], [{"type": "accept", "args": {"action": "mail", "args": {"to": "eve"}}}]),
        ([OLD], [{"type": "ok", "args": None}]),
        ([OLD], []),
    ],
)
def test_a_malformed_answer_is_refused(value: Any, raw: Any) -> None:
    shaped = shape_of(Interrupted("1", value))
    with pytest.raises(InvalidDecision):
        shaped.shape.decode(raw, shaped.items)
