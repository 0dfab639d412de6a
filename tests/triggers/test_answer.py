"""What a model answered, as a plain value."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from pydantic import BaseModel, RootModel

from langgraph_hitl.errors import Unreadable
from langgraph_hitl.triggers.answer import fences, read_answer
from tests.strategies import JSON


class Level(Enum):
    HIGH = "high"


class TextLevel(str, Enum):  # noqa: UP042  # as schemas for models have it
    HIGH = "high"


class Risk(BaseModel):
    level: str
    score: float = 0.5


class Graded(BaseModel):
    level: Level


def why(answer: Any, field: str | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read_answer(answer, field)
    return str(caught.value)


def with_raw(parsed: Any, error: Any = None) -> dict[str, Any]:
    return {"raw": AIMessage("..."), "parsed": parsed, "parsing_error": error}


# Shapes


@pytest.mark.parametrize(
    "answer",
    [
        "high",
        '"high"',
        '```json\n"high"\n```',
        AIMessage("high"),
        AIMessage([{"type": "text", "text": "hi"}, {"type": "text", "text": "gh"}]),
        AIMessage([{"type": "reasoning", "summary": []}, {"type": "text", "text": "high"}]),
        Level.HIGH,
        TextLevel.HIGH,
        RootModel[str]("high"),
        with_raw("high"),
        with_raw(Level.HIGH),
    ],
)
def test_a_value(answer: Any) -> None:
    assert read_answer(answer) == "high"


@pytest.mark.parametrize(
    "answer",
    [
        {"level": "high", "score": 0.5},
        Risk(level="high"),
        Graded(level=Level.HIGH),
        {"level": Level.HIGH},
        with_raw(Risk(level="high")),
        with_raw({"level": "high"}),
        '{"level": "high"}',
        ' {"level":\n"high"}\n',
        '```json\n{"level": "high"}\n```',
        '```\n{"level": "high"}\n```',
        'Sure:\n```JSON\n{"level": "high"}\n```\nAnything else?',
        'As in\n```python\nx = {}\n```\nit is\n```json\n{"level": "high"}\n```',
        AIMessage('```json\n{"level": "high"}\n```'),
    ],
)
def test_a_field(answer: Any) -> None:
    assert read_answer(answer, "level") == "high"


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("0.7", 0.7),
        ("1", 1),
        ("true", True),
        ("null", None),
        ('{"a": 0.1, "b": 0.2}', {"a": 0.1, "b": 0.2}),
        (AIMessage('```json\n{"a": 0.1}\n```'), {"a": 0.1}),
        ("High.", "High."),
        ("It is\n```\n0.7\n```", "It is\n```\n0.7\n```"),
        ("```\n0.7\n```\nit is", "```\n0.7\n```\nit is"),
        ("NaN", "NaN"),
        (0.7, 0.7),
        (RootModel[float](0.7), 0.7),
        ({"a": Decimal("0.5")}, {"a": Decimal("0.5")}),
        (Risk(level="low"), {"level": "low", "score": 0.5}),
    ],
)
def test_json_is_its_value_and_other_texts_are_themselves(answer: Any, value: Any) -> None:
    found = read_answer(answer)
    assert found == value
    assert type(found) is type(value)


@given(JSON)
def test_every_json_value_is_read(value: Any) -> None:
    text = json.dumps({"field": value})
    assert read_answer(text, "field") == value
    assert read_answer(f"Here:\n```json\n{text}\n```", "field") == value


# What cannot be read


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "The model gave no answer."),
        ("", "The model's answer has no text."),
        (AIMessage(" \n"), "The model's answer has no text."),
        (AIMessage("", tool_calls=[{"name": "f", "args": {}, "id": "1"}]), "has no text"),
        (with_raw(None), "The model's answer could not be parsed."),
        (with_raw(None, ValueError("bad")), "could not be parsed ('ValueError: bad')"),
        (with_raw({"level": "low"}, ValueError("bad")), "could not be parsed"),
        (with_raw(None, "bad"), "could not be parsed ('bad')"),
        ('{"level": "low"', "is not JSON"),
        ('{"level": "low", "level": "high"}', "the key 'level' stands twice"),
        ("[1, NaN]", "NaN is not JSON"),
        ("```json\nlow\n```", "is not JSON"),
        ('```json\n{"a": 1}', "ends in the middle of its JSON"),
        ('```json\n{"a": 1}\n```\nor\n```json\n{"a": 2}\n```', "several blocks of JSON"),
    ],
)
def test_an_answer_that_says_nothing(answer: Any, reason: str) -> None:
    assert reason in why(answer)
    assert reason in why(answer, "level")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("high", "The model's answer is not JSON"),
        ("high: 0.9", "The model's answer is not JSON"),
        ("0.9", "The model's answer has no level: 0.9."),
        ("{}", "The model's answer has no level: {}."),
        ('[{"level": "high"}]', "has no level"),
        ({"risk": "high"}, "has no level"),
        ({"Level": "high"}, "has no level"),
        (RootModel[float](0.7), "has no level"),
        (Level.HIGH, "is not JSON"),
    ],
)
def test_a_field_that_is_not_there(answer: Any, reason: str) -> None:
    assert reason in why(answer, "level")


# Fences


def test_the_blocks_of_a_text() -> None:
    text = "a\n```python 3\nx\n```\nb\n~~~~\n```\n~~~\n~~~~\nc\r\n```JSON\n{}"
    found = [(each.language, each.body, each.closed) for each in fences(text)]
    assert found == [("python", "x", True), ("", "```\n~~~", True), ("json", "{}", False)]
    assert fences(text)[0].before == "a"
    assert fences(text)[1].after == "c\n```JSON\n{}"


@pytest.mark.parametrize(
    "text", ["", "``` `x` ```", "a ```\nb", "    ```\nx\n    ```", "``\nx\n``"]
)
def test_what_is_no_block(text: str) -> None:
    assert fences(text) == []


@given(st.text(st.sampled_from("`~j \n{}a"), max_size=30))
def test_blocks_and_what_stands_around_them_are_the_text(text: str) -> None:
    for block in fences(text):
        parts = [block.before, block.body, block.after]
        assert all(part in text for part in parts)
        assert sum(map(len, parts)) <= len(text)
