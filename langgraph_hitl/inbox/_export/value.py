"""What people were shown, and what they made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox.review import OVERRULED

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case

GOOD = frozenset({"approve", "edit", "respond", "choose"})
"""The kinds of decision that leave a value to go on with."""


def shown(case: Case) -> Any:
    """The subject that was shown, or the question."""
    return case.request.get("subject")


def suggests(case: Case) -> bool:
    """Whether a subject was shown, and not only a question asked."""
    return case.request.get("subject_key") is not None


def decided(case: Case) -> Any:
    """The value to go on with; None where the decision left none."""
    match case.decision.get("type"):
        case "approve":
            return shown(case)
        case "edit":
            return case.decision.get("value")
        case "respond":
            return case.decision.get("message")
        case "choose":
            return case.decision.get("choices")
        case _:
            return None


def teaches(case: Case) -> bool:
    """Whether a person has decided it, nobody overruled that, and its content is whole."""
    by_people = not case.by.startswith("system:")
    return by_people and OVERRULED not in case.hooks and not case.request.get("redacted")


def said(decision: dict[str, Any]) -> str | None:
    """What the person wrote with a decision."""
    words = (decision.get(name) for name in ("feedback", "comment", "reason"))
    written = next((text for text in words if isinstance(text, str) and text.strip()), None)
    message = decision.get("message") if decision.get("type") == "reject" else None
    return written or (message if isinstance(message, str) else None)
