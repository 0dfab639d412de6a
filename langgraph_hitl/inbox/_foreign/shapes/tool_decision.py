"""The words of LangChain's `HumanInTheLoopMiddleware` for a decision about one tool call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.shapes.shape import (
    NOTHING,
    Interrupted,
    Item,
    fields_of,
    refusal,
    unreadable,
)
from langgraph_hitl.review.decision import DecisionType

WORDS: tuple[DecisionType, ...] = ("approve", "edit", "reject", "respond")
_TEXT = {"type": "string", "minLength": 1}
_FIELDS = {
    "approve": {"type"},
    "edit": {"type", "edited_action"},
    "reject": {"type", "message"},
    "respond": {"type", "message"},
}


def call_item(
    asked: Interrupted,
    *,
    name: str,
    args: dict[str, Any],
    allowed: Iterable[Any],
    description: Any,
    call_id: str | None = None,
) -> Item:
    """A tool call to decide: the subject is its arguments, and an edit gives others."""
    named = [*allowed]
    words = tuple(word for word in WORDS if word in named)
    told = description if isinstance(description, str) and description.strip() else None
    return Item(
        kind="tool_call",
        action=name,
        subject=args,
        allowed=words,
        sentence=told or f"The agent calls the tool {name!r}.",
        context={} if call_id is None else {"tool_call_id": call_id},
        detail={"name": name, "allowed": list(words)},
        edit_schema={"type": "object"},
        respond_schema=_TEXT,
    )


def encode_call(detail: Mapping[str, Any], decision: Mapping[str, Any]) -> Any:
    """A decision in the words of the middleware."""
    match decision["type"]:
        case "approve":
            return {"type": "approve"}
        case "edit":
            action = {"name": detail["name"], "args": decision["value"]}
            return {"type": "edit", "edited_action": action}
        case "respond":
            return {"type": "respond", "message": decision["message"]}
        case kind if kind == "reject" or kind in NOT_DECIDED:
            if "reject" not in detail["allowed"]:
                return NOTHING
            message = refusal(decision)
            return {"type": "reject"} | ({} if message is None else {"message": message})
        case _:
            raise unreadable(decision)


def decode_call(raw: Any, item: Item) -> dict[str, Any]:
    """The decision that somebody says in the words of the middleware."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(kind, str) or kind not in item.allowed:
        raise InvalidDecision(f"a decision is one of {', '.join(item.allowed)}, not {raw!r:.80}")
    fields = fields_of(raw, _FIELDS[kind], f"the decision {kind}")
    if kind != "edit":
        return dict(fields)
    edited = fields_of(fields.get("edited_action"), {"name", "args"}, "edited_action")
    if edited.get("name") != item.action or not isinstance(edited.get("args"), dict):
        raise InvalidDecision(
            f"edited_action has the name {item.action!r}, which was asked for, and args, an object"
        )
    return {"type": "edit", "value": edited["args"]}
