"""`Pattern`: a gate of a router, whose failure is noted too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import run_in_executor
from langgraph.config import get_stream_writer
from langgraph.errors import GraphBubbleUp, is_invalid_resume
from langgraph.graph.state import CompiledStateGraph

from langgraph_hitl._subgraph.channels import HANDED, Route
from langgraph_hitl._subgraph.desk import Desk, RouterEvent
from langgraph_hitl._subgraph.gate import Gate, build, spec_of
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import HitlError
from langgraph_hitl.review.finding import readable


def pattern_of(gate: GateSpec, desk: Desk | None) -> Gate:
    """The gate, built as a pattern of a router that notes what happens at `desk`."""
    built: Any = build(replace(gate, part="pattern"))
    built.__class__ = Pattern
    built.desk = desk
    pattern: Gate = built
    return pattern


def note(
    gate: GateSpec,
    desk: Desk | None,
    config: RunnableConfig,
    event: RouterEvent,
    review_id: str,
    **content: str,
) -> None:
    """Put an event into the audit of the inbox, where there is one, and on the stream."""
    if desk is not None:
        desk.clerk(gate, config).note(review_id, event, content)
    told = {"type": "review", "event": event, "review_id": review_id, **content}
    get_stream_writer()(told)


class Pattern(CompiledStateGraph[Any, Any, Any, Any]):
    """A gate of a router, whose failure is noted before it goes on to whoever runs the graph."""

    desk: Desk | None

    def stream(self, input: Any, config: RunnableConfig | None = None, **options: Any) -> Any:
        return self._noting(super().stream(input, config, **options), input, config or {})

    def astream(self, input: Any, config: RunnableConfig | None = None, **options: Any) -> Any:
        return self._anoting(super().astream(input, config, **options), input, config or {})

    def _noting(self, chunks: Iterator[Any], given: Any, config: RunnableConfig) -> Iterator[Any]:
        try:
            yield from chunks
        except Exception as error:
            if not _is_no_failure(error):
                self._failed(given, config, error)
            raise

    async def _anoting(self, chunks: Any, given: Any, config: RunnableConfig) -> AsyncIterator[Any]:
        try:
            async with aclosing(chunks) as closing:
                async for chunk in closing:
                    yield chunk
        except Exception as error:
            if not _is_no_failure(error):
                await run_in_executor(config, partial(self._failed, given, config, error))
            raise

    def _failed(self, given: Any, config: RunnableConfig, error: Exception) -> None:
        route: Route = given[HANDED]["route"]
        content = {"pattern": route["pattern"], "error": said_of(error)}
        gate = spec_of(self)
        assert gate is not None
        note(gate, self.desk, config, "pattern_failed", route["review_id"], **content)


def _is_no_failure(error: Exception) -> bool:
    """A pause, or an answer that does not fit and leaves the question open."""
    return isinstance(error, GraphBubbleUp) or is_invalid_resume(error)


def said_of(error: Exception) -> str:
    """What went wrong; the words of others may have in them what is not to be kept."""
    name = type(error).__name__
    return f"{name}: {readable(str(error), 400)}" if isinstance(error, HitlError) else name
