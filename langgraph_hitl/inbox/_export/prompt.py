"""The prompt of an example: the context that the person saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case


_CALL, _CALL_ID = "tool_call", "tool_call_id"


def prompt_of(case: Case) -> str:
    """The only text of the context as it is; of more, a line `name: value` each; else the action.

    For a call of a tool it is the action, and then the context without the id of the call. A list
    of texts, as the earlier messages of a chat are, is one paragraph each.
    """
    context: dict[str, Any] = case.request.get("context") or {}
    if case.kind == _CALL:
        told = {name: value for name, value in context.items() if name != _CALL_ID}
        lines = (f"{name}: {text_of(value)}" for name, value in told.items())
        return "\n".join([case.action, *lines])
    if not context:
        return case.action
    if len(context) == 1:
        [only] = context.values()
        return text_of(only)
    return "\n".join(f"{name}: {text_of(value)}" for name, value in context.items())


def text_of(value: Any) -> str:
    """A text as it is, texts as paragraphs, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n\n".join(value)
    return json.dumps(value, ensure_ascii=False)
