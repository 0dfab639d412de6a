"""`Metrics`: how many reviews wait, for how long, and how fast people decide."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import micros
from langgraph_hitl.inbox.review import STATUSES, Status

_COUNTS = Sql("SELECT status, count(*) FROM hitl_reviews GROUP BY status")
_QUEUES = Sql(
    "SELECT queue, count(*) FROM hitl_reviews WHERE status = 'pending'"
    " GROUP BY queue ORDER BY queue"
)
_OLDEST = Sql("SELECT min(created_at) FROM hitl_reviews WHERE status = 'pending'")
_OVERDUE = Sql("SELECT count(*) FROM hitl_reviews WHERE status = 'pending' AND due < :now")
_WAKEFUL = Sql(
    "SELECT count(*), coalesce(sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0)"
    " FROM hitl_reviews WHERE wake = 1"
)
_RECENT = Sql(
    "SELECT a.event, a.outcome, a.at - v.filed_at FROM (SELECT review_id, round, event, outcome, at"
    " FROM hitl_audit WHERE event IN ('settled', 'cancelled', 'auto_approved')"
    " ORDER BY seq DESC LIMIT :last) AS a"
    " JOIN hitl_versions AS v ON v.review_id = a.review_id AND v.round = a.round"
)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Counts and times of an inbox.

    `reviews` counts by status, `queues` the pending ones by queue. `wakeful` reviews have a graph
    that has still to be driven; `failing` ones among them have failed at that. `overdue` ones are
    pending beyond their deadline; `oldest` is the age of the one that has waited the longest.
    `outcomes` counts the latest decisions, automatic ones too; `median` and `p95` are the times
    from filing to decision among those that people took.
    """

    reviews: Mapping[Status, int]
    queues: Mapping[str, int]
    wakeful: int
    failing: int
    overdue: int
    oldest: timedelta | None
    outcomes: Mapping[str, int]
    median: timedelta | None
    p95: timedelta | None


def metrics(session: Session, *, now: datetime, last: int) -> Metrics:
    """The metrics of this moment; outcomes and times are of the `last` decisions."""
    at = micros(now)
    counts: dict[str, int] = dict(session.rows(_COUNTS))
    [(wakeful, failing)] = session.rows(_WAKEFUL)
    [(oldest,)] = session.rows(_OLDEST)
    [(overdue,)] = session.rows(_OVERDUE, now=at)
    recent = session.rows(_RECENT, last=last)
    times = sorted(time for event, _, time in recent if event == "settled")
    return Metrics(
        reviews={status: counts.get(status, 0) for status in STATUSES},
        queues=dict(session.rows(_QUEUES)),
        wakeful=wakeful,
        failing=int(failing),
        overdue=overdue,
        oldest=None if oldest is None else timedelta(microseconds=at - oldest),
        outcomes=dict(sorted(Counter(outcome for _, outcome, _ in recent).items())),
        median=_quantile(times, 0.5),
        p95=_quantile(times, 0.95),
    )


def _quantile(ordered: Sequence[int], share: float) -> timedelta | None:
    """The smallest time that at least this share does not exceed."""
    if not ordered:
        return None
    return timedelta(microseconds=ordered[math.ceil(share * len(ordered)) - 1])
