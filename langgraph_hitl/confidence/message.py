"""The message whose confidence is read, as it stands in a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import ValidationError

from langgraph_hitl.errors import Unreadable
from langgraph_hitl.triggers.number import quoted

_MODELS = frozenset({"ai", "assistant", "AIMessage", "AIMessageChunk"})
_OTHERS = frozenset({"human", "user", "system", "developer", "tool", "function"})
_CALLS = frozenset({"tool_use", "tool_call", "invalid_tool_call", "function_call"})
"""Content blocks that call a tool."""


def missing(why: str) -> Unreadable:
    """The error where there is nothing that says how sure the model was."""
    return Unreadable(f"The confidence is missing: {why}.")


def unclear(why: str) -> Unreadable:
    """The error where what is there does not tell."""
    return Unreadable(f"The confidence cannot be read: {why}.")


def last_answer(value: Any) -> AIMessage:
    """The model's message that `value` is, or the last one of a list of messages."""
    if isinstance(value, list | tuple):
        if not value:
            raise missing("there is no message")
        value = value[-1]
    if value is None:
        raise missing("there is no answer")
    message = message_of(value)
    if message is None:
        raise unclear(f"{quoted(value)} is not a message")
    return message


def message_of(value: Any) -> AIMessage | None:
    """The model's message that `value` is, as an object or a dict; None where it is none.

    Messages come as dicts from `message_to_dict`, from `model_dump` and from OpenAI's API. Raises
    `Unreadable` for messages of anybody else.
    """
    if isinstance(value, BaseMessage):
        if isinstance(value, AIMessage):
            return value
        raise _of_another(value.type)
    if not isinstance(value, Mapping):
        return None
    kind = value.get("type") or value.get("role")
    wrapped = value.get("data") if set(value) == {"type", "data"} else value
    known = isinstance(kind, str) and kind in _MODELS | _OTHERS
    if not known or not isinstance(wrapped, Mapping) or "content" not in wrapped:
        return None
    if kind in _OTHERS:
        raise _of_another(kind)
    return _from_dict(wrapped)


def text_of(message: AIMessage) -> str:
    """The text of a message that is an answer: not empty, and without tool calls.

    What is known of the text says nothing about the calls.
    """
    refuse_calls(message)
    text = str(message.text)
    if not text.strip():
        raise unclear("the message has no text")
    return text


def refuse_calls(message: AIMessage) -> None:
    """Refuse a message that calls tools: what its text says is not about the calls."""
    blocks = message.content if isinstance(message.content, list) else []
    kinds = {str(block.get("type")) for block in blocks if isinstance(block, Mapping)}
    called = message.tool_calls or message.invalid_tool_calls
    if called or not _CALLS.isdisjoint(kinds) or message.additional_kwargs.get("function_call"):
        raise unclear("the message calls tools, and only its text could be judged")


def _of_another(kind: Any) -> Unreadable:
    return unclear(f"the message is one of the kind {quoted(kind)}, not the model's")


def _from_dict(fields: Mapping[str, Any]) -> AIMessage:
    try:
        return AIMessage(
            content=fields["content"] or "",
            additional_kwargs={**(fields.get("additional_kwargs") or {}), **_former_call(fields)},
            response_metadata=fields.get("response_metadata") or {},
            tool_calls=fields.get("tool_calls") or [],
            invalid_tool_calls=fields.get("invalid_tool_calls") or [],
            id=fields.get("id"),
        )
    except (ValidationError, TypeError, ValueError):
        raise unclear("the message is not well formed") from None


def _former_call(fields: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAI's former way to call a tool, which the fields of a message have no place for."""
    called = fields.get("function_call")
    return {"function_call": called} if called else {}
