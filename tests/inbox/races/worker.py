"""What runs in the other processes."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection

from langgraph_hitl.errors import AlreadyDecided, StaleReview
from langgraph_hitl.inbox import WorkReport
from tests.inbox.races.place import Place
from tests.inbox.races.play import (
    ASYNCHRONOUS,
    Play,
    aperform,
    config_of,
    input_of,
    perform,
    take_step,
)
from tests.inbox.races.survey import Survey, survey
from tests.inbox.races.world import World, aopened_world, opened_world

PATIENCE = 60.0
"""Seconds for the server to notice that a killed process holds a lock no more."""


@dataclass(frozen=True)
class Life:
    """One process performs one play. `die` is a fail point and a passage of it."""

    place: Place
    process: str
    play: Play
    thread: str
    die: tuple[str, int] | None = None


def live(life: Life, connection: Connection) -> None:
    """Perform a play, and tell how often each point was passed; or die."""
    connection.send(asyncio.run(_alive(life)) if life.play.manner in ASYNCHRONOUS else _live(life))


def _live(life: Life) -> Counter[str]:
    with opened_world(life.place, life.process) as world:
        _prepare(world, life)
        perform(world, life.play, life.thread)
        return world.points.passed


async def _alive(life: Life) -> Counter[str]:
    async with aopened_world(life.place, life.process) as world:
        _prepare(world, life)
        await aperform(world, life.play, life.thread)
        return world.points.passed


def _prepare(world: World, life: Life) -> None:
    world.app(life.play.graph)
    world.points.passed.clear()
    if life.die is not None:
        name, nth = life.die
        world.points.kill_at(name, nth=nth)


@dataclass(frozen=True)
class Recovered:
    """Each thread after `work()`, and after its play was finished."""

    after_work: dict[str, Survey]
    finished: dict[str, Survey]
    holds: bool
    problem: str | None
    failed: dict[str, str]


def recover(place: Place, process: str, plays: dict[str, Play], connection: Connection) -> None:
    """Finish what others have begun: what `work()` can, then what people can."""
    with opened_world(place, process) as world:
        for play in plays.values():
            world.app(play.graph)
        report = _worked(world)
        after_work = {thread: survey(world, play, thread) for thread, play in plays.items()}
        for thread, play in plays.items():
            perform(world, play, thread)
        finished = {thread: survey(world, play, thread) for thread, play in plays.items()}
        verification = world.inbox.verify()
        connection.send(
            Recovered(after_work, finished, bool(verification), verification.problem, report.failed)
        )


def _worked(world: World) -> WorkReport:
    """`work()`, again while a lock is held by a process that the server thinks alive."""
    deadline = time.monotonic() + PATIENCE
    report = world.inbox.work()
    while report.busy and time.monotonic() < deadline:
        report = world.inbox.work()
    assert not report.unregistered
    return report


@dataclass(frozen=True)
class Toil:
    """One of several workers that share a place: it starts threads and answers whatever waits."""

    place: Place
    process: str
    seed: int
    todo: dict[str, Play]
    plays: dict[str, Play]


def toil(toil: Toil, connection: Connection) -> None:
    """Work at random until killed: start, decide, resume directly, do `work()`."""
    draw = random.Random(toil.seed)  # noqa: S311  # a test's choice
    with opened_world(toil.place, toil.process) as world:
        for play in toil.plays.values():
            world.app(play.graph)
        connection.send("ready")
        todo = dict(toil.todo)
        while True:
            if todo and draw.random() < 0.4:
                thread, play = todo.popitem()
                if not world.reviews(thread):
                    world.app(play.graph).invoke(input_of(thread), config_of(thread))
            elif draw.random() < 0.2:
                world.inbox.work()
            else:
                _answer_anything(world, toil.plays, draw)


def _answer_anything(world: World, plays: dict[str, Play], draw: random.Random) -> None:
    """Answer the question of any thread; somebody else may be doing so."""
    waiting = world.inbox.pending()
    if not waiting:
        return
    thread = draw.choice(waiting).thread_id
    try:
        take_step(world, plays[thread], thread)
    except (AlreadyDecided, StaleReview):
        return
