"""Steps: what to do with a call, described once and performed synchronously or asynchronously."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias, TypeVar, assert_never

Result = TypeVar("Result")


class Run(NamedTuple):
    """Call a graph, a tool or a function, by the face that fits."""

    sync: Callable[[], Any]
    asynchronous: Callable[[], Awaitable[Any]]


class Wait(NamedTuple):
    """Wait for something that goes on beside this."""

    future: Future[Any]


Step: TypeAlias = Run | Wait
Steps: TypeAlias = Generator[Step, Any, Result]


def perform(steps: Steps[Result]) -> Result:
    """Take the steps one after the other."""
    outcome: tuple[Any, BaseException | None] = (None, None)
    while True:
        try:
            step = _next(steps, outcome)
        except StopIteration as end:
            result: Result = end.value
            return result
        try:
            outcome = (_taken(step), None)
        except BaseException as error:
            outcome = (None, error)


async def aperform(steps: Steps[Result]) -> Result:
    """`perform` on an event loop."""
    outcome: tuple[Any, BaseException | None] = (None, None)
    while True:
        try:
            step = _next(steps, outcome)
        except StopIteration as end:
            result: Result = end.value
            return result
        try:
            outcome = (await _ataken(step), None)
        except BaseException as error:
            outcome = (None, error)


def _next(steps: Steps[Any], outcome: tuple[Any, BaseException | None]) -> Step:
    value, error = outcome
    return steps.send(value) if error is None else steps.throw(error)


def _taken(step: Step) -> Any:
    match step:
        case Run(sync, _):
            return sync()
        case Wait(future):
            return future.result()
        case _:
            assert_never(step)


async def _ataken(step: Step) -> Any:
    match step:
        case Run(_, asynchronous):
            return await asynchronous()
        case Wait(future):
            return await asyncio.shield(asyncio.wrap_future(future))
        case _:
            assert_never(step)
