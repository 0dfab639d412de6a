"""What a supervisor changed is in the graph once, whatever has come between: never lost unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from langgraph_hitl import Inbox, supervised
from langgraph_hitl.errors import ThreadPaused
from langgraph_hitl.inbox.supervised_run import SupervisedRun
from tests.inbox.oversight.layers import State

CONFIG: Any = {"configurable": {"thread_id": "t"}}
CHANGE = {"ran": ["note"], "tone": "kind"}
NOBODY = "00000000-0000-0000-0000-000000000000"


class Killed(BaseException):
    """What ends a run without a word."""


class Forgetful(InMemorySaver):
    """Keeps nothing of what a run is given: it was killed before that."""

    def put_writes(
        self, config: Any, writes: Sequence[Any], task_id: str, task_path: str = ""
    ) -> None:
        if task_id != NOBODY:
            super().put_writes(config, writes, task_id, task_path)


class Desk:
    """A graph of the nodes `a`, `b`, `c` and `d` that was paused in `a`, steered and resumed.

    In the node `dies_in` the process is gone. `asks` is a node that waits for people.
    """

    def __init__(self, saver: Any = None, *, asks: str = "") -> None:
        self.inbox, self.saver = Inbox.open("sqlite:///:memory:"), saver or InMemorySaver()
        self.asks, self.dies_in, self.pauses = asks, "", True
        self.app = supervised(self.compiled(), inbox=self.inbox, name="line")
        with pytest.raises(ThreadPaused):
            self.app.invoke({"ran": [], "tone": "rude"}, CONFIG)
        self.inbox.steer("t", CHANGE, by="maria")
        self.elsewhere(lambda: self.inbox.resume("t", by="maria"))

    def compiled(self) -> Any:
        builder: StateGraph[Any] = StateGraph(State)
        for name in "abcd":
            builder.add_node(name, self._node(name))
        builder.add_edge(START, "a")
        for one, other in ("ab", "bc", "cd"):
            builder.add_edge(one, other)
        return builder.compile(checkpointer=self.saver)

    def _node(self, name: str) -> Any:
        def node(state: State) -> Any:
            if name == "a" and self.pauses:
                self.inbox.pause("t", by="maria", reason="odd")
            if name == self.asks:
                interrupt("sure?")
            if name == self.dies_in:
                raise Killed
            return {"ran": [f"{name}:{state['tone']}"]}

        return node

    def elsewhere(self, do: Callable[[], Any]) -> None:
        """As in a process without the graph."""
        apps = self.inbox._office.registry._apps
        app = apps.pop("line")
        do()
        apps["line"] = app

    def handed_and_killed(self) -> None:
        """The inbox has noted that the change is handed over, and the process is gone."""
        here = self.app.get_state(CONFIG).config["configurable"]["checkpoint_id"]
        run = self.inbox.run("t")
        with self.inbox._office.ledger.transaction() as tx:
            tx.steered_at(run.id, here)

    def killed_in(self, node: str) -> None:
        self.dies_in = node
        with pytest.raises(Killed):
            self.app.invoke(None, CONFIG)
        self.dies_in = ""

    @property
    def ran(self) -> list[str]:
        found: list[str] = self.app.get_state(CONFIG).values["ran"]
        return found


def events(inbox: Inbox, run: SupervisedRun) -> list[tuple[str, str | None]]:
    return [(row.event, row.reason) for row in inbox.history(run.id)]


def test_a_state_that_was_changed_after_the_kill_loses_nothing() -> None:
    desk = Desk()
    desk.handed_and_killed()
    desk.app.update_state(CONFIG, {"ran": ["by hand"]})
    assert desk.inbox.work().runs == 1
    assert desk.ran == ["a:rude", "by hand", "note", "b:kind", "c:kind", "d:kind"]
    run = desk.inbox.run("t")
    assert (run.status, run.steers) == ("finished", ())


@pytest.mark.parametrize("node", ["b", "c"])
@pytest.mark.parametrize("saver", [InMemorySaver, Forgetful])
@pytest.mark.parametrize("by_hand", [False, True])
def test_nothing_is_made_twice(node: str, saver: Any, by_hand: bool) -> None:
    desk = Desk(saver())
    desk.killed_in(node)
    if by_hand:
        desk.app.update_state(CONFIG, {"ran": ["by hand"]})
    desk.app.invoke(None, CONFIG)
    assert [name for name in desk.ran if name != "by hand"] == [
        "a:rude",
        "note",
        "b:kind",
        "c:kind",
        "d:kind",
    ]
    assert desk.inbox.run("t").steers == ()


def test_what_came_between_the_look_and_the_run_hides_nothing() -> None:
    """The run has begun at a newer checkpoint than that at which it was handed over."""
    desk = Desk()
    before = desk.app.get_state(CONFIG).config["configurable"]["checkpoint_id"]
    desk.app.update_state(CONFIG, {"ran": ["by hand"]})
    desk.killed_in("b")
    run = desk.inbox.run("t")
    with desk.inbox._office.ledger.transaction() as tx:
        tx.steered_at(run.id, before)
    desk.app.invoke(None, CONFIG)
    assert desk.ran == ["a:rude", "by hand", "note", "b:kind", "c:kind", "d:kind"]


@pytest.mark.parametrize("handed", [False, True])
@pytest.mark.parametrize(("asks", "stands"), [("c", "waiting"), ("", "finished")])
def test_what_comes_too_late_is_dropped_aloud(handed: bool, asks: str, stands: str) -> None:
    """A process that has not registered the graph has run it."""
    desk = Desk(asks=asks)
    if handed:
        desk.handed_and_killed()
    desk.compiled().invoke(None, CONFIG)
    before = desk.ran
    with pytest.raises(ThreadPaused, match=f"it is {stands} by now"):
        desk.app.invoke(None, CONFIG)
    run = desk.inbox.run("t")
    assert (run.status, run.by, run.steers) == ("paused", "system:graph", ())
    event, reason = events(desk.inbox, run)[-1]
    assert (event, reason) == ("refused", run.reason)
    assert desk.ran == before
    assert desk.inbox.verify()


def test_of_a_thread_that_was_deleted_it_is_dropped_aloud() -> None:
    desk = Desk()
    desk.saver.delete_thread("t")
    with pytest.raises(ThreadPaused, match="not there any more"):
        desk.app.invoke({"ran": [], "tone": "rude"}, CONFIG)
    run = desk.inbox.run("t")
    assert (run.status, run.steers) == ("paused", ())
    desk.pauses = False
    desk.elsewhere(lambda: desk.inbox.resume("t", by="maria"))
    desk.app.invoke({"ran": [], "tone": "rude"}, CONFIG)
    assert desk.ran == ["a:rude", "b:rude", "c:rude", "d:rude"]
