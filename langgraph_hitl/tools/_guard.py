"""`Guard`: no agent runs through another one what needs an approval in its own hands.

The middleware of an agent sees the calls of this agent. A tool of it may run an agent that has the
same tools and no middleware, as the subagents of deepagents have: what that one calls without being
asked is refused. Callbacks are how LangChain tells that a tool starts, wherever it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.tracers.context import register_configure_hook

from langgraph_hitl.errors import GateError
from langgraph_hitl.tools._steps import Result, Steps


class Guard(BaseCallbackHandler):
    """Refuses calls of these tools but one that has been decided."""

    raise_error = True
    run_inline = True

    def __init__(self, tools: frozenset[str], decided: tuple[str, Any] | None) -> None:
        self.tools = tools
        self._decided = decided

    def on_tool_start(self, serialized: dict[str, Any] | None, *_args: Any, **given: Any) -> None:
        """Raises `GateError` for a model's call; what a tool calls by itself has no id."""
        name = (serialized or {}).get("name")
        call_id = given.get("tool_call_id", "")
        if name not in self.tools or call_id is None or (name, call_id) == self._decided:
            return
        raise GateError(
            f"{name!r} needs an approval here, and a subagent called it without one; it was not "
            f"run. Give review_tools to the subagent too ({{{name!r}: False}} where it needs no "
            "approval), or put require_approval on the tool, which then asks in every agent."
        )


_GUARD: ContextVar[Guard | None] = ContextVar("hitl_guard", default=None)
register_configure_hook(_GUARD, inheritable=False)


def guarded(
    steps: Steps[Result], *, tools: Iterable[str] = (), decided: tuple[str, Any] | None
) -> Steps[Result]:
    """Take the steps of a call, under which these tools, and those so far, need an approval.

    `decided` is the name and the id of the call itself, where nothing more is needed for it.
    """
    outer = _GUARD.get()
    needed = frozenset(tools) | (frozenset() if outer is None else outer.tools)
    token = _GUARD.set(Guard(needed, decided))
    try:
        return (yield from steps)
    finally:
        _GUARD.reset(token)
