"""`kill -9` at random moments of two workers that share the work: nothing lost, stuck or wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.inbox.races.checks import check
from tests.inbox.races.place import Place
from tests.inbox.races.play import Play
from tests.inbox.races.processes import Child
from tests.inbox.races.worker import Toil, toil
from tests.scale import scale

PLAYS = (
    Play("one", "decide"),
    Play("one", "raw", "reject"),
    Play("one", "worker"),
    Play("nested", "raw"),
    Play("nested", "decide", "reject"),
    Play("revised", "decide"),
    Play("revised", "raw", "reject"),
    Play("panel", "decide"),
    Play("parallel", "raw"),
    Play("sent", "decide", "reject"),
)
NEW_THREADS, OPEN_THREADS = 2, 6
"""How many threads come with each life of a worker, and how many of the latest it may start."""
LONGEST_LIFE = 0.6
"""Seconds from when a worker is ready until it is killed, at most."""


@pytest.mark.timeout(1800)
def test_two_workers_killed_at_random_moments(place: Place) -> None:
    kills = scale(200)
    plays = {
        f"random {n} of {uuid4().hex[:8]}": PLAYS[n % len(PLAYS)]
        for n in range(kills * NEW_THREADS)
    }
    with ThreadPoolExecutor(2) as pool:
        lives = pool.map(lambda first: list(_lives(place, plays, kills, first)), (0, 1))
    check(place, plays, [process for of_one in lives for process in of_one])


def _lives(place: Place, plays: dict[str, Play], kills: int, first: int) -> Iterator[str]:
    """One worker after another, each killed; both series together have `kills` of them."""
    draw = random.Random(first)  # noqa: S311  # a test's choice
    names = list(plays)[first::2]
    for number in range(first, kills, 2):
        until = NEW_THREADS * (number // 2 + 1)
        todo = {name: plays[name] for name in names[max(0, until - OPEN_THREADS) : until]}
        process = f"worker {first}, life {number}"
        child = Child(toil, Toil(place, process, draw.randrange(1 << 30), todo, plays))
        child.await_ready()
        child.kill_after(draw.random() * LONGEST_LIFE)
        yield process
