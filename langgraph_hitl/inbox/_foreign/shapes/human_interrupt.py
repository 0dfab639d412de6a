"""`HumanInterrupt`: the older form of LangGraph's prebuilt agents and of Agent Inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.shapes.shape import (
    NOTHING,
    Interrupted,
    Item,
    fields_of,
    only,
    unreadable,
)
from langgraph_hitl.review.decision import DecisionType

_ALLOWS: dict[str, DecisionType] = {
    "allow_accept": "approve",
    "allow_edit": "edit",
    "allow_ignore": "reject",
    "allow_respond": "respond",
}


class HumanInterrupt:
    """A list of `{"action_request", "config", "description"}`, or one; answered by a list."""

    name = "human_interrupt"

    def items(self, asked: Interrupted) -> tuple[Item, ...] | None:
        requests = asked.value if isinstance(asked.value, list) else [asked.value]
        found = [_item(request) for request in requests]
        items = tuple(item for item in found if item is not None)
        return items if items and len(items) == len(found) else None

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        match decision["type"]:
            case "approve":
                return {"type": "accept", "args": None}
            case "edit":
                edited = {"action": detail["name"], "args": decision["value"]}
                return {"type": "edit", "args": edited}
            case "respond":
                return {"type": "response", "args": decision["message"]}
            case kind if kind == "reject" or kind in NOT_DECIDED:
                ignores = "reject" in detail["allowed"]
                return {"type": "ignore", "args": None} if ignores else NOTHING
            case _:
                raise unreadable(decision)

    def frame(self, answers: Sequence[Any]) -> Any:
        return list(answers)

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        if not isinstance(raw, list):
            raise InvalidDecision("the answer is a list of responses")
        each = only(raw, len(items), "responses")
        return [_decoded(one, item) for one, item in zip(each, items, strict=True)]


def _item(request: Any) -> Item | None:
    if not isinstance(request, dict):
        return None
    action, config = request.get("action_request"), request.get("config")
    if not isinstance(action, dict) or not isinstance(config, dict):
        return None
    name, args = action.get("action"), action.get("args")
    allowed = tuple(word for flag, word in _ALLOWS.items() if config.get(flag) is True)
    if not isinstance(name, str) or not isinstance(args, dict) or not allowed:
        return None
    description = request.get("description")
    told = description if isinstance(description, str) and description.strip() else None
    return Item(
        kind="tool_call",
        action=name,
        subject=args,
        allowed=allowed,
        sentence=told or f"The agent wants to do {name!r}.",
        detail={"name": name, "allowed": list(allowed)},
        edit_schema={"type": "object"},
        respond_schema={"type": "string", "minLength": 1},
    )


def _decoded(raw: Any, item: Item) -> dict[str, Any]:
    fields = fields_of(raw, {"type", "args"}, "a response")
    kind, args = fields.get("type"), fields.get("args")
    match kind:
        case "accept" if args is None or args == {"action": item.action, "args": item.subject}:
            return {"type": "approve"}
        case "ignore" if args is None:
            return {"type": "reject"}
        case "response":
            return {"type": "respond", "message": args}
        case "edit" if isinstance(args, dict) and args.get("action") == item.action:
            return {"type": "edit", "value": args.get("args")}
        case _:
            raise InvalidDecision(
                f"a response is accept, edit, response or ignore of {item.action!r}, "
                f"not {raw!r:.80}"
            )
