"""An edit is checked against a type or a JSON schema, strictly."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from langgraph_hitl._subgraph.edit_schema import edit_check, self_contained
from langgraph_hitl.errors import GateError


class Line(BaseModel):
    amount: int


class Typed(TypedDict):
    amount: int


@dataclass
class Data:
    amount: int


def problem(edit_schema: Any, value: Any) -> str | None:
    check, _ = edit_check(edit_schema)
    assert check is not None
    return check(value)


def test_without_a_schema_there_is_no_check() -> None:
    assert edit_check(None) == (None, None)


@pytest.mark.parametrize(
    ("edit_schema", "value"),
    [
        (Line, {"amount": 5}),
        (Typed, {"amount": 5}),
        (Data, {"amount": 5}),
        (int, 5),
        (str, ""),
        (list[int], [1, 2]),
        (Literal["a", "b"], "a"),
        (int | None, None),
        ({"type": "integer", "minimum": 1}, 5),
        ({"const": "x"}, "x"),
    ],
)
def test_a_value_that_fits_has_no_problem(edit_schema: Any, value: Any) -> None:
    assert problem(edit_schema, value) is None


@pytest.mark.parametrize(
    ("edit_schema", "value", "said"),
    [
        (Line, {"amount": "5"}, "amount: Input should be a valid integer"),
        (Line, {"amount": True}, "amount: "),
        (Line, {}, "amount: Field required"),
        (Line, "text", "value: "),
        (Typed, {"amount": 5.5}, "amount: "),
        (Data, {"amount": None}, "amount: "),
        (int, "5", "value: Input should be a valid integer"),
        (int, False, "value: "),
        (Literal["a", "b"], "c", "value: "),
        ({"type": "integer", "minimum": 1}, 0, "0 is less than the minimum of 1"),
        ({"type": "integer"}, "5", "'5' is not of type 'integer'"),
    ],
)
def test_a_value_that_does_not_fit_is_told_where(edit_schema: Any, value: Any, said: str) -> None:
    assert said in (problem(edit_schema, value) or "")


@pytest.mark.parametrize("edit_schema", [list[int], {"items": {"type": "integer"}}])
def test_what_is_told_is_bounded(edit_schema: Any) -> None:
    said = problem(edit_schema, ["x" * 1000] * 100) or ""
    assert said.count(";") == 4
    assert len(said) < 1500


def test_a_json_schema_is_published_as_it_is() -> None:
    schema = {"type": "integer"}
    assert edit_check(schema)[1] == schema
    assert edit_check(int)[1] == schema


@pytest.mark.parametrize("no_schema", [{"type": "nope"}, {"minimum": "x"}, {"required": "a"}])
def test_a_dict_that_is_no_json_schema_is_a_build_error(no_schema: Any) -> None:
    with pytest.raises(GateError, match="edit_schema is not a JSON schema: "):
        edit_check(no_schema)


@pytest.mark.parametrize("no_type", [5, "Undefined", object(), [int], type("Plain", (), {})])
def test_what_is_no_type_is_a_build_error(no_type: Any) -> None:
    with pytest.raises(GateError, match=r"edit_schema: .* is no schema for JSON"):
        edit_check(no_type)


def test_without_jsonschema_the_error_names_the_extra() -> None:
    program = """
import sys
sys.modules["jsonschema"] = None
from langgraph_hitl import human_approval
from langgraph_hitl.errors import MissingExtra
human_approval("draft", edit_schema=int)
try:
    human_approval("draft", edit_schema={"type": "integer"})
except MissingExtra as error:
    assert error.extra == "policy"
    assert 'pip install "langgraph-hitl[policy]"' in str(error)
else:
    sys.exit("no error")
"""
    subprocess.run([sys.executable, "-c", program], check=True)


class Tree(BaseModel):
    """A type that names itself."""

    name: str
    children: list[Tree] = []


def test_a_published_schema_stands_for_itself() -> None:
    _, schema = edit_check(Tree)
    assert schema is not None
    assert "$ref" not in json.dumps(schema)
    assert schema["properties"]["children"]["items"] == {}


def test_a_type_that_names_itself_is_checked_all_the_same() -> None:
    check, _ = edit_check(Tree)
    assert check is not None
    assert check({"name": "a", "children": [{"name": "b"}]}) is None
    assert check({"name": "a", "children": [{"name": 1}]}) is not None


@pytest.mark.parametrize("reference", ["#/nowhere", "https://example.org/schema"])
def test_a_reference_that_leads_nowhere_is_published_as_anything(reference: str) -> None:
    assert self_contained({"type": "array", "items": {"$ref": reference}}) == {
        "type": "array",
        "items": {},
    }
