"""The checks that today's clients make of an interrupt, as predicates.

Each was read in the repository and at the commit that the client's fixture names.
"""

from __future__ import annotations

from typing import Any

HUMAN_DECISIONS = {"approve", "edit", "reject"}


def shown_by_agent_chat_ui(interrupt: Any) -> bool:
    """`isAgentInboxInterruptSchema`: whether the buttons appear, instead of the raw value."""
    first = interrupt[0] if isinstance(interrupt, list) and interrupt else interrupt
    value = first.get("value") if isinstance(first, dict) else None
    if not isinstance(value, dict):
        return False
    requests, configs = value.get("action_requests"), value.get("review_configs")
    if not (isinstance(requests, list) and requests and isinstance(configs, list) and configs):
        return False
    return all(
        isinstance(request, dict)
        and isinstance(request.get("name"), str)
        and isinstance(request.get("args"), dict | list)
        for request in requests
    ) and all(
        isinstance(config, dict)
        and isinstance(config.get("action_name"), str)
        and isinstance(config.get("allowed_decisions"), list)
        for config in configs
    )


def offered_by_agent_chat_ui(value: dict[str, Any]) -> set[str]:
    """`createDefaultHumanResponse`: the buttons of the first action."""
    request = value["action_requests"][0]
    config = next(
        (c for c in value["review_configs"] if c["action_name"] == request["name"]),
        value["review_configs"][0],
    )
    return HUMAN_DECISIONS & set(config["allowed_decisions"])


def shown_by_deep_agents_ui(value: dict[str, Any], tool_calls: list[str]) -> bool:
    """`ChatInterface` and `ChatMessage`: the request of the action named like a tool call."""
    by_name = {request.get("name"): request for request in value.get("action_requests") or []}
    found = [by_name[name] for name in tool_calls if name in by_name]
    return bool(found) and all(isinstance(request["args"], dict) for request in found)


def read_by_agent_inbox(value: Any) -> dict[str, Any] | None:
    """`normalizeInterrupt`: the old `HumanInterrupt` that it makes of a request."""
    if not isinstance(value, dict) or not isinstance(value.get("action_requests"), list):
        return None
    if not value["action_requests"]:
        return None
    request = value["action_requests"][0]
    configs = value.get("review_configs")
    first = configs[0] if isinstance(configs, list) and configs else {}
    decisions = first.get("allowed_decisions")
    allowed = decisions if isinstance(decisions, list) else []
    return {
        "action_request": {
            "action": request.get("name") or "",
            "args": request.get("arguments") or {},
        },
        "config": {
            "allow_accept": "approve" in allowed,
            "allow_edit": "edit" in allowed,
            "allow_respond": "reject" in allowed,
            "allow_ignore": False,
        },
        "description": request.get("description"),
    }
