"""`World`: files on a disk, and visits to them. What outlives a visit is in the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from langgraph_hitl import Inbox, ReviewState, add_review, pending, resume
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.inbox import Review
from langgraph_hitl.review import ReviewRequest
from langgraph_hitl.testing import FixedClock
from tests.drivers import App, Builder


class State(ReviewState, total=False):
    """What the cases of these tests have; `went` is the way that was taken."""

    draft: Any
    payment: dict[str, Any]
    items: list[dict[str, Any]]
    answer: str
    confidence: float
    sources: list[str]
    asked_by: str
    risk: Any
    case_id: str
    high_risk: bool
    flagged_for_review: bool
    went: str


class World:
    """A folder with the threads of a saver and the reviews of an inbox, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock()
        self.ran: list[str] = []

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'reviews.db'}"

    @contextmanager
    def inbox(self, **options: Any) -> Iterator[Inbox]:
        with Inbox.open(self.url, clock=self.clock, **options) as inbox:
            yield inbox

    @contextmanager
    def visit(self, build: Callable[[Inbox], Builder], **options: Any) -> Iterator[Visit]:
        """A graph and an inbox, built and opened anew."""
        threads = str(self.folder / "threads.sqlite")
        with self.inbox(**options) as inbox, SqliteSaver.from_conn_string(threads) as saver:
            app: App = inbox.register(build(inbox).compile(checkpointer=saver), "graph")
            yield Visit(app, inbox)

    @contextmanager
    def bare(self, build: Callable[[], Builder]) -> Iterator[Visit]:
        """A graph without an inbox."""
        with SqliteSaver.from_conn_string(str(self.folder / "threads.sqlite")) as saver:
            yield Visit(build().compile(checkpointer=saver), None)

    def graph(self, gate: Gate, **ways: str) -> Builder:
        """A gate, and a node for each of its ways that notes that it ran."""
        builder: Builder = StateGraph(State)
        add_review(builder, "gate", gate, **(ways or {"approved": "run", "rejected": "stop"}))
        for name in dict.fromkeys(ways.values() if ways else ("run", "stop")):
            builder.add_node(name, self.noting(name))
        builder.add_edge(START, "gate")
        return builder

    def noting(self, name: str) -> Any:
        def node(state: State) -> dict[str, str]:
            self.ran.append(name)
            return {"went": name}

        return node


class Visit:
    """What a program does with one graph until it ends."""

    def __init__(self, app: App, inbox: Inbox | None) -> None:
        self.app = app
        self._inbox = inbox

    @property
    def inbox(self) -> Inbox:
        assert self._inbox is not None
        return self._inbox

    def start(self, given: dict[str, Any], thread: str = "1") -> dict[str, Any]:
        result: dict[str, Any] = self.app.invoke(given, _config(thread))
        return result

    def request(self, thread: str = "1") -> ReviewRequest:
        (asked,) = pending(self.app, _config(thread))
        return asked

    def answer(self, decision: Any, thread: str = "1", by: str = "maria") -> dict[str, Any]:
        """By LangGraph alone."""
        step: Command[Any] = resume(self.request(thread), decision, by=by)
        result: dict[str, Any] = self.app.invoke(step, _config(thread))
        return result

    def review(self, **filters: Any) -> Review:
        (found,) = self.inbox.pending(**filters)
        return found

    def decide(self, decision: Any, by: Any = "maria", **filters: Any) -> Review:
        return self.inbox.decide(self.review(**filters), decision, by=by)

    def state(self, thread: str = "1") -> dict[str, Any]:
        values: dict[str, Any] = self.app.get_state(_config(thread)).values
        return values


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}
