"""`Episode`: a review from the question to its end, as telemetry tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from langgraph_hitl.inbox._run.observed import Ended, trace_of

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.audit import AuditRow

ASKED = ("filed", "renewed")
DECIDED = ("settled", "cancelled")
_TOLD = {
    "filed": "asked",
    "renewed": "asked",
    "reminded": "reminded",
    "escalated": "escalated",
    "settled": "decided",
    "cancelled": "decided",
    "overridden": "overridden",
    "superseded": "superseded",
}
"""The events of a span, by those of the audit."""


@dataclass(frozen=True, kw_only=True)
class Episode:
    """`asked` and `decided` are its first and last moment, and `waited` how long people were asked
    in all its rounds: not while a reviser worked.
    """

    review_id: str
    graph: str
    kind: str
    action: str
    queue: str
    risk: str | None
    outcome: str
    rounds: int
    asked: datetime
    decided: datetime
    waited: timedelta
    automatic: bool
    events: tuple[tuple[str, datetime, str], ...]
    trace: dict[str, str] | None


def episode_of(ended: Ended) -> Episode | None:
    """The episode of a review that is over; None of one that nobody was asked about."""
    review, rows = ended
    if not rows:
        return None
    begun = [row for row in rows if row.event in ASKED]
    closed = [row for row in rows if row.event in DECIDED]
    first, last = begun[0] if begun else rows[0], closed[-1] if closed else rows[-1]
    return Episode(
        review_id=review.id,
        graph=review.graph,
        kind=review.kind,
        action=review.action,
        queue=review.queue,
        risk=review.risk,
        outcome=rows[-1].outcome or last.outcome or rows[-1].event,
        rounds=max(len(begun), 1),
        asked=first.at,
        decided=max(first.at, last.at),
        waited=_waited(rows),
        automatic=rows[-1].event == "auto_approved",
        events=tuple((_TOLD[row.event], row.at, row.actor) for row in rows if row.event in _TOLD),
        trace=trace_of(review),
    )


def _waited(rows: tuple[AuditRow, ...]) -> timedelta:
    """The time between every question and its end; none of it is negative."""
    total, since = timedelta(), None
    for row in rows:
        if row.event in ASKED or row.event == "reopened":
            since = row.at
        elif since is not None and (row.event in DECIDED or row.event == "superseded"):
            total += max(row.at - since, timedelta())
            since = None
    return total
