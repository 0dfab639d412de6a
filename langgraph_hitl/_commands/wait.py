"""How long a review will wait in its queue, in words; nothing where too little was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Inbox, Review
    from langgraph_hitl.inbox._wait import EstimatedWait

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def wait_of(inbox: Inbox, review: Review) -> EstimatedWait | None:
    """What was seen in the queue of a review that waits."""
    return inbox.estimated_wait(queue=review.queue) if review.status == "pending" else None


def wait_text(found: EstimatedWait | None, queue: str) -> str:
    """What half of the latest did not exceed, roughly."""
    if found is None or found.observed is None:
        return ""
    return f"about {_rough(found.observed)} by what was seen in queue {queue}"


def wait_json(found: EstimatedWait | None) -> dict[str, Any] | None:
    """Seconds, null where too little was seen."""
    if found is None:
        return None
    return {
        "observed": _seconds(found.observed),
        "expected": _seconds(found.expected),
        "overloaded": found.overloaded,
        "share": found.share,
        "waiting": found.waiting,
    }


def _rough(length: timedelta) -> str:
    if length < _HOUR:
        return f"{max(round(length / _MINUTE), 1)} min"
    if length < 2 * _DAY:
        return f"{round(length / _HOUR)} h"
    return f"{round(length / _DAY)} days"


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
