"""`NodeLog`: which nodes of a run have finished, as LangGraph's callbacks tell."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from langgraph_hitl._subgraph._pregel import names_in


class NodeLog(BaseCallbackHandler):
    """Collects the nodes that have finished, until somebody takes them; parallel branches too."""

    run_inline = True  # it never blocks, and the order counts

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[UUID, tuple[str, int]] = {}
        self._finished: list[tuple[str, int]] = []

    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: Any,
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """A node, or something within one; the first of a task is its node."""
        told = metadata or {}
        namespace = told.get("langgraph_checkpoint_ns")
        if namespace is None or str(told.get("langgraph_node", "")).startswith("__"):
            return
        begun = (namespace, told.get("langgraph_step", 0))
        with self._lock:
            if begun not in self._open.values():
                self._open[run_id] = begun

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        """Done."""
        with self._lock:
            done = self._open.pop(run_id, None)
            if done is not None:
                self._finished.append(done)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """It has not finished."""
        with self._lock:
            self._open.pop(run_id, None)

    def take(self) -> tuple[int, tuple[str, ...]] | None:
        """The nodes that finished since the last call, with the number of their step."""
        with self._lock:
            taken, self._finished = self._finished, []
        if not taken:
            return None
        return taken[-1][1], tuple(names_in(namespace) for namespace, _ in taken)
