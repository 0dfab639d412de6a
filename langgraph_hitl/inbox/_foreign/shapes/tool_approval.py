"""`ToolApprovalRequest`: LangChain's `HumanInTheLoopMiddleware` asks for every call by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langgraph_hitl.inbox._foreign.shapes.shape import Interrupted, Item
from langgraph_hitl.inbox._foreign.shapes.tool_decision import (
    WORDS,
    call_item,
    decode_call,
    encode_call,
)


class ToolApproval:
    """`{"type": "tool_approval", ...}`, answered by one decision that its schema allows."""

    name = "tool_approval"

    def items(self, asked: Interrupted) -> tuple[Item, ...] | None:
        value = asked.value
        if not isinstance(value, dict) or value.get("type") != "tool_approval":
            return None
        name, args, schema = value.get("name"), value.get("args"), asked.schema
        if not isinstance(name, str) or not isinstance(args, dict) or schema is None:
            return None
        item = call_item(
            asked,
            name=name,
            args=args,
            allowed=set(_types_in(schema)),
            description=value.get("description"),
            call_id=str(value.get("tool_call_id", "")),
        )
        return (item,) if item.allowed else None

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        return encode_call(detail, decision)

    def frame(self, answers: Sequence[Any]) -> Any:
        return answers[0]

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        return [decode_call(raw, items[0])]


def _types_in(schema: Any) -> Iterator[str]:
    """The decisions that a schema lists, wherever they stand in it."""
    if isinstance(schema, list):
        for part in schema:
            yield from _types_in(part)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    kind = properties.get("type") if isinstance(properties, dict) else None
    if isinstance(kind, dict):
        listed = kind.get("enum")
        each = [kind.get("const"), *(listed if isinstance(listed, list) else ())]
        yield from (one for one in each if one in WORDS)
    for part in schema.values():
        yield from _types_in(part)
