"""Five calls at once, one refused and one edited: four run, each once, in any order of answers."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Reject, pending, resume
from langgraph_hitl.review.decision import to_json
from tests.scale import scale
from tests.tools.agents import told
from tests.tools.worker import KINDS, NAMES, THREAD, Post, opened, start

DECISIONS: dict[str, Any] = {"bob": Reject("not him"), "dora": Edit({"to": "zoe"})}
RUN = ["ann", "carl", "eve", "zoe"]
EVERY = [*itertools.permutations(NAMES)]
ORDERS = EVERY[:: len(EVERY) // scale(len(EVERY))]
FEW = [ORDERS[0], ORDERS[-1]]


def decision_on(name: str) -> Any:
    return DECISIONS.get(name, Approve())


def check(values: Any, folder: Path) -> None:
    assert sorted(Post(folder).sent) == RUN
    messages = told(values)
    texts = [messages[f"call-{number}"].text for number in range(len(NAMES))]
    assert texts[0] == "sent to ann"
    assert "not him" in texts[1]
    assert texts[3].endswith("Result: sent to zoe")


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
                waiting = {request.subject["to"]: request for request in pending(app, THREAD)}
                name = next(name for name in left if name in waiting)
                left.remove(name)
                values = app.invoke(resume(waiting[name], decision_on(name)), THREAD)
        check(values, folder)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", FEW)
def test_with_an_inbox(kind: str, order: tuple[str, ...], tmp_path: Path) -> None:
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        start(app, kind)
        assert len(desk.pending()) == len(NAMES)
    for name in order:
        with opened(tmp_path, kind, inbox=True) as (app, desk):
            (review,) = [r for r in desk.pending() if r.request["subject"]["to"] == name]
            desk.decide(review.id, decision_on(name), by="maria")
            assert desk.get(review.id).status == "applied"
            assert desk.doctor().healthy
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        check(app.get_state(THREAD).values, tmp_path)
        assert desk.pending() == []
        assert desk.verify()


@pytest.mark.parametrize("kind", KINDS)
def test_decided_first_and_followed_by_a_worker(kind: str, tmp_path: Path) -> None:
    with opened(tmp_path, kind, inbox=True) as (app, desk):
        start(app, kind)
        for review in desk.pending():
            to = review.request["subject"]["to"]
            desk.decide(review.id, decision_on(to), by="maria", resume="worker")
        assert Post(tmp_path).sent == []
        desk.work()
        check(app.get_state(THREAD).values, tmp_path)


def elsewhere(folder: Path, kind: str, to: str = "", die: str = "") -> int:
    """One step in a process of its own; its exit code."""
    decision = json.dumps(to_json(decision_on(to)))
    step = [str(folder), kind, to, decision, die]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.tools.worker", *step],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert die or done.returncode == 0, done.stderr
    return done.returncode


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
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
