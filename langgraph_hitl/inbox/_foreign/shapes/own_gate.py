"""A gate of this package without an inbox of its own, in a graph that is watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, NotRequired

from pydantic import NonNegativeInt, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl.errors import GateError
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING, Interrupted, Item, refusal
from langgraph_hitl.review.answer import normalise
from langgraph_hitl.review.answer_rules import AnswerRules, Asked
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.request import is_request
from langgraph_hitl.review.snapshot import Snapshot

_SHOWN = ("context", "history", "criteria", "panel")
_Name = Annotated[str, StringConstraints(pattern=r"\S")]


class _Finding(TypedDict):
    sentence: NotRequired[str]
    score: NotRequired[float | None]
    details: NotRequired[dict[str, Any] | None]
    parts: NotRequired[list[_Finding]]


class _Remark(TypedDict):
    round: int
    decision: dict[str, Any]


class _Options(TypedDict):
    options: list[str]
    multiple: bool


class _Request(TypedDict):
    args: NotRequired[dict[str, Any]]


class _Payload(TypedDict):
    """What is read of a gate's payload; whatever only looks like one was put by somebody else."""

    kind: _Name
    action: _Name
    subject_key: str | None
    context: dict[str, Any]
    finding: _Finding
    criteria: list[str]
    allowed_decisions: list[DecisionType]
    round: NonNegativeInt
    history: list[_Remark]
    panel: NotRequired[dict[str, Any] | None]
    answer: NotRequired[_Options | None]
    action_requests: NotRequired[list[_Request]]


class OwnGate:
    """The payload of a gate, answered by a decision that is bound to its review and version."""

    name = "own_gate"

    def items(self, asked: Interrupted) -> tuple[Item, ...] | None:
        value = asked.value
        if not _is_of_a_gate(value):
            return None
        allowed = [word for word in value["allowed_decisions"] if word not in ("defer", "escalate")]
        schemas = _value_schemas(asked.schema)
        item = Item(
            kind=value["kind"],
            action=value["action"],
            subject=value["subject"],
            allowed=tuple(allowed),
            sentence=value["finding"].get("sentence", ""),
            finding=value["finding"],
            context=value["context"],
            detail={
                "bound": {key: value[key] for key in ("review_id", "digest", "round")},
                "allowed": allowed,
                "argument": _argument(value),
                "shown": {key: value[key] for key in _SHOWN if value.get(key)},
            },
            edit_schema=schemas.get("edit", {}),
            respond_schema=schemas.get("respond", {}),
            choice=value.get("answer"),
            is_question=value["subject_key"] is None,
        )
        return (item,)

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        if decision["type"] in NOT_DECIDED:
            if "reject" not in detail["allowed"]:
                return NOTHING
            decision = {"type": "reject", "message": refusal(decision)}
        return {**decision, **detail["bound"], "by": by}

    def frame(self, answers: Sequence[Any]) -> Any:
        return answers[0]

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        item = items[0]
        bound = item.detail["bound"]
        rules = AnswerRules(
            action=item.action,
            argument=item.detail["argument"],
            allowed=item.allowed,
            choice=_choice(item.choice),
            is_question=item.is_question,
            check=_anything,
        )
        decision = normalise(raw, rules, Asked(snapshot=Snapshot(shown=item.subject), **bound))
        return [{key: part for key, part in decision.items() if key not in ("by", "roles")}]


@cache
def _payloads() -> TypeAdapter[_Payload]:
    return TypeAdapter(_Payload)


def _is_of_a_gate(value: Any) -> bool:
    if not is_request(value):
        return False
    try:
        _payloads().validate_python(value, strict=True)
        _choice(value.get("answer"))
    except (ValidationError, GateError):
        return False
    return any(word not in ("defer", "escalate") for word in value["allowed_decisions"])


def _choice(answer: dict[str, Any] | None) -> Choice | None:
    return Choice(*answer["options"], multiple=answer["multiple"]) if answer else None


def _argument(value: dict[str, Any]) -> str | None:
    """The name under which today's clients edit the subject; None where it is the arguments."""
    requests = value.get("action_requests") or [{}]
    args = requests[0].get("args") or {}
    return None if args == value["subject"] else next(iter(args), "value")


def _anything(_value: Any) -> None:
    """The gate itself says what a value may be."""


def _value_schemas(schema: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """What the published schema says about the value of an edit, and of an answer."""
    found = {}
    for properties in map(_properties, _dicts((schema or {}).get("oneOf"))):
        kind = _dict(properties.get("type")).get("const")
        for name in ("value", "message"):
            if kind in ("edit", "respond") and _dict(properties.get(name)):
                found[kind] = properties[name]
    return found


def _properties(shape: dict[str, Any]) -> dict[str, Any]:
    return _dict(shape.get("properties"))


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [*filter(None, map(_dict, values))] if isinstance(values, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
