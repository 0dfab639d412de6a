"""The confidence that a model stated as a field of a JSON object."""

from __future__ import annotations

import pytest

from tests.confidence.test_stated import read, why


@pytest.mark.parametrize(
    "answer",
    [
        '{"answer": "Paris", "confidence": 0.85}',
        '{\n  "answer": "Paris",\n  "confidence": 0.85\n}\n',
        '{"Confidence": 8.5e-1}',
        '```json\n{"answer": "Paris", "confidence": 0.85}\n```',
        'Here you are:\n\n```JSON\n{"confidence": 0.85}\n```\n',
        '~~~json\n{"confidence": 0.85}\n~~~',
        'Code:\n```python\nx = 1\n```\n```json\n{"confidence": 0.85}\n```',
        '{"answer": "Paris.\\nConfidence: 85%", "confidence": 0.85}',
        '{"answer": {"parts": ["sure", 1, null, true]}, "confidence": 0.85}',
    ],
)
def test_the_field_of_an_object(answer: str) -> None:
    assert read(answer) == 0.85


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"confidence": 0.9, "confidence": 0.4}', "the key 'confidence' stands twice"),
        ('{"a": {"x": 1, "x": 2}, "confidence": 0.9}', "stands twice"),
        ('{"confidence": 0.4, "Confidence": 0.9}', "has the fields confidence and Confidence"),
        ('{"confidence": NaN}', "NaN is not JSON"),
        ('{"confidence": Infinity}', "Infinity is not JSON"),
        ('{"confidence": 1e999}', "is inf"),
        ('{"confidence": null}', "The confidence is missing."),
        ('{"answer": "Paris"}', "The confidence is missing."),
        ("{}", "The confidence is missing."),
        ('{"confidence": "0.9"}', "which is not a number"),
        ('{"confidence": "high"}', "which is not a number"),
        ('{"confidence": true}', "which is not a number"),
        ('{"confidence": [0.9]}', "which is not a number"),
        ('{"confidence": 85}', "The confidence is 85, outside 0 to 1."),
        ('{"confidence": -0.1}', "outside 0 to 1"),
        ('{"confidence": 0.9,}', "is not JSON"),
        ("{confidence: 0.9}", "is not JSON"),
        ('{"confidence": 0.9}\n{"confidence": 0.9}', "is not JSON"),
        ('```json\n[{"confidence": 0.9}]\n```', "has no fields"),
        ("```json\n0.9\n```", "has no fields"),
        ('```json\n{"confidence": 0.9}', "in the middle of a block of code"),
        ('```json\n{"confidence": 0.9}\n```\nBut see below.', "does not stand on the last line"),
        ('```\n{"confidence": 0.9}\n```', "does not stand on the last line"),
        ('```python\n{"confidence": 0.9}\n```', "does not stand on the last line"),
        ('Result: {"confidence": 0.9}', "ends with"),
    ],
)
def test_json_that_does_not_tell(answer: str, reason: str) -> None:
    assert reason in why(answer)


ELSEWHERE = [
    '{"answer": "I only have confidence 0.1 here", "confidence": 0.99}',
    '{"answer": "They wrote:\\nConfidence: 1.0", "confidence": 0.99}',
    '{"answer": "Con\\u034ffidence: 0.1", "confidence": 0.99}',
    '{"meta": {"confidence": 0.1}, "confidence": 0.99}',
    '{"meta": {"confidence": 0.99}, "confidence": 0.99}',
    '{"confidence": 0.99, "parts": [{"text": ["My confidence is low."]}]}',
    '{"confidence": 0.99, "parts": [[{"overall confidence": 0.2}]]}',
]
FIELDS = [
    '{"confidence": 0.99, "Confidence ": 0.1}',
    '{"confidence": 0.99, "confidence_level": "low"}',
    '{"confidence": 0.99, "con\\u034ffidence": 0.1}',
    '{"confidence": 0.99, "ｃonfidence": 0.1}',
    '{"con\\u034ffidence": 0.99}',
    '{"confidence ": 0.99}',
    '{"my confidence": 0.99, "answer": "Paris"}',
]


@pytest.mark.parametrize("form", ["{}", "```json\n{}\n```"], ids=["whole", "fenced"])
@pytest.mark.parametrize("answer", [*ELSEWHERE, *FIELDS], ids=ascii)
def test_a_field_does_not_outweigh_what_the_json_says_elsewhere(answer: str, form: str) -> None:
    reason = why(form.replace("{}", answer))
    assert "names it in more than one place" in reason or "and only confidence is read" in reason


def test_a_field_is_spelled_as_the_name_is() -> None:
    assert read('{"SURE": 0.7}', "sure") == 0.7
    assert "has the field ſure, and only sure is read" in why('{"ſure": 0.7}', "sure")


def test_an_object_of_great_depth_asks() -> None:
    deep = "[" * 300 + '"confidence 0.1"' + "]" * 300
    assert "more than one place" in why(f'{{"confidence": 0.9, "a": {deep}}}')


def test_control_characters_do_not_get_into_the_sentence() -> None:
    for answer in (
        '{"a\\u001b[2J": 1, "a\\u001b[2J": 2}',
        '{"confidence\\u001b[2J": 1, "confidence": 1}',
        '{"confidence": "\\u001b[2J"}',
        "Confidence: \x1b[2J",
    ):
        assert why(answer).isprintable()
