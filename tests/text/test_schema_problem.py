"""What does not fit a schema is said with the field, and of the branch that fits best."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from langgraph_hitl._text.schema_problem import schema_problem

MONEY = {"properties": {"amount": {"anyOf": [{"type": "number"}, {"type": "null"}]}}}


@pytest.mark.parametrize(
    ("schema", "given", "said"),
    [
        (MONEY, {"amount": "x"}, "amount: 'x' is not"),
        ({"properties": {"value": MONEY}}, {"value": {"amount": []}}, "value.amount: [] is not"),
        ({"type": "number"}, "x", "'x' is not of type 'number'"),
    ],
)
def test_the_field_is_named(schema: dict[str, Any], given: Any, said: str) -> None:
    [error] = Draft202012Validator(schema).iter_errors(given)
    assert schema_problem(error).startswith(said)


def test_a_long_text_is_cut() -> None:
    [error] = Draft202012Validator({"type": "number"}).iter_errors("x" * 999)
    assert len(schema_problem(error)) == 200
