"""Graphs that ask by themselves."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    """What ran, in order."""

    ran: Annotated[list[Any], operator.add]


def note(name: str) -> Any:
    def node(state: State) -> State:
        return {"ran": [name]}

    return node


def asks(value: Any, schema: Any = None) -> Any:
    """A node that asks, and keeps the answer."""

    def node(state: State) -> State:
        answer = interrupt(value, response_schema=schema)
        return {"ran": [answer.model_dump() if isinstance(answer, BaseModel) else answer]}

    return node


def asking(*values: Any, schema: Any = None) -> StateGraph[State]:
    """Every value is asked in a branch of its own; then `after` runs."""
    builder = StateGraph(State)
    names = [f"ask{number}" for number in range(len(values))]
    for name, value in zip(names, values, strict=True):
        builder.add_node(name, asks(value, schema))
        builder.add_edge(START, name)
    builder.add_node("after", note("after"))
    builder.add_edge(names, "after")
    return builder


def one_after_the_other(*names: str) -> StateGraph[State]:
    """Nodes in a row, which ask nothing."""
    builder = StateGraph(State)
    for before, name in zip((START, *names), names, strict=False):
        builder.add_node(name, note(name))
        builder.add_edge(before, name)
    return builder


def failing_after(asked: Any, failures: list[Exception]) -> StateGraph[State]:
    """A node that asks, and then raises as long as there is something to raise."""

    def node(state: State) -> State:
        answer = interrupt(asked)
        if failures:
            raise failures.pop()
        return {"ran": [answer]}

    builder = StateGraph(State)
    builder.add_node("ask", node)
    builder.add_edge(START, "ask")
    return builder
