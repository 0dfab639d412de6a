"""What somebody was when deciding, as it stands in the tables."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.inbox._ledger.values import from_json, to_json
from langgraph_hitl.inbox.review import Authority

_NONE = Authority()


def packed(authority: Authority | None) -> str | None:
    """Its text; None where there is nothing to keep."""
    found = told(authority)
    return to_json(found, "The authority of a person") if found else None


def unpacked(text: str | None) -> Authority:
    """The inverse of `packed`."""
    found = from_json(text, dict) or {}
    return Authority(
        roles=tuple(found.get("roles", ())),
        level=found.get("level"),
        skills=tuple(found.get("skills", ())),
        acting_for=found.get("acting_for"),
    )


def told(authority: Authority | None) -> dict[str, Any]:
    """What there is of it, as plain JSON."""
    one = authority or _NONE
    found = {
        "roles": list(one.roles),
        "level": one.level,
        "skills": list(one.skills),
        "acting_for": one.acting_for,
    }
    return {name: value for name, value in found.items() if value}
