"""`HITLRequest`: LangChain's `HumanInTheLoopMiddleware` asks for all calls of a turn at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.inbox._foreign.shapes.shape import Interrupted, Item, fields_of, only
from langgraph_hitl.inbox._foreign.shapes.tool_decision import (
    WORDS,
    call_item,
    decode_call,
    encode_call,
)


class HitlRequest:
    """`{"action_requests", "review_configs"}`, answered by `{"decisions": [...]}`, by position."""

    name = "hitl_request"

    def items(self, asked: Interrupted) -> tuple[Item, ...] | None:
        value = asked.value
        if not isinstance(value, dict):
            return None
        requests, configs = value.get("action_requests"), value.get("review_configs")
        if not (isinstance(requests, list) and requests and isinstance(configs, list)):
            return None
        found = []
        for position, request in enumerate(requests):
            config = _config_of(request, position, configs)
            if config is None:
                return None
            found.append(
                call_item(
                    asked,
                    name=request["name"],
                    args=request["args"],
                    allowed=config["allowed_decisions"],
                    description=request.get("description"),
                )
            )
        return tuple(found)

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        return encode_call(detail, decision)

    def frame(self, answers: Sequence[Any]) -> Any:
        return {"decisions": list(answers)}

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        decisions = fields_of(raw, {"decisions"}, "the answer").get("decisions")
        if not isinstance(decisions, list):
            raise InvalidDecision("the answer has a list of decisions")
        each = only(decisions, len(items), "decisions")
        return [decode_call(one, item) for one, item in zip(each, items, strict=True)]


def _config_of(request: Any, position: int, configs: list[Any]) -> dict[str, Any] | None:
    """The configuration of a call: at its own place, else the one of its name."""
    if not isinstance(request, dict) or not isinstance(request.get("name"), str):
        return None
    if not isinstance(request.get("args"), dict):
        return None
    fitting = [config for config in configs if _is_for(config, request["name"])]
    if position < len(configs) and configs[position] in fitting:
        found: dict[str, Any] = configs[position]
        return found
    return fitting[0] if fitting else None


def _is_for(config: Any, name: str) -> bool:
    """Whether a configuration is one of this action that allows something."""
    if not isinstance(config, dict) or config.get("action_name") != name:
        return False
    allowed = config.get("allowed_decisions")
    return isinstance(allowed, list) and bool(
        set(WORDS) & {one for one in allowed if isinstance(one, str)}
    )
