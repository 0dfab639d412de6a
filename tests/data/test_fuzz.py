"""Whatever happens to a description: it is a gate that the documentation knows, or an error."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from langgraph_hitl import Checkpoint
from langgraph_hitl._data.selection import selected
from langgraph_hitl._data.yaml_text import read_yaml
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import GateError
from tests.data.descriptions import CHECKPOINTS, broken
from tests.data.schema import fits
from tests.paused import spec
from tests.scale import scale

FILE = Path(__file__).parent.parent / "fixtures" / "checkpoints.yaml"
TEXT = FILE.read_text(encoding="utf-8")
NAMES = ["admission", "plan_review", "budget", "release", "retrospect"]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATES: list[dict[str, Any]] = [
    {},
    {"draft": "x", "score": 0.5, "item": {"id": "item-1"}, "results": [{"risk": "high"}]},
    {"draft": True, "score": 20, "item": {"id": "item-3"}, "results": [{"risk": 0.05}]},
    {"confidence": 0.9, "risk": "low", "complexity": 0.2, "score": {"1": 0.7, "yes": 1}},
]


def described(gate: Gate) -> dict[str, Any]:
    """Everything about a gate that a person or a graph could notice."""
    found = spec(gate)
    reader = found.context_reader
    return {
        "name": gate.name,
        "outcomes": found.outcomes,
        "subject": found.subject_key,
        "question": found.question,
        "schema": found.schema,
        "action": found.rules.action,
        "context": (found.context_keys, reader and reader({}), found.required_context),
        "criteria": found.criteria,
        "into": found.into,
        "keys": found.input_keys,
        "findings": [found.evaluate(state, NOON).to_json() for state in STATES],
    }


def stripped(data: Any) -> Any:
    """White space around a text does not count."""
    if isinstance(data, dict):
        return {name: stripped(value) for name, value in data.items()}
    if isinstance(data, list):
        return [stripped(value) for value in data]
    return data.strip() if isinstance(data, str) else data


def tried(make: Any, *given: Any, **options: Any) -> Gate | str:
    """The gate, or what the error says, without the line and the word for the top."""
    try:
        gate: Gate = make(*given, **options)
    except GateError as error:
        return re.sub(r"^(checkpoint|line \d+)(, |: )", "", str(error))
    return gate


def as_yaml(data: Any) -> str:
    yaml, out = YAML(typ="safe", pure=True), StringIO()
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # None by its type
    yaml.dump(data, out)
    return out.getvalue()


@given(CHECKPOINTS)
@settings(max_examples=scale(1_000), deadline=None)
def test_a_good_description_is_the_same_gate_however_it_is_written(data: Any) -> None:
    assert fits(data)
    gate = described(Checkpoint.from_dict(data))
    turned = dict(reversed(data.items()))
    assert described(Checkpoint.from_dict(turned)) == gate
    for text in (json.dumps(data) + "\n", json.dumps(data, indent=2), as_yaml(data)):
        assert described(Checkpoint.from_yaml(f"# a comment\n{text}")) == gate


@given(broken())
@settings(max_examples=scale(2_000), deadline=None)
def test_a_broken_one_is_an_error_unless_it_is_good_again(data: Any) -> None:
    found = tried(Checkpoint.from_dict, data)
    if not isinstance(found, str):
        assert fits(stripped(data))
        assert ("when" in data) is (spec(found).when is not None)


@given(broken())
@settings(max_examples=scale(2_000), deadline=None)
def test_a_file_says_the_same_as_a_dict(data: Any) -> None:
    text = json.dumps(data)
    assume(isinstance(data, dict) and "Infinity" not in text)
    assume(not re.search(r"\d{100}|\\ud[89ab]", text))  # YAML does not join surrogates
    found, read = tried(Checkpoint.from_dict, data), tried(Checkpoint.from_yaml, text + "\n")
    if isinstance(found, str):
        assert read == found
    else:
        assert not isinstance(read, str)
        assert described(read) == described(found)


MARKS = [*":-#'\"{}[],&*!|>%@`?~ \t\n\\.0\x00é\ud800", "<<", "- ", ": ", "---\n", "  "]


@st.composite
def scribbled(draw: st.DrawFn) -> str:
    """The file after a few slips of the keyboard."""
    text = TEXT
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 0, 1, 2, 20]))
        put = draw(st.sampled_from(["", *MARKS]) | st.just(text[start : start + length] * 2))
        text = text[:start] + put + text[start + length :]
    return text


@given(scribbled(), st.sampled_from(NAMES))
@settings(max_examples=scale(1_000), deadline=None)
def test_a_slip_of_the_keyboard_is_an_error_unless_the_file_is_good_again(
    text: str, name: str
) -> None:
    found = tried(Checkpoint.from_yaml, text, name=name)
    if not isinstance(found, str):
        data, _ = selected(*read_yaml(text), name)
        assert fits(stripped(data))
        assert ("when" in data) is (spec(found).when is not None)
        assert described(found) == described(Checkpoint.from_dict(data))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "checkpoints.yaml"


@given(st.binary(max_size=200) | st.tuples(st.integers(0, len(TEXT)), st.binary(max_size=6)))
@settings(max_examples=scale(2_000), deadline=None)
def test_any_bytes_are_an_error_that_names_the_file(path: Path, given: Any) -> None:
    content = given
    if isinstance(given, tuple):
        start, put = given
        content = TEXT.encode()[:start] + put
    path.write_bytes(content)
    try:
        Checkpoint.from_yaml(path, name="budget")
    except GateError as error:
        assert str(error).startswith(f"{path}")  # noqa: PT017  # no error is fine, too
