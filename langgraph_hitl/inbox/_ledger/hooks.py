"""The hooks of a review: what was done once, for which of its versions."""

from __future__ import annotations

from typing import TypeAlias

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.values import from_json, to_json

Done: TypeAlias = tuple[int, str]
"""The round, and the name of what was done."""


def done_in(text: str) -> list[Done]:
    """What `to_text` wrote. Raises `InboxError` for anything else."""
    found = from_json(text, list)
    try:
        return [(number, name) for number, name in found]
    except (TypeError, ValueError):
        raise InboxError("The hooks of a review were changed behind the inbox") from None


def to_text(done: list[Done]) -> str:
    return to_json(done, "The hooks of a review")
