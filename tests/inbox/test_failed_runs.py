"""What follows a decision may fail. The decision stands, and nothing runs again by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, Inbox, Revise, add_review, human_approval
from langgraph_hitl.errors import RunFailed
from langgraph_hitl.inbox import Review
from tests.apps import State, noting
from tests.drivers import App, Builder

CONFIG: Any = {"configurable": {"thread_id": "thread-1"}}


class Broken(RuntimeError):
    """What goes wrong."""


class Times:
    """Raises the first `count` times."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self.count:
            raise Broken("the bank is closed")


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with Inbox.open(f"sqlite:///{tmp_path}/reviews.db") as opened:
        yield opened


@pytest.fixture
def saver(tmp_path: Path) -> Iterator[SqliteSaver]:
    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    yield SqliteSaver(connection)
    connection.close()


def waiting(inbox: Inbox, saver: SqliteSaver, act: Callable[[], None], **options: Any) -> App:
    """A registered graph whose thread waits for a decision; `act` is called after the approval."""
    builder: Builder = StateGraph(State)
    gate = human_approval("draft", inbox=inbox, **options)
    add_review(builder, "gate", gate, approved="act", rejected=END)
    builder.add_node("act", noting("act", act))
    builder.add_edge(START, "gate")
    app = inbox.register(builder.compile(checkpointer=saver), "graph")
    app.invoke({"draft": "Hello"}, CONFIG)
    return app


def only(inbox: Inbox) -> Review:
    (review,) = inbox.pending()
    return review


def test_a_node_that_fails_is_not_run_again_by_a_worker(inbox: Inbox, saver: SqliteSaver) -> None:
    act = Times(1)
    app = waiting(inbox, saver, act)
    review = only(inbox)
    with pytest.raises(RunFailed, match="The decision stands") as failed:
        inbox.decide(review.id, Approve(), by="maria")
    assert isinstance(failed.value.__cause__, Broken)
    for _ in range(3):
        assert inbox.work().idle
    assert act.calls == 1
    assert inbox.get(review.id).status == "applied"
    assert [row.event for row in inbox.history(review.id)] == ["filed", "settled", "run_failed"]
    app.invoke(None, CONFIG)
    assert app.get_state(CONFIG).values["ran"] == ["act:Hello"]


def test_a_saver_that_fails_is_tried_again(
    inbox: Inbox, saver: SqliteSaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = Times(0)
    app = waiting(inbox, saver, act)
    review = only(inbox)
    with monkeypatch.context() as broken:
        broken.setattr(app.checkpointer, "put", Times(1_000))
        with pytest.raises(RunFailed):
            inbox.decide(review.id, Approve(), by="maria")
        assert inbox.get(review.id).status == "settled"
    assert act.calls == 0
    inbox.work()
    assert inbox.get(review.id).status == "applied"
    assert app.get_state(CONFIG).values["ran"] == ["act:Hello"]
    assert act.calls == 1


class Unreliable(SqliteSaver):
    """Fails to store or to read one checkpoint of a subgraph, and does everything else.

    LangGraph may run with a copy of it, so that copies share what is still to come.
    """

    def __init__(self, place: sqlite3.Connection) -> None:
        super().__init__(place)
        self.to_come: list[str] = []

    def put(self, config: Any, *arguments: Any) -> Any:
        self._may_fail(config, "put")
        return super().put(config, *arguments)

    def get_tuple(self, config: Any) -> Any:
        self._may_fail(config, "get")
        return super().get_tuple(config)

    def _may_fail(self, config: Any, what: str) -> None:
        if not config["configurable"].get("checkpoint_ns") or not self.to_come:
            return
        if self.to_come[0].startswith(what) and self.to_come.pop(0) == f"{what} fails":
            raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("to_come", [["get fails"], ["put fails"], ["put works", "put fails"]])
def test_a_saver_that_fails_once_within_the_gate_is_no_failure_of_a_node(
    inbox: Inbox, tmp_path: Path, to_come: list[str]
) -> None:
    """LangGraph stores the error as that of the gate."""
    act = Times(0)
    with closing(sqlite3.connect(tmp_path / "unreliable.db", check_same_thread=False)) as place:
        saver = Unreliable(place)
        app = waiting(inbox, saver, act)
        review = only(inbox)
        saver.to_come += to_come
        with pytest.raises(RunFailed, match="disk I/O error"):
            inbox.decide(review.id, Approve(), by="maria")
        assert saver.to_come == []
        assert inbox.get(review.id).status == "settled"
        inbox.work()
        assert (inbox.get(review.id).status, inbox.get(review.id).error) == ("applied", None)
        assert app.get_state(CONFIG).values["ran"] == ["act:Hello"]
        assert act.calls == 1


def test_what_a_node_asks_of_a_saver_is_its_own_affair(
    inbox: Inbox, saver: SqliteSaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> None:
        with monkeypatch.context() as broken:
            broken.setattr(saver, "conn", None)
            saver.get_tuple(CONFIG)

    app = waiting(inbox, saver, look)
    review = only(inbox)
    with pytest.raises(RunFailed, match="AttributeError"):
        inbox.decide(review.id, Approve(), by="maria")
    assert inbox.get(review.id).status == "applied"
    assert app.get_state(CONFIG).next == ("act",)


def test_a_reviser_that_fails_is_tried_again(inbox: Inbox, saver: SqliteSaver) -> None:
    model = Times(1)

    def rewrite(state: State) -> dict[str, Any]:
        model()
        return {"draft": state["draft"] + "!"}

    waiting(inbox, saver, Times(0), revise=rewrite)
    review = only(inbox)
    with pytest.raises(RunFailed):
        inbox.decide(review.id, Revise("louder"), by="maria")
    assert inbox.get(review.id).status == "settled"
    assert inbox.pending() == []
    inbox.work()
    assert (only(inbox).round, only(inbox).request["subject"]) == (1, "Hello!")
    assert model.calls == 2
