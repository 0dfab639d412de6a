"""`AskingGraph`: a graph that asks from its beginning where it asks something else by now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langgraph.graph.state import CompiledStateGraph

from langgraph_hitl._subgraph._pregel import (
    beginning_anew,
    is_task,
    numbered,
    without_plain_answer,
)
from langgraph_hitl._subgraph.basis import Anew
from langgraph_hitl.errors import ReviewError


class AskingGraph(CompiledStateGraph[Any, Any, Any, Any]):
    """A gate, or a router of gates.

    LangGraph gives a node that goes on the state of its graph, as it did at first. So the question
    is put anew there, about what the state has now.
    """

    def stream(
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> Iterator[Any]:
        inner = _inner(config)
        try:
            yield from super().stream(input, inner or config, **options)
        except Anew as anew:
            again = self._begun_anew(inner, anew)
        else:
            return
        yield from super().stream(input, again, **options)

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        inner = _inner(config)
        try:
            async with aclosing(super().astream(input, inner or config, **options)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    yield chunk
        except Anew as anew:
            again = self._begun_anew(inner, anew)
        else:
            return
        async with aclosing(super().astream(input, again, **options)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                yield chunk

    def _begun_anew(self, inner: RunnableConfig | None, anew: Anew) -> RunnableConfig:
        """Raises `ReviewError` for a graph that is not inside another: its input is gone."""
        if inner is None:
            raise ReviewError(
                f"Gate {self.name!r} does not take the answer. {anew.reason}. "
                "Give the graph its input once more, and it asks anew"
            ) from anew
        return beginning_anew(without_plain_answer(inner))


def _inner(config: RunnableConfig | None) -> RunnableConfig | None:
    """The configuration of a graph that a node of another runs; None for any other graph.

    A node need not hand its own on, unless the graph has a thread of its own.
    """
    if is_task(config):
        return numbered(ensure_config(config))
    if "thread_id" in ((config or {}).get("configurable") or {}):
        return None
    around = ensure_config(config)
    return numbered(around) if is_task(around) else None
