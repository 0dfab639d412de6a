"""`ReportLine`: one event of a report, with what it is about and what somebody said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.reported import Reported

_WORDS = ("comment", "message", "feedback", "reason")
"""Where the kinds of decision keep what the person wrote."""


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """One row of the audit. `at` is ISO 8601 in UTC.

    `decision` is the decision of a vote, a settlement or an override, and `reason` what was said
    with it; `content` is all that the row holds. They are None where they were removed: `redacted`.
    `graph`, `action`, `queue`, `thread_id` and `requester` are of the review as it is now.
    """

    seq: int
    at: str
    event: str
    review_id: str
    graph: str | None
    thread_id: str | None
    action: str | None
    queue: str | None
    requester: str | None
    round: int | None
    outcome: str | None
    actor: str
    channel: str
    decision: dict[str, Any] | None
    reason: str | None
    digest: str | None
    content: Any
    redacted: bool
    hash: str


def line_of(reported: Reported) -> ReportLine:
    """The line of an audit row."""
    row = reported.row
    content = row.content if isinstance(row.content, dict) else {}
    found = content.get("decision")
    decision = found if isinstance(found, dict) else None
    return ReportLine(
        seq=row.seq,
        at=row.at.isoformat().replace("+00:00", "Z"),
        event=row.event,
        review_id=row.review_id,
        graph=reported.graph,
        thread_id=reported.thread_id,
        action=reported.action,
        queue=reported.queue,
        requester=reported.requester,
        round=row.round,
        outcome=row.outcome,
        actor=row.actor,
        channel=row.channel,
        decision=decision,
        reason=_said(decision) or row.reason,
        digest=row.digest,
        content=row.content,
        redacted=row.redacted,
        hash=row.hash,
    )


def _said(decision: dict[str, Any] | None) -> str | None:
    said = [decision[word] for word in _WORDS if word in decision] if decision else []
    return next((text for text in said if isinstance(text, str) and text.strip()), None)
