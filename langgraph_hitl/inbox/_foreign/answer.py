"""The answer to a question: what was decided about each of its items, in the asker's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.filing import KEY
from langgraph_hitl.inbox._foreign.shapes.known import shape_named
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING
from langgraph_hitl.inbox.review import Review, Settlement

_SHOWN = 3
_SOMEBODY = "somebody"
"""Stands for who decides, where only the form of an answer is checked."""


def check_answer(review: Review, decision: Mapping[str, Any]) -> None:
    """Raises `InvalidDecision` for a decision that the asker could not read."""
    kept = (review.question or {}).get(KEY)
    if kept is None:
        return
    try:
        answer = shape_named(kept["shape"]).encode(kept["detail"], decision, _SOMEBODY)
    except InvalidDecision as error:
        raise InvalidDecision(error.reason, review_id=review.id) from None
    if kept["schema"] is None or answer is NOTHING or len(kept["family"]) > 1:
        return
    check_schema(kept["schema"], shape_named(kept["shape"]).frame([answer]), review.id)


def check_schema(schema: dict[str, Any], answer: Any, review_id: str) -> None:
    """Raises `InvalidDecision` for an answer that the published schema does not allow."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # An empty registry: what a schema refers to elsewhere is not fetched.
    try:
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema, registry=Registry())
        found = list(validator.iter_errors(answer))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
        raise InvalidDecision(
            f"the schema that was published with the question cannot be applied ({reason})",
            review_id=review_id,
        ) from None
    problems = [f"{error.json_path}: {error.message[:200]}" for error in found]
    if problems:
        raise InvalidDecision("; ".join(problems[:_SHOWN]), review_id=review_id)


def answer_of(reviews: Sequence[Review], settlements: Sequence[Settlement]) -> Any:
    """What the graph is resumed with; `NOTHING` where one item has no answer."""
    assert reviews[0].question is not None
    shape = shape_named(reviews[0].question[KEY]["shape"])
    answers = []
    for review, settlement in zip(reviews, settlements, strict=True):
        assert review.question is not None
        detail = review.question[KEY]["detail"]
        answers.append(shape.encode(detail, settlement.decision, settlement.by))
    return NOTHING if any(one is NOTHING for one in answers) else shape.frame(answers)
