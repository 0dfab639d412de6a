"""`RouterGraph`: a router, which does not go on past a pattern that it has lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import run_in_executor
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, StateSnapshot

from langgraph_hitl._subgraph._pregel import checkpointer_of, is_task
from langgraph_hitl._subgraph.asking_graph import AskingGraph
from langgraph_hitl._subgraph.channels import ROUTE, Route
from langgraph_hitl._subgraph.pattern import note, said_of
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import UnknownPattern


class RouterGraph(AskingGraph):
    """A router that looks, before it goes on, whether it still has the pattern that asked.

    LangGraph skips a task whose node is gone, and the router would end without an outcome.
    """

    def stream(
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> Iterator[Any]:
        if config is not None and self._goes_on(input, config):
            self._check(self.get_state(config), config)
        yield from super().stream(input, config, **options)

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        if config is not None and self._goes_on(input, config):
            state = await self.aget_state(config)
            await run_in_executor(config, partial(self._check, state, config))
        async with aclosing(super().astream(input, config, **options)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                yield chunk

    def _goes_on(self, input: Any, config: RunnableConfig) -> bool:
        """Whether there may be something to go on with; in a run, nothing public tells."""
        if is_task(config):
            return isinstance(checkpointer_of(config), BaseCheckpointSaver)
        kept = isinstance(checkpointer_of(config) or self.checkpointer, BaseCheckpointSaver)
        return kept and (input is None or isinstance(input, Command))

    def _check(self, state: StateSnapshot, config: RunnableConfig) -> None:
        """Raises `UnknownPattern` where the pattern that asked is gone, so that nothing is lost."""
        spec: Any = self.builder.spec  # type: ignore[attr-defined]  # a `RouterBuilder`
        route: Route | None = state.values.get(ROUTE)
        if route is None or route["pattern"] in spec.patterns or _is_over(state, route):
            return
        lost = route["pattern"]
        error = UnknownPattern(
            f"Router {spec.name!r} cannot go on: its pattern {lost!r} was picked for the review "
            f"{route['review_id']}, and there is none of this name any more"
            f"{suggestion(lost, spec.patterns)}. Give it back this name until its reviews are over"
        )
        if is_task(config):
            content = {"pattern": lost, "error": said_of(error)}
            note(spec.gates[0], spec.desk, config, "pattern_failed", route["review_id"], **content)
        raise error


def _is_over(state: StateSnapshot, route: Route) -> bool:
    """Whether the router has finished with this review; of another one its state may be full."""
    record = state.values.get("review") or {}
    return not state.tasks and record.get("review_id") == route["review_id"]
