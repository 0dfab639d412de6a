"""What people changed, or had changed: the rows of `export("edits")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._export.decision import iso
from langgraph_hitl.inbox._export.people import Names
from langgraph_hitl.inbox._export.value import decided, said, shown, suggests

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case


def edit_row(case: Case, names: Names) -> dict[str, Any] | None:
    """A version before and after somebody edited it, or asked for changes and got them."""
    match case.decision.get("type"):
        case "edit" | "items":
            after = decided(case)
        case "revise" if case.after is not None and not case.after.get("redacted"):
            after = case.after.get("subject")
        case _:
            return None
    if not suggests(case) or after == shown(case):
        return None
    return {
        "review_id": case.review_id,
        "round": case.round,
        "action": case.action,
        "context": case.request.get("context") or {},
        "type": case.decision["type"],
        "before": shown(case),
        "after": after,
        "feedback": said(case.decision),
        "by": names(case.by),
        "at": iso(case.at),
    }
