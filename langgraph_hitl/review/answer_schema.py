"""The JSON schema of an answer, published with every question: our shape only, what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import RATINGS, DecisionType
from langgraph_hitl.review.items import ITEM_DECISIONS

_TEXT: dict[str, Any] = {"type": "string"}
_UNTIL: dict[str, Any] = {
    "type": "string",
    "description": "A moment with its offset, or a duration such as 2h.",
}
_NOT_BLANK: dict[str, Any] = {"type": "string", "pattern": r"\S"}
_NOT_CORRECT: dict[str, Any] = {"enum": [rating for rating in RATINGS if rating != "correct"]}
_PARTS: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT}
_ENVELOPE: dict[str, Any] = {
    "review_id": _TEXT,
    "digest": _TEXT,
    "round": {"type": "integer"},
    "by": _NOT_BLANK,
}
_REASONS = {"approve": "comment", "edit": "comment", "reject": "message", "abstain": "reason"}
_ROLES: dict[str, Any] = {"roles": {"type": "array", "items": _TEXT}}


def answer_schema(
    allowed: Sequence[DecisionType],
    *,
    value_schema: dict[str, Any] | None = None,
    choice: Choice | None = None,
    with_roles: bool = False,
    escalations: Sequence[str] = (),
    climbs: bool = True,
    item_schema: dict[str, Any] | None = None,
    item_decisions: Sequence[str] = ITEM_DECISIONS,
    reasons: bool = False,
    answer_value: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The schema of what `allowed` lets a person say; `value_schema` is of an edit or an answer.

    `escalations` names whom it can be passed to; where it `climbs`, nobody need be named.
    `item_schema` is of an edited item of a list that is decided item by item, and `item_decisions`
    what may be said of one. `reasons`: every decision says why. `answer_value` is of an answer,
    where that is another than of an edit.

    >>> answer_schema(["approve"])["oneOf"][0]["properties"]["type"]
    {'const': 'approve'}
    """
    value = value_schema or {}
    options = {"enum": list(choice.options)} if choice else _TEXT
    choices: dict[str, Any] = {"type": "array", "items": options, "minItems": 1}
    if choice and not choice.multiple:
        choices["maxItems"] = 1
    whom = {"to": {"enum": list(escalations)}} if escalations else {}
    shapes: dict[str, tuple[dict[str, Any], list[str]]] = {
        "approve": ({"comment": _TEXT, "rating": {"const": "correct"}}, []),
        "edit": ({"value": value, "comment": _TEXT}, ["value"]),
        "reject": ({"message": _TEXT, "rating": _NOT_CORRECT}, []),
        "revise": ({"feedback": _TEXT, "rating": _NOT_CORRECT, "parts": _PARTS}, []),
        "respond": ({"message": value if answer_value is None else answer_value}, ["message"]),
        "choose": ({"choices": choices}, ["choices"]),
        "items": (
            {"items": _items(item_schema or {"type": "object"}, item_decisions), "comment": _TEXT},
            ["items"],
        ),
        "abstain": ({"reason": _TEXT}, []),
        "defer": ({"until": _UNTIL, "comment": _TEXT}, []),
        "escalate": ({"reason": _TEXT, **whom}, [] if climbs else ["to"]),
    }
    if reasons:
        shapes |= {kind: _with_reason(*shapes[kind], field) for kind, field in _REASONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Decision",
        "type": "object",
        "required": ["type"],
        "properties": _ENVELOPE | _ROLES if with_roles else _ENVELOPE,
        "oneOf": [_shape(kind, *shapes[kind]) for kind in allowed],
        "unevaluatedProperties": False,
    }


def _with_reason(
    fields: dict[str, Any], required: list[str], reason: str
) -> tuple[dict[str, Any], list[str]]:
    return {**fields, reason: _NOT_BLANK}, [*required, reason]


def _items(value: dict[str, Any], allowed: Sequence[str]) -> dict[str, Any]:
    kinds: dict[str, tuple[dict[str, Any], list[str]]] = {
        "approve": ({"comment": _TEXT}, []),
        "edit": ({"value": value, "comment": _TEXT}, ["value"]),
        "skip": ({"message": _TEXT}, []),
        "reject": ({"message": _TEXT}, []),
        "reject_rest": ({"message": _TEXT}, []),
    }
    verdict = {
        "type": "object",
        "required": ["type"],
        "oneOf": [_shape(kind, *kinds[kind]) for kind in allowed],
        "unevaluatedProperties": False,
    }
    return {"type": "object", "minProperties": 1, "additionalProperties": verdict}


def _shape(kind: str, fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    shape: dict[str, Any] = {"properties": {"type": {"const": kind}, **fields}}
    return shape | {"required": required} if required else shape
