"""What `langgraph_hitl.panels` gives."""

from __future__ import annotations

import inspect

import pytest

from langgraph_hitl import panels


def test_the_public_names_are_sorted_and_documented() -> None:
    assert panels.__all__ == sorted(panels.__all__)
    for name in panels.__all__:
        if name != "Tally":
            assert inspect.getdoc(getattr(panels, name))


@pytest.mark.parametrize(
    "name",
    ["all_of", "anyone", "by_risk", "chain", "expert", "majority", "poll", "quorum", "unanimous"],
)
def test_a_constructor_is_shown_with_an_example(name: str) -> None:
    doc = inspect.getdoc(getattr(panels, name)) or ""
    assert ">>>" in doc
    assert "GateError" in doc
