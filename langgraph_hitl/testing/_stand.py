"""`Stand`: the database and the saver that a contract is checked on, and graphs for it."""

from __future__ import annotations

import operator
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.patterns.human_approval import human_approval
from langgraph_hitl.review.state import ReviewState
from langgraph_hitl.testing.points import FailPoints
from langgraph_hitl.wiring import add_review


class Rule(Protocol):
    """One rule of the contract, which its docstring says; `AssertionError` where it is broken."""

    __name__: str

    def __call__(self, stand: Stand) -> None: ...


@dataclass(frozen=True)
class Stand:
    """What a contract is checked on.

    Args:
        url: Of the inbox: anything that `Inbox.open` takes. It may hold other reviews.
        saver: A synchronous checkpointer whose tables exist.
    """

    url: str
    saver: Any

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """An inbox of its own, as another process would open it, with its graph."""
        points = FailPoints()
        with Inbox.open(self.url, point=points) as inbox:
            yield Desk(inbox, self.saver, points)


class State(ReviewState, total=False):
    draft: Any
    other: Any
    ran: Annotated[list[str], operator.add]


class Desk:
    """An inbox, and graphs that note what they run."""

    def __init__(self, inbox: Inbox, saver: Any, points: FailPoints) -> None:
        self.inbox = inbox
        self.points = points
        self._saver = saver

    def graph(self, **options: Any) -> Graph:
        """One gate; then `act` or `stop`."""
        builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
        gate = self._gate("draft", **options)
        add_review(builder, "gate", gate, approved="act", rejected="stop")
        builder.add_node("act", _noting("act"))
        builder.add_node("stop", _noting("stop"))
        builder.add_edge(START, "gate")
        return self._registered(builder, "contract")

    def parallel(self) -> Graph:
        """Two gates in parallel; then `act`."""
        builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
        for key in ("draft", "other"):
            builder.add_node(f"gate_{key}", self._gate(key, name=f"gate_{key}"))
            builder.add_edge(START, f"gate_{key}")
        builder.add_node("act", _noting("act"))
        builder.add_edge(["gate_draft", "gate_other"], "act")
        return self._registered(builder, "contract in parallel")

    def _gate(self, key: str, **options: Any) -> Gate:
        return human_approval(key, inbox=self.inbox, **options)

    def _registered(self, builder: StateGraph[Any, Any, Any, Any], name: str) -> Graph:
        app = self.inbox.register(builder.compile(checkpointer=self._saver), name)
        return Graph(self.inbox, app)


class Graph:
    """A registered graph, by its threads."""

    def __init__(self, inbox: Inbox, app: Any) -> None:
        self.inbox = inbox
        self.app = app

    def ask(self, draft: Any = "Hello", *, thread: str | None = None) -> str:
        """Start a thread, which comes to its question; gives its name."""
        thread = thread or uuid.uuid4().hex
        self.app.invoke({"draft": draft, "other": draft}, _config(thread))
        return thread

    def waiting(self, thread: str) -> list[Review]:
        """What waits on a thread, the oldest first."""
        return self.inbox.pending(thread=thread, order="oldest")

    def question(self, thread: str) -> Review:
        """The only review that waits on a thread."""
        waiting = self.waiting(thread)
        expect(len(waiting) == 1, f"{len(waiting)} questions wait instead of 1")
        return waiting[0]

    def answer(self, thread: str, decision: str) -> dict[str, Any]:
        """Resume a thread directly."""
        command: Command[Any] = Command(resume={"type": decision})
        found: dict[str, Any] = self.app.invoke(command, _config(thread))
        return found

    def ran(self, thread: str) -> list[str]:
        """The nodes that ran after the gates of a thread."""
        found: list[str] = self.app.get_state(_config(thread)).values.get("ran", [])
        return found


def expect(holds: object, otherwise: str) -> None:
    """`assert` that no optimisation removes."""
    if not holds:
        raise AssertionError(otherwise)


def _config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


def _noting(name: str) -> Runnable[Any, Any]:
    return RunnableLambda(lambda _state: {"ran": [name]}, name=name)
