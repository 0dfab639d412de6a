"""Equal JSON has equal digests, everywhere; what no database takes is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.review.digest import MAX_DEPTH, NotJson, digest, plain_json
from tests.strategies import JSON


def canonical(value: Any) -> Any:
    """JSON equality for Python: `1`, `1.0` and `True` are three values, `-0.0` is not `0.0`."""
    if isinstance(value, dict):
        return ("object", frozenset((key, canonical(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(canonical(item) for item in value))
    return (type(value).__name__, repr(value))


@given(JSON, JSON)
def test_two_values_share_a_digest_exactly_if_they_are_equal(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other))


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)


@given(JSON)
def test_json_read_back_has_the_same_digest(value: Any) -> None:
    assert digest(json.loads(json.dumps(value))) == digest(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, 1.0), (0, False), (None, False), ("1", 1), ([], {}), ("é", "e\u0301")],
)
def test_look_alikes_differ(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_a_digest_is_the_same_in_every_process_and_release() -> None:
    known = "sha256:43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777"
    assert digest({"b": 2, "a": 1}) == known
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest("é"))


@given(JSON)
def test_plain_json_keeps_what_is_plain_json(value: Any) -> None:
    plain = plain_json(value)
    assert canonical(plain) == canonical(value)
    assert plain_json(plain) == plain


def test_plain_json_copies() -> None:
    value = {"a": [1, {"b": 2}]}
    plain = plain_json(value)
    plain["a"][1]["b"] = 3
    assert value == {"a": [1, {"b": 2}]}


def test_tuples_become_lists() -> None:
    assert plain_json(({"a": (1, 2)},)) == [{"a": [1, 2]}]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([float("nan")], r"\$\[0\]: nan is not a JSON number"),
        ({"a": float("inf")}, r"\$\.a: inf is not a JSON number"),
        (float("-inf"), "is not a JSON number"),
        (2**64, "does not fit into 64 bits"),
        (-(2**63) - 1, "does not fit into 64 bits"),
        ({"a": [1, "x\x00"]}, r"\$\.a\[1\]: the text contains a NUL"),
        ("\ud800", "lone surrogate"),
        ("ok \udfff", "lone surrogate"),
        ({"\x00": 1}, "NUL"),
        ({"\ud800": 1}, "lone surrogate"),
        ({1: "a"}, "the key 1 is not a text"),
        ({None: "a"}, "the key None is not a text"),
        (b"bytes", "bytes is not JSON"),
        ({1, 2}, "set is not JSON"),
        (object(), "object is not JSON"),
        (1j, "complex is not JSON"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(value: Any, reason: str) -> None:
    with pytest.raises(NotJson, match=reason):
        plain_json(value)


@pytest.mark.parametrize("value", [2**64 - 1, -(2**63), 0.0, -0.0, 1e308, "\x01", "😀", ""])
def test_the_edges_of_json_are_taken(value: Any) -> None:
    assert canonical(plain_json(value)) == canonical(value)


def nested(levels: int) -> Any:
    value: Any = "leaf"
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_is_bounded() -> None:
    assert plain_json(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(NotJson, match=f"nested deeper than {MAX_DEPTH} levels"):
        plain_json(nested(MAX_DEPTH + 1))


def test_a_value_that_contains_itself_is_refused_not_followed() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotJson, match="nested deeper"):
        plain_json(endless)


def test_a_subclass_becomes_its_plain_type() -> None:
    class Text(str):
        __slots__ = ()

    class Count(int):
        pass

    plain = plain_json({Text("key"): [Text("a"), Count(1)]})
    assert {type(key) for key in plain} == {str}
    assert [type(item) for item in plain["key"]] == [str, int]
