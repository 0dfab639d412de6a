"""What a revision may name of what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.parts import check_parts, parts_of

ITEMS: dict[str, Any] = {"key": "id", "decided": [{"id": "0", "type": "skip"}]}


def test_open_questions_and_items_are_parts_decided_ones_too() -> None:
    assert parts_of({"q1": "When?"}, [{"id": 1}], ITEMS) == ["q1", "1", "0"]
    assert parts_of({}, "a text", None) == []
    assert parts_of(None, [{"id": 1}], ITEMS) is None


@pytest.mark.parametrize("given", [None, {}, {"q1": "May"}, {"q1": "May", "1": "early"}])
def test_known_parts(given: dict[str, str] | None) -> None:
    check_parts(given, ["q1", "1"])


def test_where_nothing_is_named_a_part_may_be_anything() -> None:
    check_parts({"title": "dull"}, None)


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("budget", r"parts: there is no 'budget', only q1, when$"),
        ("Q1", "there is no 'Q1', only q1, when; did you mean 'q1'"),
        ("whem", "only q1, when; did you mean 'when'"),
        ("", "there is no '', only"),
        ("q2", "only q1, when$"),
    ],
)
def test_an_unknown_part_is_named_with_those_there_are(part: str, problem: str) -> None:
    with pytest.raises(InvalidDecision, match=problem):
        check_parts({"q1": "May", part: "1,000"}, ["q1", "when"])
