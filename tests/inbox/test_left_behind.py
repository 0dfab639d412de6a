"""What a run leaves behind is looked at by whoever ends it, and by a worker where that one died."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, human_approval
from langgraph_hitl._subgraph._pregel import interrupts_in
from langgraph_hitl.testing import FailPoints
from tests.apps import State
from tests.drivers import App, Builder
from tests.inbox.desk import Desk

CONFIG: Any = {"configurable": {"thread_id": "t"}}
MANY = 40
"""So many dead questions were too many for a recursion."""


class Dead(BaseException):
    """What a process that dies raises here."""


def parallel(desk: Desk, count: int) -> App:
    """So many gates that ask at once, about the same draft."""

    def build() -> Builder:
        builder: Builder = StateGraph(State)
        for number in range(count):
            gate = human_approval("draft", name=f"gate{number}", inbox=desk.inbox)
            builder.add_node(f"gate{number}", gate)
            builder.add_edge(START, f"gate{number}")
            builder.add_edge(f"gate{number}", END)
        return builder

    return desk.app(build)


def dies(desk: Desk, point: str, call: Callable[[], object]) -> None:
    """The process dies at a point of the call."""
    points = FailPoints()
    points.fail_at(point, error=Dead())
    office = desk.inbox._office
    office.point = office.ledger._point = points
    with suppress(Dead):
        call()
    assert points.passed[point]
    desk.open()


def test_parallel_questions_that_were_not_parked(desk: Desk) -> None:
    app = parallel(desk, 2)
    dies(desk, "parking", lambda: app.invoke({"draft": "Hello"}, CONFIG))
    assert [review.wake for review in desk.inbox.pending()] == [True, True]
    parallel(desk, 2)
    assert not desk.inbox.work().failed
    assert [review.wake for review in desk.inbox.pending()] == [False, False]
    assert desk.inbox.work().idle


def test_a_branch_that_was_cut_off_beside_a_question(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question waits; what was to run beside it has still to be run, without an answer."""
    config: Any = {"configurable": {"thread_id": uuid.uuid4().hex}}
    dead: list[bool] = []
    happened: list[str] = []
    write = desk.saver.put_writes

    def mortal(*args: Any, **options: Any) -> None:
        if dead:
            raise Dead
        write(*args, **options)

    monkeypatch.setattr(desk.saver, "put_writes", mortal)

    def beside(state: State) -> dict[str, Any]:
        if not dead:
            asked = False
            while not asked:  # until the thread has stored the question
                saved: Any = desk.saver.get_tuple(config)
                asked = bool(interrupts_in(saved.pending_writes))
            dead.append(True)
            raise Dead
        happened.append("beside")
        return {"ran": ["beside"]}

    def build() -> Builder:
        builder: Builder = StateGraph(State)
        builder.add_node("gate", human_approval("draft", inbox=desk.inbox))
        builder.add_node("beside", beside)
        for node in ("gate", "beside"):
            builder.add_edge(START, node)
            builder.add_edge(node, END)
        return builder

    with suppress(Dead):
        desk.app(build).invoke({"draft": "Hello"}, config)
    desk.open()
    app = desk.app(build)
    desk.inbox.work()
    (review,) = desk.inbox.pending()
    assert not review.wake
    assert happened == ["beside"]
    assert desk.inbox.decide(review.id, Approve(), by="maria").status == "applied"
    assert app.get_state(config).values["ran"] == ["beside"]
    assert happened == ["beside"]


def test_new_input_ends_many_questions(desk: Desk) -> None:
    app = parallel(desk, MANY)
    app.invoke({"draft": "Hello"}, CONFIG)
    first = {review.id for review in desk.inbox.pending(limit=2 * MANY)}
    app.invoke({"draft": "Hi"}, CONFIG)
    now = {review.id for review in desk.inbox.pending(limit=2 * MANY)}
    assert len(now) == MANY
    assert not now & first
    assert {desk.inbox.get(review_id).status for review_id in first} == {"superseded"}


@pytest.mark.parametrize("point", ["filing", "parking", "releasing", "looking", "superseding"])
def test_a_worker_closes_what_new_input_ended_if_its_process_died(desk: Desk, point: str) -> None:
    app = parallel(desk, 1)
    app.invoke({"draft": "Hello"}, CONFIG)
    (old,) = desk.inbox.pending()
    dies(desk, point, lambda: app.invoke({"draft": "Hi"}, CONFIG))
    app = parallel(desk, 1)
    desk.inbox.work()
    assert desk.inbox.get(old.id).status == "superseded"
    assert not any(review.wake for review in desk.inbox.pending())
