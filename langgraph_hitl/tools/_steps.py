"""Steps: what to do with a call, described once and performed synchronously or asynchronously."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias, TypeVar, assert_never

from langgraph_hitl._trampoline import atake_all, take_all

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
    return take_all(steps, _taken)


async def aperform(steps: Steps[Result]) -> Result:
    """`perform` on an event loop."""
    return await atake_all(steps, _ataken)


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
