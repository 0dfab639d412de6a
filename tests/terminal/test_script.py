"""Answers from a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from langgraph_hitl import Approve, Revise
from langgraph_hitl._terminal.script import BadScript, Script
from tests.terminal.support import REQUEST


def of(folder: Path, content: bytes) -> Script:
    path = folder / "decisions.jsonl"
    path.write_bytes(content)
    return Script(path)


def test_one_decision_a_line(tmp_path: Path) -> None:
    script = of(tmp_path, b'\xef\xbb\xbf{"type": "revise", "feedback": "a"}\r\n{"type": "approve"}')
    assert script.unused == 2
    assert script.decide(REQUEST) == Revise("a")
    assert script.decide(REQUEST) == Approve()
    assert script.unused == 0
    assert script.decide(REQUEST) is None


def test_an_empty_script_answers_nothing(tmp_path: Path) -> None:
    assert of(tmp_path, b"").decide(REQUEST) is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "blank"),
        (b"  \t", "blank"),
        (b"\xff", "not UTF-8"),
        (b"approve", 'write for example {"type": "approve"}'),
        (b'["approve"]', "a decision is an object"),
        (b"{}", "unknown decision type None"),
        (b'{"type": "yes"}', "unknown decision type 'yes'"),
        (b'{"type": "approve", "sure": true}', "unknown field 'sure'"),
        (b'{"type": "revise", "feedback": " "}', "not blank"),
        (b'{"type": "respond", "message": "x"}', "respond is not allowed here"),
        (b'{"type": "reject", "type": "approve"}', "stands twice"),
        (b'{"type": "edit", "value": "\\u0000"}', "NUL"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, why: str) -> None:
    script = of(tmp_path, b'{"type": "approve"}\n' + line + b"\n")
    assert script.decide(REQUEST) == Approve()
    with pytest.raises(BadScript) as caught:
        script.decide(REQUEST)
    assert f"decisions.jsonl, line 2: {why}" in str(caught.value) or why in str(caught.value)
    assert "line 2: " in str(caught.value)


def test_a_refused_answer_names_its_line(tmp_path: Path) -> None:
    script = of(tmp_path, b'{"type": "edit", "value": 1}\n{"type": "approve"}\n')
    script.decide(REQUEST)
    with pytest.raises(BadScript, match=r"line 1: expected text"):
        script.decide(REQUEST, refused="expected text")


def test_what_is_allowed_is_asked_of_each_request(tmp_path: Path) -> None:
    script = of(tmp_path, b'{"type": "approve"}\n')
    with pytest.raises(BadScript, match="approve is not allowed here; allowed: reject"):
        script.decide(replace(REQUEST, allowed_decisions=["reject"]))
