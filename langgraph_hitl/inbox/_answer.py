"""Checking an answer that did not come through the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from langgraph_hitl._subgraph.basis import changed
from langgraph_hitl._subgraph.channels import load
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._text.schema_problem import schema_problem
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.answer import check_answer
from langgraph_hitl.inbox._run.filing import choice_of
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.review.answer import normalise
from langgraph_hitl.review.answer_rules import AnswerRules, Asked
from langgraph_hitl.review.decision import parse, to_json
from langgraph_hitl.review.items import ITEM_DECISIONS, ItemRules, in_words
from langgraph_hitl.review.parts import parts_of


def checked_answer(review: Review, answer: dict[str, Any], spec: GateSpec | None) -> dict[str, Any]:
    """The decision in the wire format, or `InvalidDecision`.

    Where the graph is registered its own rules hold, else what was filed with the review: also
    where it asks something else by now, which it finds out itself.
    """
    assert review.question is not None
    question, request = review.question["question"], review.request
    asked = Asked(
        review_id=review.id,
        digest=review.digest,
        round=review.round,
        snapshot=load(question["snapshot"]),
        decided=in_words(question.get("items", {})),
        parts=parts_of(request.get("questions"), request.get("subject"), request.get("items")),
    )
    if spec is not None and changed(spec, question) is None:
        rules = replace(spec.rules, with_roles=False)
        decision = normalise(answer, rules, asked)
    else:
        decision = normalise(answer, _rules(review), asked)
        _check_schema(review, decision)
        check_answer(review, decision)
    decision.pop("by", None)
    return to_json(parse(decision))


def _rules(review: Review) -> AnswerRules:
    assert review.question is not None
    stored = review.question["rules"]
    check: Callable[[Any], str | None] | None = None
    if _has_value_schema(review.question["schema"]):
        check = _anything
    return AnswerRules(
        action=stored["action"],
        argument=stored["argument"],
        allowed=tuple(stored["allowed"]),
        rated=stored["rated"],
        choice=choice_of(stored["choice"]),
        is_question=stored["is_question"],
        answers=stored.get("answers", False),
        check=check,
        items=_item_rules(stored),
        patches=tuple(stored["patches"]) if "patches" in stored else None,
    )


def _item_rules(stored: dict[str, Any]) -> ItemRules | None:
    if "item_id" not in stored:
        return None
    return ItemRules(key=stored["item_id"], allowed=tuple(stored.get("items", ITEM_DECISIONS)))


def _anything(_value: Any) -> None:
    """The schema that was filed says what a value may be."""


def _has_value_schema(schema: dict[str, Any]) -> bool:
    return any(
        shape.get("properties", {}).get(name)
        for shape in schema.get("oneOf", [])
        for name in ("value", "message")
        if shape["properties"]["type"].get("const") in ("edit", "respond")
    )


def _check_schema(review: Review, decision: dict[str, Any]) -> None:
    assert review.question is not None
    schema = review.question["schema"]
    validator = _validator_class()(schema)
    if validator.is_valid(decision):
        return
    shape = _shape_of(schema, decision)
    errors = [*validator.evolve(schema=shape).iter_errors(decision)] if shape else []
    problems = [
        schema_problem(error, within=1) for error in errors or validator.iter_errors(decision)
    ]
    raise InvalidDecision("; ".join(problems[:3]), review_id=review.id)


def _shape_of(schema: dict[str, Any], decision: dict[str, Any]) -> dict[str, Any] | None:
    """What the schema says of this kind of decision."""
    shapes: list[dict[str, Any]] = schema.get("oneOf", [])
    kind = {"const": decision["type"]}
    return next((one for one in shapes if one["properties"]["type"] == kind), None)


@cache
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator
