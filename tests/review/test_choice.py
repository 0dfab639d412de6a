"""A question with options takes options, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Choice
from langgraph_hitl.errors import GateError


@pytest.mark.parametrize("options", [(), ("a",), ("a", "a"), ("a", "b", "a")])
def test_there_are_two_different_options_at_least(options: tuple[str, ...]) -> None:
    with pytest.raises(GateError, match="Choice needs at least two different options, got"):
        Choice(*options)


@pytest.mark.parametrize("options", [("a", ""), ("a", "  "), (1, 2), ("a", None), (["a"], ["b"])])
def test_options_are_texts_that_are_not_blank(options: tuple[Any, ...]) -> None:
    with pytest.raises(GateError, match=r"(?i)options of a Choice are texts that are not blank"):
        Choice(*options)


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        (["a"], None),
        (["b"], None),
        ([], "nothing was chosen"),
        (["c"], "'c' is not offered; offered: a, b"),
        (["A"], "'A' is not offered; offered: a, b"),
        (["a", "a"], "an option was chosen twice"),
        (["a", "b"], "choose one of the options"),
    ],
)
def test_one_of_the_options(choices: list[str], problem: str | None) -> None:
    assert Choice("a", "b").problem(choices) == problem


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        (["b", "a"], None),
        (["a"], None),
        ([], "nothing was chosen"),
        (["a", "c"], "'c' is not offered; offered: a, b"),
        (["a", "b", "a"], "an option was chosen twice"),
    ],
)
def test_several_of_the_options(choices: list[str], problem: str | None) -> None:
    assert Choice("a", "b", multiple=True).problem(choices) == problem


def test_what_clients_see_of_it() -> None:
    assert Choice("a", "b").to_json() == {"options": ["a", "b"], "multiple": False}
