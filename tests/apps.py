"""Small graphs around gates, for the tests."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph

from langgraph_hitl import ReviewState, add_review, approved
from langgraph_hitl._subgraph.gate import Gate
from tests.drivers import Build, Builder


class State(ReviewState, total=False):
    """`ran` collects what the graph's own nodes did, in order."""

    draft: Any
    answer: Any
    sources: list[str]
    score: float
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


def noting(name: str, before: Callable[[], None] = lambda: None) -> Callable[[Any], Any]:
    """A node that notes that it ran, and with which draft."""

    def node(state: State) -> dict[str, Any]:
        before()
        draft = state.get("draft")
        return {"ran": [f"{name}:{draft}" if isinstance(draft, str) else name]}

    node.__name__ = name
    return node


def act(state: State) -> dict[str, Any]:
    """The effect that an approval allows."""
    return {"ran": [f"act:{approved(state, 'draft')}"]}


def one_gate(gate: Gate | Callable[[], Gate], schema: type[Any] = State, **ways: str) -> Build:
    """START -> gate -> act | stop; further ways lead to nodes of their own name."""
    ways = ways or {"approved": "act", "rejected": "stop"}

    def build() -> Builder:
        made = gate if hasattr(gate, "builder") else gate()  # type: ignore[operator]
        builder: Builder = StateGraph(schema)
        add_review(builder, "gate", made, **ways)
        builder.add_edge(START, "gate")
        for name in dict.fromkeys(ways.values()):
            if name != END:
                builder.add_node(name, act if name == "act" else noting(name))
                builder.add_edge(name, END)
        return builder

    return build
