"""Graphs whose gates file with an inbox, made from graphs whose gates do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langgraph.graph.state import CompiledStateGraph

from langgraph_hitl._subgraph.gate import build, spec_of
from langgraph_hitl.inbox import Inbox
from tests.inbox import lock_places
from tests.savers import Row


def url_of(row: Row, place: Any) -> str:
    """Where the inbox of a row is: in the same database, or in a file beside it."""
    match row.saver:
        case "memory":
            return "sqlite:///:memory:"
        case "sqlite" | "aiosqlite":
            return f"sqlite:///{place}.inbox"
        case "postgres" | "aiopostgres":
            return lock_places.url_of(place)


def file_with(inbox: Inbox, builder: Any) -> None:
    """Let every gate of a graph, and of the graphs inside it, file with `inbox`."""
    for node in builder.nodes.values():
        inner = node.runnable
        if not isinstance(inner, CompiledStateGraph):
            continue
        spec = spec_of(inner)
        if spec is not None:
            node.runnable = build(replace(spec, desk=inbox))
        else:
            file_with(inbox, inner.builder)
            node.runnable = inner.builder.compile(name=inner.name)
