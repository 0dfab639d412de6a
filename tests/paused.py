"""One gate in a graph, in memory, and what a test does with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from langgraph_hitl import ReviewState, add_review, pending
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.review import ReviewRequest

App = CompiledStateGraph[Any, Any, Any, Any]


class State(ReviewState, total=False):
    """What the gates of these tests read; `went` is the node behind the gate."""

    draft: Any
    amount: Any
    sources: Any
    answer: Any
    tags: list[str]
    went: str


WAYS = {"approved": "publish", "rejected": "archive"}


def graph(
    gate: Gate,
    schema: type[Any] = State,
    saver: BaseCheckpointSaver[Any] | None = None,
    **ways: Any,
) -> App:
    """A gate and one node for each way, which notes that it was taken."""
    ways = ways or WAYS
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    add_review(builder, "gate", gate, **ways)
    builder.add_edge(START, "gate")
    for target in dict.fromkeys(ways.values()):
        builder.add_node(target, _noting(target))
    return builder.compile(checkpointer=saver or InMemorySaver())


def _noting(name: str) -> Any:
    def node(state: State) -> dict[str, Any]:
        return {"went": name}

    return node


def new_thread() -> RunnableConfig:
    return {"configurable": {"thread_id": uuid.uuid4().hex}}


class Paused:
    """A thread that waits at a gate."""

    def __init__(self, app: App, values: Mapping[str, Any] | None = None) -> None:
        self.app = app
        self.config = new_thread()
        app.invoke(dict(values) if values is not None else {"draft": "Hello"}, self.config)

    @property
    def requests(self) -> list[ReviewRequest]:
        return pending(self.app, self.config)

    @property
    def request(self) -> ReviewRequest:
        (request,) = self.requests
        return request

    @property
    def payload(self) -> dict[str, Any]:
        """The interrupt's value, as a client gets it."""
        (interrupt,) = self.app.get_state(self.config).interrupts
        payload: dict[str, Any] = interrupt.value
        return payload

    def send(self, command: Command[Any]) -> dict[str, Any]:
        return dict(self.app.invoke(command, self.config))

    def plain(self, answer: Any) -> dict[str, Any]:
        return self.send(Command(resume=answer))

    def mapped(self, answer: Any) -> dict[str, Any]:
        return self.send(Command(resume={self.request.interrupt_id: answer}))

    def state(self) -> dict[str, Any]:
        return dict(self.app.get_state(self.config).values)

    def outcome(self) -> str | None:
        review = self.state().get("review")
        return review["outcome"] if review else None


def pause(gate: Gate, values: Mapping[str, Any] | None = None, **ways: Any) -> Paused:
    return Paused(graph(gate, **ways), values)


def spec(gate: Gate) -> GateSpec:
    """What a gate was built from."""
    found = spec_of(gate)
    assert found is not None
    return found


class Chat(ReviewState):
    """A state of messages."""

    messages: Annotated[list[AnyMessage], add_messages]
    went: str


def chat(gate: Gate) -> Paused:
    """A thread that waits at a gate on the last of two messages."""
    said = [HumanMessage("?", id="m1"), AIMessage("Hello", id="m2")]
    return Paused(graph(gate, Chat), {"messages": said})
