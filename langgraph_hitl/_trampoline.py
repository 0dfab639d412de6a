"""Steps taken one after the other: a generator says what to do, a function does it.

What may wait is described once, and performed synchronously or on an event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


def take_all(steps: Generator[Step, Any, Result], take: Callable[[Step], Any]) -> Result:
    """The result of the steps; what a step gives or raises goes back into the generator."""
    outcome: tuple[Any, BaseException | None] = (None, None)
    while True:
        try:
            step = _next(steps, outcome)
        except StopIteration as end:
            result: Result = end.value
            return result
        try:
            outcome = (take(step), None)
        except BaseException as error:
            outcome = (None, error)


async def atake_all(
    steps: Generator[Step, Any, Result], take: Callable[[Step], Awaitable[Any]]
) -> Result:
    """`take_all` on an event loop."""
    outcome: tuple[Any, BaseException | None] = (None, None)
    while True:
        try:
            step = _next(steps, outcome)
        except StopIteration as end:
            result: Result = end.value
            return result
        try:
            outcome = (await take(step), None)
        except BaseException as error:
            outcome = (None, error)


def _next(steps: Generator[Step, Any, Any], outcome: tuple[Any, BaseException | None]) -> Step:
    value, error = outcome
    return steps.send(value) if error is None else steps.throw(error)
