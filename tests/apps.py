"""Small graphs around gates, for the tests."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import ReviewState, add_review, approved
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl._subgraph.gate import build as build_gate
from tests.drivers import Build, Builder


class State(ReviewState, total=False):
    """`ran` collects what the graph's own nodes did, in order."""

    draft: Any
    answer: Any
    sources: list[str]
    score: float
    case: str
    ran: Annotated[list[str], operator.add]


class Crash(RuntimeError):
    """What a test's own node raises in place of a process that dies."""


class Fuse:
    """Raises `Crash` at the hits number `at` of it: `Fuse(1)`, `Fuse(2, 3)`."""

    def __init__(self, *at: int) -> None:
        self.at = at
        self.hits = 0

    def __call__(self) -> None:
        self.hits += 1
        if self.hits in self.at:
            raise Crash(f"hit {self.hits}")


def noting(name: str, before: Callable[[], None] = lambda: None) -> Runnable[Any, Any]:
    """A node that notes that it ran, and with which draft."""

    def node(state: Any) -> dict[str, Any]:
        before()
        draft = state.get("draft") if isinstance(state, dict) else state.draft
        return {"ran": [f"{name}:{draft}" if isinstance(draft, str) else name]}

    return RunnableLambda(node, name=name)


def act(state: Any) -> dict[str, Any]:
    """The effect that an approval allows."""
    return {"ran": [f"act:{approved(state, 'draft')}"]}


APPROVAL = {"approved": "act", "rejected": "stop"}


def fresh(gate: Gate) -> Gate:
    """The same gate, built anew."""
    spec = spec_of(gate)
    assert spec is not None
    return build_gate(spec)


def one_gate(gate: Gate, ways: Mapping[str, str] = APPROVAL, *, schema: type[Any] = State) -> Build:
    """START -> gate -> a node for each way; the one named `act` needs the approval."""

    def build() -> Builder:
        builder: Builder = StateGraph(schema)
        add_review(builder, "gate", fresh(gate), **ways)
        builder.add_edge(START, "gate")
        for name in dict.fromkeys(ways.values()):
            if name != END:
                builder.add_node(name, act if name == "act" else noting(name))
                builder.add_edge(name, END)
        return builder

    return build
