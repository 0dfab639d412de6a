"""A cache of LangGraph would let what was approved on one thread pass on all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import CachePolicy

from langgraph_hitl import Inbox, add_review, human_approval, route
from langgraph_hitl.errors import GateError
from tests.apps import State
from tests.drivers import Builder


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def register(inbox: Inbox, builder: Builder, name: str = "graph") -> None:
    inbox.register(builder.compile(checkpointer=InMemorySaver(), cache=InMemoryCache()), name)


def by_hand(inbox: Inbox, **options: Any) -> Builder:
    builder: Builder = StateGraph(State)
    builder.add_node("gate", human_approval("draft", inbox=inbox), **options)
    builder.add_conditional_edges("gate", route(approved=END))
    builder.add_edge(START, "gate")
    return builder


def wired(inbox: Inbox) -> Builder:
    builder: Builder = StateGraph(State)
    add_review(builder, "gate", human_approval("draft", inbox=inbox), approved=END, rejected=END)
    builder.add_edge(START, "gate")
    return builder


def around(inner: Builder, **options: Any) -> Builder:
    builder: Builder = StateGraph(State)
    builder.add_node("inner", inner.compile(), **options)
    builder.add_edge(START, "inner")
    return builder


def test_a_gate_with_a_cache_is_not_registered(inbox: Inbox) -> None:
    with pytest.raises(GateError, match="'gate' holds a gate and has a cache"):
        register(inbox, by_hand(inbox, cache_policy=CachePolicy()))


@pytest.mark.parametrize("inner", [by_hand, wired])
def test_a_graph_with_a_gate_and_a_cache_is_not_registered(inbox: Inbox, inner: Any) -> None:
    with pytest.raises(GateError, match="'inner' holds a gate and has a cache"):
        register(inbox, around(inner(inbox), cache_policy=CachePolicy()))


def test_a_cache_of_another_node_does_no_harm(inbox: Inbox) -> None:
    builder = wired(inbox)
    builder.add_node("other", lambda _state: {}, cache_policy=CachePolicy())
    builder.add_edge(START, "other")
    register(inbox, builder)
    register(inbox, around(builder), "around")
