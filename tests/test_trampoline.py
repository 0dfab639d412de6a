"""Steps taken one after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from langgraph_hitl._trampoline import atake_all, take_all

Steps = Generator[str, Any, list[Any]]


def told() -> Steps:
    """What each step came to; an error of a step is met where the step stands."""
    found = [(yield "a")]
    try:
        yield "bad"
    except KeyError as error:
        found.append(error.args[0])
    found.append((yield "b"))
    return found


def uncaught() -> Steps:
    yield "bad"
    return []


def taken(step: str) -> str:
    if step == "bad":
        raise KeyError(step)
    return step.upper()


async def ataken(step: str) -> str:
    return taken(step)


async def run(face: str, steps: Callable[[], Steps]) -> list[Any]:
    return take_all(steps(), taken) if face == "sync" else await atake_all(steps(), ataken)


@pytest.mark.parametrize("face", ["sync", "async"])
async def test_results_and_errors_go_back_to_where_the_step_stands(face: str) -> None:
    assert await run(face, told) == ["A", "bad", "B"]


@pytest.mark.parametrize("face", ["sync", "async"])
async def test_an_error_that_nobody_meets_ends_the_steps(face: str) -> None:
    with pytest.raises(KeyError, match="bad"):
        await run(face, uncaught)
