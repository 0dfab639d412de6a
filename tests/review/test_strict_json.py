"""JSON that a person typed has one meaning or none."""

from __future__ import annotations

import pytest

from langgraph_hitl.review.strict_json import NotStrictJson, read_json


def test_json_is_read() -> None:
    assert read_json(' {"a": [1, true, null]} ') == {"a": [1, True, None]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"type": "reject", "type": "approve"}', "stands twice"),
        ("NaN", "NaN is not JSON"),
        ("[-Infinity]", "Infinity"),
        ("{", "column 2"),
        ("[" * 100_000, "deep"),
        ("9" * 5_000, "digits"),
    ],
)
def test_everything_else_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotStrictJson, match=why):
        read_json(text)
