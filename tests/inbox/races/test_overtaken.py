"""Answers, failures and decisions that meet a run which is still going on, moment by moment.

One process, and a fail point that lets something else happen just there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from langgraph_hitl import Approve, Revise
from langgraph_hitl.errors import RunFailed
from langgraph_hitl.inbox import Inbox
from tests.drivers import App
from tests.inbox.races.graphs import GRAPHS
from tests.inbox.races.play import config_of, input_of

APPROVE = {"type": "approve"}


class Stage:
    """An inbox and a graph; `at(point, call)` lets `call` happen at the next passage of `point`."""

    def __init__(self, folder: Path, saver: SqliteSaver) -> None:
        self.saver = saver
        self.ran: list[str] = []
        self.failing: set[str] = set()
        self._planned: dict[str, Callable[[], None]] = {}
        self.inbox = Inbox.open(f"sqlite:///{folder / 'reviews.db'}", point=self._pass)

    def app(self, name: str) -> App:
        builder = GRAPHS[name](self.inbox, self._effect)
        return self.inbox.register(builder.compile(checkpointer=self.saver), name)

    def start(self, name: str) -> App:
        app = self.app(name)
        app.invoke(input_of("t"), config_of("t"))
        return app

    def at(self, point: str, call: Callable[[], None]) -> None:
        self._planned[point] = call

    def _pass(self, name: str) -> None:
        call = self._planned.pop(name, None)
        if call is not None:
            call()

    def _effect(self, _thread: str, node: str) -> None:
        if node in self.failing:
            self.failing.remove(node)
            raise OSError("the model is down")
        self.ran.append(node)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        stage = Stage(tmp_path, saver)
        with stage.inbox:
            yield stage


def status(stage: Stage) -> dict[str, str]:
    """The status of each review of the thread, by the name of its gate."""
    with stage.inbox._office.ledger.reading() as rx:
        statuses = ("pending", "settled", "applied", "superseded", "cancelled")
        found: list[Any] = [r for s in statuses for r in rx.pending(status=s)]  # type: ignore[arg-type]
    return {review.gate.rpartition("|")[2]: review.status for review in found}


def test_a_plain_answer_is_not_taken_for_a_question_that_came_after_it(stage: Stage) -> None:
    """A second yes to the manager comes when the run has not told anybody of the director yet."""
    app = stage.start("nested")
    (manager,) = stage.inbox.pending()
    waits = threading.Event()
    results: list[Any] = []

    def say_yes() -> None:
        yes: Command[Any] = Command(resume=APPROVE)
        results.append(app.invoke(yes, config_of("t")))

    def let_it_come() -> None:
        stage.at("locking", waits.set)
        late.start()
        assert waits.wait(30)

    late = threading.Thread(target=say_yes)
    stage.at("asking", let_it_come)
    stage.inbox.decide(manager.id, Approve(), by="ann")
    late.join(30)
    assert status(stage) == {"manager": "applied", "director": "pending"}
    assert stage.ran == ["note"]
    (asked,) = results[0]["__interrupt__"]
    assert asked.value["review_id"] == stage.inbox.pending()[0].id


@pytest.mark.parametrize("door", ["decide", "raw"])
def test_a_reviser_that_failed_is_run_again(stage: Stage, door: str) -> None:
    app = stage.start("revised")
    (review,) = stage.inbox.pending()
    stage.failing.add("rewrite")
    if door == "decide":
        with pytest.raises(RunFailed, match="the model is down"):
            stage.inbox.decide(review.id, Revise("louder"), by="ann")
        assert stage.inbox.work().driven == 1
    else:
        louder: Command[Any] = Command(resume={"type": "revise", "feedback": "louder"})
        with pytest.raises(OSError, match="the model is down"):
            app.invoke(louder, config_of("t"))
        app.invoke(None, config_of("t"))
    (again,) = stage.inbox.pending()
    assert (again.id, again.round, again.request["subject"]) == (review.id, 1, "hello 0!")
    stage.inbox.decide(again.id, Approve(), by="ann")
    assert stage.ran == ["rewrite", "act"]
    assert stage.inbox.verify()


def test_a_decision_during_a_run_that_fails_is_followed_by_work(stage: Stage) -> None:
    """Both branches are decided at once; the run that one of them began never ends well."""
    stage.start("parallel")
    left, right = sorted(stage.inbox.pending(), key=lambda review: review.gate)
    stage.failing.add("act")

    def decide_right() -> None:
        decided = stage.inbox.decide(right.id, Approve(), by="bob")
        assert decided.status == "settled"

    def in_another_thread() -> None:
        other = threading.Thread(target=decide_right)
        other.start()
        other.join(30)

    stage.at("resuming", in_another_thread)
    with pytest.raises(RunFailed):
        stage.inbox.decide(left.id, Approve(), by="ann")
    stage.inbox.work()
    stage.inbox.work()
    assert status(stage) == {"left": "applied", "right": "applied"}
    assert stage.inbox.verify()


def test_a_decision_that_finds_the_thread_busy_is_followed_by_its_holder(stage: Stage) -> None:
    app = stage.start("parallel")
    left, right = sorted(stage.inbox.pending(), key=lambda review: review.gate)

    def decide_right() -> None:
        def run() -> None:
            statuses.append(stage.inbox.decide(right.id, Approve(), by="bob").status)

        other = threading.Thread(target=run)
        other.start()
        other.join(30)

    statuses: list[str] = []
    stage.at("releasing", decide_right)
    stage.inbox.decide(left.id, Approve(), by="ann")
    assert statuses == ["settled"]
    assert status(stage) == {"left": "applied", "right": "applied"}
    assert app.get_state(config_of("t")).values["ran"] == ["act"]
