"""A plain answer reaches the question that it was meant for, or none."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from langgraph_hitl import Inbox, add_review, human_approval
from tests.apps import State
from tests.drivers import App, Builder

CONFIG: Any = {"configurable": {"thread_id": "thread-1"}}


class Locks:
    """Tells when somebody tries a lock while the gate's successor runs."""

    def __init__(self) -> None:
        self.inside = threading.Event()
        self.tried = threading.Event()

    def __call__(self, point: str) -> None:
        if point == "locking" and self.inside.is_set():
            self.tried.set()


@pytest.fixture
def locks() -> Locks:
    return Locks()


@pytest.fixture
def app(tmp_path: Path, locks: Locks) -> Iterator[App]:
    """A gate, a node that goes on when somebody waits for its thread, a question of the user."""

    def between(state: State) -> dict[str, Any]:
        locks.inside.set()
        assert locks.tried.wait(10)
        return {}

    def amount(state: State) -> dict[str, Any]:
        return {"ran": [str(interrupt("Which amount?"))]}

    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    with Inbox.open(f"sqlite:///{tmp_path}/reviews.db", point=locks) as inbox:
        builder: Builder = StateGraph(State)
        gate = human_approval("draft", inbox=inbox)
        add_review(builder, "gate", gate, approved="between", rejected="between")
        builder.add_node("between", between)
        builder.add_node("amount", amount)
        builder.add_edge("between", "amount")
        builder.add_edge(START, "gate")
        app = inbox.register(builder.compile(checkpointer=SqliteSaver(connection)), "graph")
        app.invoke({"draft": "Hello"}, CONFIG)
        yield app
    connection.close()


def test_an_answer_that_came_second_does_not_answer_what_the_user_asks_next(
    app: App, locks: Locks
) -> None:
    winner = threading.Thread(target=app.invoke, args=(Command(resume={"type": "approve"}), CONFIG))
    winner.start()
    assert locks.inside.wait(10)
    seen = app.invoke(Command(resume={"type": "reject"}), CONFIG)
    winner.join()
    assert seen["review"]["outcome"] == "approved"
    assert [asked.value for asked in app.get_state(CONFIG).interrupts] == ["Which amount?"]
    assert not app.get_state(CONFIG).values.get("ran")
