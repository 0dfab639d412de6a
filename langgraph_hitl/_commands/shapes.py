"""The JSON documents of the commands. Fields are added in later releases, never renamed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from langgraph_hitl._commands.status import Refusal
from langgraph_hitl.errors import AlreadyDecided, Claimed, HitlError, StaleReview

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.review.reviewer import Reviewer

_PLAIN = (
    "id",
    "graph",
    "thread_id",
    "kind",
    "action",
    "mode",
    "status",
    "round",
    "digest",
    "queue",
)
_MORE = ("risk", "score", "outcome", "decided_by", "attempts", "error")


_PEOPLE = ("requester", "assigned", "claimed_by")
_MOMENTS = ("assigned_at", "claimed_until", "hidden_until", "next_at")


def review_json(review: Review) -> dict[str, Any]:
    """A review without what people are shown."""
    return {
        **{name: getattr(review, name) for name in _PLAIN},
        "priority": review.priority,
        "due": _moment(review.due),
        "eligible": list(review.eligible),
        "created_at": _moment(review.created_at),
        "updated_at": _moment(review.updated_at),
        "decided_at": _moment(review.decided_at),
        **{name: getattr(review, name) for name in _MORE},
        "level": review.level,
        "escalated_to": review.escalated_to,
        **{name: getattr(review, name) for name in _PEOPLE},
        **{name: _moment(getattr(review, name)) for name in _MOMENTS},
    }


def shown_json(review: Review) -> dict[str, Any]:
    """A review with the request that people decide about."""
    return review_json(review) | {"request": review.request}


def actor_json(by: Reviewer) -> dict[str, Any]:
    """Whom a command acted as."""
    authority = {"level": by.level} if by.level else {}
    known = {"skills": list(by.skills)} if by.skills else {}
    return {"id": by.id, "roles": list(by.roles)} | authority | known


def row_json(row: AuditRow) -> dict[str, Any]:
    """One transition."""
    return {
        "seq": row.seq,
        "at": _moment(row.at),
        "event": row.event,
        "actor": row.actor,
        "channel": row.channel,
        "round": row.round,
        "outcome": row.outcome,
        "digest": row.digest,
        "reason": row.reason,
        "content": row.content,
        "redacted": row.redacted,
        "hash": row.hash,
    }


def error_json(error: HitlError | Refusal) -> dict[str, Any]:
    """What went wrong: the name of the error, its sentence, and what it knows."""
    found: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    match error:
        case AlreadyDecided():
            found |= {"by": error.by, "at": _moment(error.at), "outcome": error.outcome}
        case Claimed():
            found |= {"by": error.by, "until": _moment(error.until)}
        case StaleReview():
            found |= {"digest": error.current.digest, "round": error.current.round}
    return found


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
