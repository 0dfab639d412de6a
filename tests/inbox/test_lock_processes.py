"""`ThreadLocks` between real processes that are killed, stopped and forked."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl.inbox._locks import ThreadLocks
from tests.inbox.lock_holder import serve
from tests.inbox.lock_places import SHARED_KINDS, Place, SharedKind, url_of, within

SOON = 1.0
"""Seconds within which a dead holder's lock is free."""


class Process:
    """One that does what `tests.inbox.lock_holder` can do.

    It is forked from a server that has imported modules and done nothing else.
    """

    def __init__(self, place: Place) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.processes.worker", "tests.inbox.lock_holder"])
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(place, theirs))
        self._process.start()
        theirs.close()
        self._left: list[int] = []

    def call(self, *request: Any) -> Any:
        self._connection.send(request)
        return self._connection.recv()

    def forked(self, how: str, key: str) -> dict[str, Any]:
        report: dict[str, Any] = self.call(how, key)
        self._left.append(report.pop("child"))
        return report

    def leave(self, what: str) -> None:
        self._left.append(self.call(what))

    def send(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def kill_children(self) -> None:
        while self._left:
            os.kill(self._left.pop(), signal.SIGKILL)

    def end(self) -> None:
        self.kill_children()
        self.kill()
        self._process.close()
        self._connection.close()


Start = Callable[[], Process]


@pytest.fixture(params=SHARED_KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    kind: SharedKind = request.param
    if kind == "postgres":
        return Place(kind, url_of(request.getfixturevalue("postgres_uri")))
    return Place(kind, str(tmp_path / "inbox.db"))


@pytest.fixture
def start(place: Place) -> Iterator[Start]:
    started: list[Process] = []

    def start() -> Process:
        started.append(Process(place))
        return started[-1]

    yield start
    for process in started:
        process.end()


@pytest.fixture
def locks(place: Place) -> Iterator[ThreadLocks]:
    """The locks as this process sees them, which never forks."""
    locks = place.open()
    yield locks
    locks.close()


def test_processes_exclude_each_other(start: Start, locks: ThreadLocks) -> None:
    process = start()
    assert process.call("take", "a")
    assert locks.try_acquire("a") is None
    process.call("release", "a")
    held = locks.try_acquire("a")
    assert held is not None
    assert not process.call("take", "a")
    held.release()
    assert process.call("take", "a")


def test_threads_of_processes_exclude_each_other(start: Start) -> None:
    """Eight threads in each of three processes: every key is won once."""
    keys = [f"key {number}" for number in range(200)]
    processes = [start() for _ in range(3)]
    with ThreadPoolExecutor(len(processes)) as pool:
        won = list(pool.map(lambda process: process.call("race", keys), processes))
    assert Counter(key for keys in won for key in keys) == Counter(keys)


def test_a_killed_holder_gives_back_within_a_second(start: Start, locks: ThreadLocks) -> None:
    process = start()
    assert process.call("take", "a")
    process.kill()
    assert within(SOON, lambda: locks.try_acquire("a"))


def test_a_stopped_holder_keeps(start: Start, locks: ThreadLocks) -> None:
    process = start()
    assert process.call("take", "a")
    process.send(signal.SIGSTOP)
    assert not within(SOON, lambda: locks.try_acquire("a"))
    process.send(signal.SIGCONT)
    assert process.call("alive", "a")
    assert locks.try_acquire("a") is None


@pytest.mark.parametrize("how", ["fork", "multiprocess"])
def test_a_forked_child_holds_none_and_takes_its_own(
    start: Start, locks: ThreadLocks, how: str
) -> None:
    process = start()
    assert process.call("take", "a")
    assert process.forked(how, "a") == {
        "alive": False,
        "takes the parent's": False,
        "takes its own": True,
        "alive there": True,
    }
    assert process.call("alive", "a")
    assert locks.try_acquire("a") is None
    assert locks.try_acquire("a of the child") is None
    assert process.call("take", "b")


@pytest.mark.parametrize("how", ["fork", "multiprocess"])
def test_a_forked_child_keeps_nothing_of_a_killed_parent(
    start: Start, locks: ThreadLocks, how: str
) -> None:
    process = start()
    assert process.call("take", "a")
    process.forked(how, "a")
    process.kill()
    assert within(SOON, lambda: locks.try_acquire("a"))
    assert locks.try_acquire("a of the child") is None


def test_a_killed_child_takes_nothing_from_its_parent(start: Start, locks: ThreadLocks) -> None:
    process = start()
    assert process.call("take", "a")
    process.forked("fork", "a")
    process.kill_children()
    assert within(SOON, lambda: locks.try_acquire("a of the child"))
    assert process.call("alive", "a")
    assert locks.try_acquire("a") is None


@pytest.mark.parametrize("what", ["fork_an_idler", "spawn"])
def test_what_a_killed_holder_left_running_keeps_nothing(
    start: Start, locks: ThreadLocks, what: str
) -> None:
    process = start()
    assert process.call("take", "a")
    process.leave(what)
    process.kill()
    assert within(SOON, lambda: locks.try_acquire("a"))


@pytest.mark.parametrize("place", ["file"], indirect=True)
def test_a_fork_waits_until_no_lock_is_being_opened(start: Start, tmp_path: Path) -> None:
    """A descriptor that the child does not know of would keep the locks of a dead parent."""
    assert start().call("fork_amid_opening", str(tmp_path / "other.db")) is False
