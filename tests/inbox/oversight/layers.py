"""`Layers`: graphs of layers of nodes, each of which is noted when it runs; some are subgraphs."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

Note = Callable[[str], None]


class State(TypedDict, total=False):
    """What ran, and two keys that supervisors change."""

    ran: Annotated[list[str], operator.add]
    tone: str
    messages: Annotated[list[Any], operator.add]


class Inner(TypedDict, total=False):
    """What a subgraph gives back: its own nodes only."""

    seen: Annotated[list[str], operator.add]
    tone: str


class Shape(NamedTuple):
    """The nodes of each layer; a number above 0 is a subgraph of so many nodes."""

    layers: tuple[tuple[int, ...], ...]

    @property
    def names(self) -> list[str]:
        """Every node that notes itself."""
        found = []
        for depth, layer in enumerate(self.layers):
            for place, inner in enumerate(layer):
                own = f"n{depth}_{place}"
                found += [f"{own}|i{step}" for step in range(inner)] if inner else [own]
        return sorted(found)


def build(shape: Shape, note: Note, *, asynchronous: bool = False) -> StateGraph[Any]:
    """Every node of a layer follows every node of the one before."""
    as_node = _awaited if asynchronous else _same
    builder: StateGraph[Any] = StateGraph(State)
    before: list[str] = []
    for depth, layer in enumerate(shape.layers):
        names = []
        for place, inner in enumerate(layer):
            name = f"n{depth}_{place}"
            nested = _nested(name, inner, note, as_node) if inner else None
            builder.add_node(name, nested or as_node(_node(name, note)))
            if before:
                builder.add_edge(before, name)
            else:
                builder.add_edge(START, name)
            names.append(name)
        before = names
    return builder


def _node(name: str, note: Note) -> Any:
    def node(state: State) -> Any:
        note(name)
        return {"ran": [f"{name}:{state.get('tone', '')}"]}

    return node


def _same(node: Any) -> Any:
    return node


def _awaited(node: Any) -> Any:
    async def later(state: dict[str, Any]) -> Any:
        await asyncio.sleep(0)
        return node(state)

    return later


def _nested(name: str, steps: int, note: Note, as_node: Callable[[Any], Any]) -> Any:
    builder: StateGraph[Any] = StateGraph(Inner)
    before = START
    for step in range(steps):
        inner = f"i{step}"
        builder.add_node(inner, as_node(_inner(f"{name}|{inner}", note)))
        builder.add_edge(before, inner)
        before = inner
    return builder.compile()


def _inner(name: str, note: Note) -> Any:
    def node(state: Inner) -> Any:
        note(name)
        return {"seen": [name]}

    return node
