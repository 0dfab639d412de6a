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
from langgraph_hitl.review.digest import NotJson, digest, plain_json
from langgraph_hitl.tools._hidden import is_json
from langgraph_hitl.tools._steps import Result, Steps


class Guard(BaseCallbackHandler):
    """Refuses calls of these tools but one that has been decided, with the arguments approved."""

    raise_error = True
    run_inline = True

    def __init__(self, tools: frozenset[str], decided: tuple[str, Any] | None) -> None:
        self.tools = tools
        self._decided = decided
        self._approved: tuple[dict[str, Any], frozenset[str]] | None = None

    def approve(self, args: dict[str, Any], hidden: frozenset[str]) -> None:
        """The decided call runs with these arguments alone; `hidden` are none of the model's."""
        self._approved = args, hidden

    def on_tool_start(self, serialized: dict[str, Any] | None, *_args: Any, **given: Any) -> None:
        """Raises `GateError` for a model's call; what a tool calls by itself has no id."""
        name = (serialized or {}).get("name")
        call_id = given.get("tool_call_id", "")
        if name not in self.tools or call_id is None:
            return
        if (name, call_id) == self._decided:
            self._check_args(name, given.get("inputs"))
            return
        raise GateError(
            f"{name!r} needs an approval here, and a subagent called it without one; it was not "
            f"run. Give review_tools to the subagent too ({{{name!r}: False}} where it needs no "
            "approval), or put require_approval on the tool, which then asks in every agent."
        )

    def _check_args(self, name: str, inputs: Any) -> None:
        if self._approved is None or _as_approved(inputs, *self._approved):
            return
        raise GateError(
            f"The arguments of {name!r} were changed after they were approved, by a middleware "
            "that comes after review_tools; it was not run. List that middleware before "
            "review_tools, so that people are shown what it makes of a call."
        )


def _as_approved(inputs: Any, args: dict[str, Any], hidden: frozenset[str]) -> bool:
    """Whether a tool starts with these arguments; what is no JSON was injected."""
    if not isinstance(inputs, dict):
        return False
    given = {name: one for name, one in inputs.items() if name in args or is_json(one)}
    try:
        return digest(_without(given, hidden)) == digest(_without(args, hidden))
    except NotJson:
        return False


def _without(args: dict[str, Any], hidden: frozenset[str]) -> Any:
    return plain_json({name: one for name, one in args.items() if name not in hidden})


_GUARD: ContextVar[Guard | None] = ContextVar("hitl_guard", default=None)
register_configure_hook(_GUARD, inheritable=False)


def approve_args(args: dict[str, Any], hidden: frozenset[str]) -> None:
    """Hold the call at hand, which runs now, to the arguments that were approved."""
    if (guard := _GUARD.get()) is not None:
        guard.approve(args, hidden)


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
