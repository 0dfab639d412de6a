"""A difference says what changed, in a bounded space."""

from __future__ import annotations

import time
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.review.diff import MAX_LINES, MAX_TEXT, difference
from langgraph_hitl.review.digest import digest
from tests.strategies import JSON, TEXT


@given(JSON)
def test_nothing_changed_is_none(value: Any) -> None:
    assert difference(value, value) is None


@given(JSON, JSON)
def test_the_patch_makes_the_later_version_from_the_earlier(before: Any, after: Any) -> None:
    changed = difference(before, after)
    if changed is None:
        assert digest(before) == digest(after)
    elif changed["kind"] == "json":
        assert digest(jsonpatch.apply_patch(before, changed["patch"])) == digest(after)
    else:
        assert isinstance(before, str)
        assert isinstance(after, str)


LINES = st.text("ab\n\r\u2028", max_size=6)


@given(LINES, LINES)
def test_a_changed_text_never_shows_as_unchanged(before: str, after: str) -> None:
    changed = difference(before, after)
    if before != after:
        assert changed is not None
        assert changed["lines"] or changed.get("truncated")


@pytest.mark.parametrize(
    ("before", "after"), [("pay", "pay\n"), ("a\r\nb", "a\nb"), ("a\nb", "a\u2028b")]
)
def test_a_change_of_line_ends_is_a_change(before: str, after: str) -> None:
    changed = difference(before, after)
    assert changed is not None
    assert changed["lines"] or changed.get("truncated")


def test_text_gives_the_lines_of_a_unified_diff() -> None:
    assert difference("one\ntwo\nthree", "one\n2\nthree") == {
        "kind": "text",
        "lines": ["@@ -1,3 +1,3 @@", " one", "-two", "+2", " three"],
    }


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), ({"a": 1}, {"a": True})])
def test_look_alikes_are_a_change(before: Any, after: Any) -> None:
    changed = difference(before, after)
    assert changed is not None
    assert [step["op"] for step in changed["patch"]] == ["replace"]


def test_another_kind_of_value_is_replaced_whole() -> None:
    assert difference("text", {"a": 1}) == {
        "kind": "json",
        "patch": [{"op": "replace", "path": "", "value": {"a": 1}}],
    }


def test_many_changed_lines_are_cut_and_marked() -> None:
    changed = difference("\n".join("a" * 1000), "\n".join("b" * 1000))
    assert changed is not None
    assert len(changed["lines"]) == MAX_LINES
    assert changed["truncated"] is True


def test_one_long_line_is_cut_and_marked() -> None:
    changed = difference("a" * MAX_TEXT, "b" * MAX_TEXT)
    assert changed is not None
    assert sum(map(len, changed["lines"])) <= MAX_TEXT
    assert changed["truncated"] is True


def test_a_huge_line_is_left_out_and_marked() -> None:
    assert difference("a" * 600_000, "b" * 600_000) == {
        "kind": "text",
        "lines": ["@@ -1 +1 @@"],
        "truncated": True,
    }


def test_very_many_lines_are_compared_coarsely() -> None:
    before = "\n".join(["same", *(f"old {i}" for i in range(5_000)), "end"])
    after = "\n".join(["same", *(f"new {i}" for i in range(5_000)), "end"])
    changed = difference(before, after)
    assert changed is not None
    assert changed["lines"][:2] == ["@@ -1,5002 +1,5002 @@", "-old 0"]
    assert "+new 0" in changed["lines"]
    assert " same" not in changed["lines"]


def test_a_few_changed_lines_among_very_many_are_shown() -> None:
    lines = [f"line {i}" for i in range(5_000)]
    changed = difference("\n".join(lines), "\n".join([*lines[:10], "other", *lines[11:]]))
    assert changed == {
        "kind": "text",
        "lines": ["@@ -1,5000 +1,5000 @@", "-line 10", "+other"],
    }


@pytest.mark.parametrize(
    "after", [{str(i): i for i in range(MAX_LINES + 1)}, {"text": "x" * (MAX_TEXT + 1)}]
)
def test_a_long_patch_is_left_out_and_marked(after: dict[str, Any]) -> None:
    assert difference({}, after) == {"kind": "json", "patch": [], "truncated": True}


@given(st.lists(TEXT, max_size=30), st.lists(TEXT, max_size=30))
def test_the_size_is_bounded(before: list[str], after: list[str]) -> None:
    changed = difference("\n".join(before), "\n".join(after))
    assert changed is None or len(changed["lines"]) <= MAX_LINES


def test_the_worst_text_takes_seconds_not_minutes() -> None:
    """Many lines that recur, each too rarely to be left out of the comparison."""
    before = "\n".join(f"{i * 7919 % 390}" for i in range(20_000))
    after = "\n".join(f"{i * 104729 % 391}" for i in range(20_000))
    start = time.process_time()
    difference(before, after)
    assert time.process_time() - start < 5
