"""Steps: one description of what to do, performed synchronously or asynchronously.

A function of the inbox that may wait is a generator of steps; the two performers differ only in
how they take a step, so that there are no twins to keep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar, assert_never

from langgraph_hitl._trampoline import atake_all, take_all
from langgraph_hitl.inbox._locks import Held

Result = TypeVar("Result")


class Call(NamedTuple):
    """Call a function that blocks for a moment; never in a thread that nodes of a graph need."""

    function: Callable[[], Any]


class Take(NamedTuple):
    """Try to take a lock; one that arrives when nobody waits for it any more is given back."""

    function: Callable[[], Held | None]


class Graph(NamedTuple):
    """Call a graph or its saver, by the face that fits."""

    sync: Callable[[], Any]
    asynchronous: Callable[[], Awaitable[Any]]


class Pause(NamedTuple):
    """Wait."""

    seconds: float


Step: TypeAlias = Call | Take | Graph | Pause
Steps: TypeAlias = Generator[Step, Any, Result]


def perform(steps: Steps[Result]) -> Result:
    """Take the steps one after the other."""
    return take_all(steps, _taken)


async def aperform(steps: Steps[Result], executor: Executor) -> Result:
    """`perform` on an event loop; functions that block run in `executor`."""
    return await atake_all(steps, partial(_ataken, executor=executor))


def _taken(step: Step) -> Any:
    match step:
        case Call(function) | Take(function):
            return function()
        case Graph(sync, _):
            return sync()
        case Pause(seconds):
            return time.sleep(seconds)
        case _:
            assert_never(step)


async def _ataken(step: Step, executor: Executor) -> Any:
    match step:
        case Call(function):
            return await asyncio.get_running_loop().run_in_executor(executor, function)
        case Take(function):
            return await _take(function, executor)
        case Graph(_, asynchronous):
            return await asynchronous()
        case Pause(seconds):
            return await asyncio.sleep(seconds)
        case _:
            assert_never(step)


async def _take(function: Callable[[], Held | None], executor: Executor) -> Held | None:
    taking = executor.submit(function)
    try:
        return await asyncio.wrap_future(taking)
    except asyncio.CancelledError:
        taking.add_done_callback(_give_back)
        raise


def _give_back(taking: Future[Held | None]) -> None:
    if not taking.cancelled() and taking.exception() is None:
        held = taking.result()
        if held is not None:
            held.release()
