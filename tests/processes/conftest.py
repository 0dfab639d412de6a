"""Running a job in another process."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import place_of
from tests.drivers import Driver
from tests.processes.worker import HUMANS, Answer, Job, serve
from tests.savers import DURABLE_ROWS, Row
from tests.scale import scale

ROOT = Path(__file__).parents[2]
SMALL_ROWS = tuple(row for row in DURABLE_ROWS if scale(2) == 2 or row.durability == "sync")
ONE_ROW = (Row("sqlite", asynchronous=False, durability="sync"),)
MORE_ROWS = (
    Row("aiosqlite", asynchronous=True, durability="exit"),
    Row("postgres", asynchronous=False, durability="async"),
)
ESCALATION, SAMPLE = ("confidence_escalation",), ("qa_sample",)


def over_presets(
    fixture: str, *others: tuple[str, ...], humans: bool = True
) -> pytest.MarkDecorator:
    """Run a test with `presets`: human_approval on every row, others on a few.

    What they evaluate is stored in one step, by `prepare`; where and how is the saver's affair, so
    that more rows would show nothing more.
    """
    rows, few = (DURABLE_ROWS, MORE_ROWS) if fixture == "durable" else (SMALL_ROWS, ONE_ROW)
    pairs: list[tuple[Row, tuple[str, ...]]] = [(row, HUMANS) for row in rows if humans]
    pairs += [(row, presets) for presets in others for row in few]
    return pytest.mark.parametrize(
        (fixture, "presets"),
        [pytest.param(row, presets, id=f"{row.id}-{'-'.join(presets)}") for row, presets in pairs],
        indirect=[fixture],
    )


def in_a_new_process(job: Job) -> Answer | None:
    """`perform(job)` in a process of its own; None if it was killed.

    The process is forked from a server that has imported the package and done nothing else.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes.worker"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(job, sender))
    process.start()
    sender.close()
    try:
        answer: Answer | None = receiver.recv()
    except EOFError:
        answer = None
    finally:
        receiver.close()
        process.join()
    expected = 0 if answer is not None else -signal.SIGKILL
    assert process.exitcode == expected, process.exitcode
    process.close()
    return answer


def in_a_new_interpreter(job: Job, **environment: str) -> Answer:
    """`perform(job)` in a Python that starts from nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.processes.worker", job.to_json()],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "unregistered" not in done.stderr, done.stderr
    answer: Answer = json.loads(done.stdout)
    return answer


@dataclass
class Elsewhere:
    """A thread that this process never touches: every call is made by another one."""

    job: Job
    run: Callable[[Job], Answer | None] = in_a_new_process

    def call(self, **send: Any) -> Answer:
        answer = self.run(replace(self.job, send=send))
        assert answer is not None
        return answer

    def call_and_die(self, moment: str, number: int, **send: Any) -> bool:
        """Whether the process died; it does not where the moment never comes."""
        return in_a_new_process(replace(self.job, send=send, die=(moment, number))) is None

    def another(self) -> Elsewhere:
        return Elsewhere(replace(self.job, thread=uuid.uuid4().hex), self.run)

    def at(self, graph: str, presets: tuple[str, ...]) -> Elsewhere:
        """The same thread of another graph."""
        return Elsewhere(replace(self.job, graph=graph, presets=presets), self.run)


@pytest.fixture
def elsewhere(durable: Driver) -> Elsewhere:
    """A new thread on every row whose threads outlive a process."""
    return Elsewhere(Job(row=durable.row, place=durable.place, thread=uuid.uuid4().hex))


@pytest.fixture(params=SMALL_ROWS, ids=lambda row: row.id)
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Elsewhere:
    """`elsewhere`, in a small run at one durability only: for tests of many processes."""
    row: Row = request.param
    place = place_of(row.saver, tmp_path, request)
    return Elsewhere(Job(row=row, place=place, thread=uuid.uuid4().hex))
