"""What people were shown, and what they made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl._subgraph.remarks import feedback_text
from langgraph_hitl.inbox.review import OVERRULED
from langgraph_hitl.review.decision import parse
from langgraph_hitl.review.items import APPROVING_ITEM, id_of

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case

GOOD = frozenset({"approve", "edit", "respond", "choose", "items"})
"""The kinds of decision that leave a value to go on with."""


def shown(case: Case) -> Any:
    """The subject that was shown, or the question; of a list the items that were decided."""
    subject = case.request.get("subject")
    return [item for item, _ in _verdicts(case)] if by_items(case) else subject


def suggests(case: Case) -> bool:
    """Whether a subject was shown, and not only a question asked."""
    return case.request.get("subject_key") is not None


def by_items(case: Case) -> bool:
    """Whether some items of a list were decided one by one; others may have been left open."""
    return case.decision.get("type") == "items"


def ends(case: Case) -> bool:
    """Whether nothing was decided afterwards about what this is about."""
    return case.is_newest or by_items(case)


def decided(case: Case) -> Any:
    """The value to go on with; None where the decision left none, of a list the items that do."""
    match case.decision.get("type"):
        case "approve":
            return shown(case)
        case "edit":
            return case.decision.get("value")
        case "respond":
            return case.decision.get("message")
        case "choose":
            return case.decision.get("choices")
        case "items":
            return [
                verdict.get("value", item)
                for item, verdict in _verdicts(case)
                if verdict["type"] in APPROVING_ITEM
            ]
        case _:
            return None


def _verdicts(case: Case) -> list[tuple[Any, dict[str, Any]]]:
    """The items that were decided, as they were shown, with what was said of each.

    One that was asked about again, changed, was not decided.
    """
    key, verdicts = case.request["items"]["key"], case.decision["items"]
    again = {id_of(item, key) for item in (case.after or {}).get("subject") or []}
    items = {str(id_of(item, key)): item for item in case.request.get("subject") or []}
    return [
        (item, verdicts[name]) for name, item in items.items() if name in verdicts.keys() - again
    ]


def teaches(case: Case) -> bool:
    """Whether a person has decided it, nobody overruled that, and its content is whole."""
    by_people = not case.by.startswith("system:")
    return by_people and OVERRULED not in case.hooks and not case.request.get("redacted")


def said(decision: dict[str, Any]) -> str | None:
    """What the person wrote with a decision."""
    if decision.get("type") == "items":
        return feedback_text(parse(decision))
    words = (decision.get(name) for name in ("feedback", "comment", "reason"))
    written = next((text for text in words if isinstance(text, str) and text.strip()), None)
    message = decision.get("message") if decision.get("type") == "reject" else None
    return written or (message if isinstance(message, str) else None)
