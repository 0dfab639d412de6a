"""The arguments of a tool that no model is told of, and what a model may claim about them.

`ToolNode` drops what a model says about them. A node that runs `tool.invoke(call)` by itself does
not, and what it adds and what the model has claimed look alike; but a model can give JSON alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, Tool
from langgraph.prebuilt import InjectedState

from langgraph_hitl._subgraph._pregel import execution_of
from langgraph_hitl.tools._gate import argument_names

_MISSING = object()


def visible_schema(tool: BaseTool) -> Any:
    """The schema of the arguments that a model gives; None for a tool that has none."""
    if isinstance(tool, Tool) and tool.args_schema is None:
        return None  # one text, under whatever name
    try:
        return tool.tool_call_schema
    except Exception:  # what a tool of somebody else's makes of it
        return None


def hidden_names(tool: BaseTool) -> frozenset[str]:
    """The arguments that no model is told of."""
    hidden = frozenset(getattr(tool, "_injected_args_keys", ()))
    full, visible = argument_names(tool.args_schema), argument_names(visible_schema(tool))
    return hidden if full is None or visible is None else hidden | (full - visible)


def shown_args(tool: BaseTool, args: Mapping[str, Any], config: RunnableConfig) -> dict[str, Any]:
    """The arguments without those that are certainly LangGraph's, or the node's."""
    hidden, keys = hidden_names(tool), _keys_of_state(tool)
    return {
        name: value
        for name, value in args.items()
        if name not in hidden
        or (is_json(value) and not _is_in_state(keys.get(name), value, config))
    }


def is_json(value: Any) -> bool:
    """Whether a value is made of what JSON has; a model can give nothing else."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(is_json, value))
    return value is None or isinstance(value, str | int | float)


def _keys_of_state(tool: BaseTool) -> dict[str, str]:
    """The key of the state for each argument that `ToolNode` takes from one."""
    function = getattr(tool, "func", None) or getattr(tool, "coroutine", None)
    hints: dict[str, Any] = {}
    for annotated in (function, tool.args_schema):
        try:
            hints |= get_type_hints(annotated, include_extras=True)
        except (NameError, TypeError, AttributeError):
            continue
    marks = ((name, getattr(hint, "__metadata__", ())) for name, hint in hints.items())
    return {
        name: mark.field
        for name, metadata in marks
        for mark in metadata
        if isinstance(mark, InjectedState) and mark.field
    }


def _is_in_state(key: str | None, value: Any, config: RunnableConfig) -> bool:
    """Whether the state of the node has this very value, so that it does not matter who gave it."""
    read = execution_of(config)
    if key is None or read is None:
        return False
    try:
        there = read(key)
    except Exception:  # no such key, or LangGraph reads in another way
        there = _MISSING
    return type(there) is type(value) and repr(there) == repr(value)
