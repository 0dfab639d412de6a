"""One tree of errors, each with the ids of what it is about."""

from __future__ import annotations

import inspect
import re

import pytest

from langgraph_hitl import errors
from langgraph_hitl.errors import (
    ContextMissing,
    Drifted,
    GateError,
    HitlError,
    InvalidDecision,
    MissingExtra,
)

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__
]


def drawn() -> dict[str, str]:
    """The tree in the module's docstring, as child and parent."""
    assert errors.__doc__ is not None
    tree: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in errors.__doc__.split("```")[1].strip("\n").splitlines():
        found = re.match(r"([│├└─ ]*)(\w+)", line)
        assert found is not None
        depth = len(found[1])
        above = [(deep, name) for deep, name in above if deep < depth]
        if above:
            tree[found[2]] = above[-1][1]
        above.append((depth, found[2]))
    return tree


def test_the_drawn_tree_is_the_tree() -> None:
    real = {
        found.__name__: base.__name__
        for found in CLASSES
        for base in found.__bases__
        if issubclass(base, HitlError)
    }
    assert drawn() == real


def test_every_error_is_exported_documented_and_one_of_ours() -> None:
    assert sorted(errors.__all__) == sorted(found.__name__ for found in CLASSES)
    assert errors.__all__ == sorted(errors.__all__)
    for found in CLASSES:
        assert issubclass(found, HitlError)
        assert found.__doc__


@pytest.mark.parametrize(
    ("error", "message", "attributes"),
    [
        (
            MissingExtra("The demo", extra="cli"),
            'The demo needs an extra: pip install "langgraph-hitl[cli]"',
            {"extra": "cli"},
        ),
        (
            ContextMissing(["a", "b"], gate="g"),
            "Gate 'g' requires context that is absent or empty: 'a', 'b'. "
            "Fill it before the gate, or take it out of required_context.",
            {"keys": ("a", "b")},
        ),
        (
            InvalidDecision("no", review_id="rv-1"),
            "Review rv-1: no",
            {"reason": "no", "review_id": "rv-1"},
        ),
        (InvalidDecision("no"), "no", {"reason": "no", "review_id": None}),
        (
            Drifted("draft", approved_digest="sha256:a", actual_digest="sha256:b"),
            "'draft' changed after its approval (approved sha256:a, now sha256:b). "
            "Send it through the gate again.",
            {"key": "draft", "approved_digest": "sha256:a", "actual_digest": "sha256:b"},
        ),
    ],
)
def test_an_error_names_culprit_and_cure(
    error: HitlError, message: str, attributes: dict[str, object]
) -> None:
    assert str(error) == message
    for name, value in attributes.items():
        assert getattr(error, name) == value


@pytest.mark.parametrize(
    ("error", "builtin"),
    [(GateError, ValueError), (MissingExtra, ImportError), (InvalidDecision, ValueError)],
)
def test_an_error_is_also_what_python_calls_it(error: type, builtin: type) -> None:
    assert issubclass(error, builtin)
