"""Reviews that took several versions: the rows of `export("revisions")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._export.decision import iso
from langgraph_hitl.inbox._export.people import Names
from langgraph_hitl.inbox._export.value import decided

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case, Version


def revision_row(case: Case, versions: list[Version], names: Names) -> dict[str, Any] | None:
    """The history of a review whose newest version this is; None of one that took one only."""
    if len(versions) < 2 or any(version.request.get("redacted") for version in versions):
        return None
    return {
        "review_id": case.review_id,
        "action": case.action,
        "context": case.request.get("context") or {},
        "versions": [
            {
                "round": version.round,
                "value": version.request.get("subject"),
                "asked_at": iso(version.asked_at),
                "decision": version.decision,
                "by": names(version.by),
                "at": None if version.at is None else iso(version.at),
            }
            for version in versions
        ],
        "outcome": case.outcome,
        "decided": decided(case),
    }
