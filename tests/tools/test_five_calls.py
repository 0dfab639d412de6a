"""Five calls at once, one refused and one edited: four run, each once, in any order of answers."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import pending, resume
from tests.scale import scale
from tests.tools.agents import told
from tests.tools.worker import (
    ALL_IN_ONE,
    AT_ONCE,
    KINDS,
    NAMES,
    RUN,
    THREAD,
    Post,
    decide,
    decision_on,
    opened,
    start,
    to_of,
)

EVERY = [*itertools.permutations(NAMES)]
ORDERS = EVERY[:: len(EVERY) // scale(len(EVERY))]
FEW = [ORDERS[0], ORDERS[-1]]


def check(values: Any, folder: Path) -> None:
    assert sorted(Post(folder).sent) == RUN
    messages = told(values)
    texts = [messages[f"call-{number}"].text for number in range(len(NAMES))]
    assert texts[0] == "sent to ann"
    assert "not him" in texts[1]
    assert texts[3].endswith("sent to zoe")


@pytest.mark.parametrize("kind", KINDS)
def test_in_any_order_each_time_in_a_fresh_graph(kind: str, tmp_path: Path) -> None:
    for number, order in enumerate(ORDERS):
        folder = tmp_path / str(number)
        folder.mkdir()
        with opened(folder, kind, inbox=False) as (app, _):
            start(app, kind)
        left = list(order)
        while left:
            with opened(folder, kind, inbox=False) as (app, _):
                waiting = {to_of(request.subject): request for request in pending(app, THREAD)}
                name = next(name for name in left if name in waiting)
                left.remove(name)
                asked = waiting[name]
                values = app.invoke(resume(asked, decision_on(asked.subject)), THREAD)
        check(values, folder)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", FEW)
def test_with_an_inbox(kind: str, order: tuple[str, ...], tmp_path: Path) -> None:
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        start(app, kind)
        asked = [review.id for review in desk.pending()]
        assert len(asked) == len(NAMES)
    for name in order:
        with opened(tmp_path, kind, inbox=True) as (app, desk):
            decide(desk, name)
            assert desk.doctor().healthy
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        check(app.get_state(THREAD).values, tmp_path)
        assert {desk.get(review_id).status for review_id in asked} == {"applied"}
        assert desk.verify()


@pytest.mark.parametrize("kind", [*KINDS, ALL_IN_ONE])
def test_decided_first_and_followed_by_a_worker(kind: str, tmp_path: Path) -> None:
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        start(app, kind)
        for review in desk.pending():
            decision = decision_on(review.request["subject"])
            desk.decide(review.id, decision, by="maria", resume="worker")
        assert Post(tmp_path).sent == []
        desk.work()
        check(app.get_state(THREAD).values, tmp_path)


@pytest.mark.parametrize("inbox", [True, False])
def test_all_in_one_list(inbox: bool, tmp_path: Path) -> None:
    with opened(tmp_path, ALL_IN_ONE, inbox=inbox) as (app, _):
        start(app, ALL_IN_ONE)
    with opened(tmp_path, ALL_IN_ONE, inbox=inbox) as (app, desk):
        if inbox:
            decide(desk, "all")
        else:
            (request,) = pending(app, THREAD)
            app.invoke(resume(request, decision_on(request.subject)), THREAD)
        check(app.get_state(THREAD).values, tmp_path)


def elsewhere(folder: Path, kind: str, to: str = "", die: str = "") -> int:
    """One step in a process of its own; its exit code."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.tools.worker", str(folder), kind, to, die],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert die or done.returncode == 0, done.stderr
    return done.returncode


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", AT_ONCE)
def test_every_step_in_a_process_of_its_own_and_one_is_killed(kind: str, tmp_path: Path) -> None:
    """The tool that was cut off runs again; what others have done is not done again."""
    elsewhere(tmp_path, kind)
    elsewhere(tmp_path, kind, "dora")
    assert elsewhere(tmp_path, kind, "ann", die="ann") == -signal.SIGKILL
    assert Post(tmp_path).sent == ["zoe"]
    with opened(tmp_path, kind, inbox=True) as (_, desk):
        desk.work()
    assert Post(tmp_path).sent == ["zoe", "ann"]
    for name in ("eve", "bob", "carl"):
        elsewhere(tmp_path, kind, name)
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        check(app.get_state(THREAD).values, tmp_path)
        assert (desk.pending(), desk.doctor().healthy) == ([], True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["a gate for each", ALL_IN_ONE])
def test_killed_when_all_are_decided(kind: str, tmp_path: Path) -> None:
    """None runs before; then the first one is cut off, and all run once."""
    elsewhere(tmp_path, kind)
    *before, last = NAMES if kind in KINDS else ["all"]
    for name in before:
        elsewhere(tmp_path, kind, name)
    assert elsewhere(tmp_path, kind, last, die="ann") == -signal.SIGKILL
    assert Post(tmp_path).sent == []
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        desk.work()
        check(app.get_state(THREAD).values, tmp_path)
        assert (desk.pending(), desk.doctor().healthy) == ([], True)
