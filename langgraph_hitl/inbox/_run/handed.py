"""`with_found`: a checkpoint that was read under the lock of its thread is not read twice.

LangGraph begins a run with the newest checkpoint, which the inbox has just looked at. It is handed
over by a copy of the graph's saver, as LangGraph itself copies savers (`with_allowlist`): the run
goes on from what was looked at, and a database is asked once less.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

_OURS = "langgraph.checkpoint."
"""Savers of LangGraph, of which it is known that a copy is as good."""


def with_found(saver: Any, found: CheckpointTuple | None) -> Any:
    """A saver whose first reading of the newest root checkpoint is `found`.

    Any other saver, and one without anything to hand over, is given back as it is.
    """
    if found is None or not type(saver).__module__.startswith(_OURS):
        return saver
    handing = copy.copy(saver)
    kind: Any = type(saver)
    handing.__class__ = _handing(kind)
    handing._hitl_found = [found]
    handing._hitl_serde = saver.serde
    return handing


@cache
def _handing(kind: Any) -> Any:
    """The kind of saver that hands over, for a kind of saver."""

    class Handing(kind):  # type: ignore[misc]  # the class of the user's saver
        """A saver that begins with what is known."""

        def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
            known = self._hitl_known(config)
            return super().get_tuple(config) if known is None else known

        async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
            known = self._hitl_known(config)
            return await super().aget_tuple(config) if known is None else known

        def _hitl_known(self, config: RunnableConfig) -> CheckpointTuple | None:
            """What was read with another serializer may have been read as something else."""
            found: list[CheckpointTuple] = self._hitl_found
            if not found or self.serde is not self._hitl_serde:
                return None
            known = found.pop()
            return known if _is_newest(config, known) else None

    Handing.__name__ = Handing.__qualname__ = kind.__name__
    return Handing


def _is_newest(config: RunnableConfig, known: CheckpointTuple) -> bool:
    """Whether a configuration asks for the newest root checkpoint of the same thread."""
    asked = config.get("configurable") or {}
    return (
        str(asked.get("thread_id")) == str(known.config["configurable"]["thread_id"])
        and not asked.get("checkpoint_ns")
        and not asked.get("checkpoint_id")
    )
