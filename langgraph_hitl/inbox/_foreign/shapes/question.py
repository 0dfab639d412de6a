"""A bare `interrupt("question?")`, and every payload of which nothing else is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl.inbox._foreign.shapes.shape import (
    NOTHING,
    Interrupted,
    Item,
    text_of,
    unreadable,
)
from langgraph_hitl.review.digest import NotJson, plain_json


class Question:
    """Any value; answered by any JSON, or what the published schema allows."""

    name = "question"

    def items(self, asked: Interrupted) -> tuple[Item, ...]:
        try:
            subject, sentence = plain_json(asked.value), "The graph asks a question."
        except (NotJson, RecursionError) as error:
            subject = text_of(asked.value)
            sentence = f"The graph asks with a value that is not JSON, shown as text ({error})."
        item = Item(
            kind="question",
            action="answer",
            subject=subject,
            allowed=("respond",),
            sentence=sentence,
            respond_schema=asked.schema or {},
            is_question=True,
        )
        return (item,)

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        if decision["type"] == "respond":
            return decision["message"]
        if decision["type"] == "reject" or decision["type"] in NOT_DECIDED:
            return NOTHING
        raise unreadable(decision)

    def frame(self, answers: Sequence[Any]) -> Any:
        return answers[0]

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        return [{"type": "respond", "message": raw}]
