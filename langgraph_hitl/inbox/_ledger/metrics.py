"""`Metrics`: how many reviews wait, for how long, and how fast people decide."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.tables_hold import STANDS
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import micros
from langgraph_hitl.inbox.review import STATUSES, Status

_COUNTS = Sql("SELECT status, count(*) FROM hitl_reviews GROUP BY status")
_QUEUES = Sql(
    "SELECT queue, count(*) FROM hitl_reviews WHERE status = 'pending'"
    " GROUP BY queue ORDER BY queue"
)
_KINDS = Sql(
    "SELECT kind, count(*) FROM hitl_reviews WHERE status = 'pending' GROUP BY kind ORDER BY kind"
)
_OVERDUE = Sql("SELECT count(*) FROM hitl_reviews WHERE status = 'pending' AND due < :now")
_WAKEFUL = Sql(
    "SELECT count(*), coalesce(sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0)"
    " FROM hitl_reviews WHERE wake = 1"
)
_NTH_OLDEST = Sql(
    "SELECT id, created_at FROM hitl_reviews WHERE status = 'pending'"
    " ORDER BY created_at, id LIMIT 1 OFFSET :n"
)
_LATEST = (
    "SELECT a.review_id, a.round, a.event, a.outcome, a.actor, a.at FROM hitl_audit AS a"  # noqa: S608
    f" WHERE a.event IN ('settled', 'cancelled', 'auto_approved') AND {STANDS}"
    " ORDER BY a.seq DESC LIMIT :last"
)
_RECENT = Sql(
    f"SELECT a.event, a.outcome, a.actor, a.at - v.filed_at FROM ({_LATEST}) AS a"  # noqa: S608  # constants
    " JOIN hitl_versions AS v ON v.review_id = a.review_id AND v.round = a.round"
)
_VOTES = Sql(
    f"SELECT v.voter, count(*) FROM ({_LATEST}) AS a JOIN hitl_votes AS v"  # noqa: S608
    " ON v.review_id = a.review_id AND v.round = a.round GROUP BY v.voter"
)


@dataclass(frozen=True)
class Times:
    """How long something took, `count` times; None where it never did.

    `median` and `p90` are the smallest times that half and nine tenths of all do not exceed.
    """

    count: int
    min: timedelta | None
    median: timedelta | None
    p90: timedelta | None
    max: timedelta | None


@dataclass(frozen=True, kw_only=True)
class ReviewerMetrics:
    """What one person did among the latest decisions.

    `decided` counts the decisions that this person made or completed, `outcomes` what they were and
    `response` how long after the filing; `votes` counts the votes in a panel.
    """

    decided: int
    votes: int
    outcomes: Mapping[str, int]
    response: Times


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Counts and times of an inbox.

    Of this moment: `reviews` by status; `queues` and `kinds` of the pending ones; `waiting`, the
    time since they were filed, and `oldest`, the id of the one that has waited the longest;
    `overdue` ones beyond their deadline; `wakeful` ones whose graph has still to be driven, and
    `failing` ones among these, whose graph failed.

    Of the latest decisions that stand, where an override after the graph had gone on does not
    count, as it changes no outcome: `outcomes`, automatic ones too; `response`, the time from
    filing a version to the decision on it, and `reviewers` by id, both for what people decided.
    """

    reviews: Mapping[Status, int]
    queues: Mapping[str, int]
    kinds: Mapping[str, int]
    waiting: Times
    oldest: str | None
    overdue: int
    wakeful: int
    failing: int
    outcomes: Mapping[str, int]
    response: Times
    reviewers: Mapping[str, ReviewerMetrics]


def metrics(session: Session, *, now: datetime, last: int) -> Metrics:
    """The metrics of this moment; outcomes, times and reviewers are of the `last` decisions."""
    at = micros(now)
    counts: dict[str, int] = dict(session.rows(_COUNTS))
    [(wakeful, failing)] = session.rows(_WAKEFUL)
    [(overdue,)] = session.rows(_OVERDUE, now=at)
    oldest, waiting = _waiting(session, counts.get("pending", 0), at)
    recent = session.rows(_RECENT, last=last)
    by_people = [row for row in recent if row[0] == "settled" and not row[2].startswith("system:")]
    return Metrics(
        reviews={status: counts.get(status, 0) for status in STATUSES},
        queues=dict(session.rows(_QUEUES)),
        kinds=dict(session.rows(_KINDS)),
        waiting=waiting,
        oldest=oldest,
        overdue=overdue,
        wakeful=wakeful,
        failing=int(failing),
        outcomes=_counted(outcome for _, outcome, _, _ in recent),
        response=_times(time for *_, time in by_people),
        reviewers=_reviewers(by_people, dict(session.rows(_VOTES, last=last))),
    )


def _waiting(session: Session, count: int, at: int) -> tuple[str | None, Times]:
    """The oldest pending review, and how long they wait, read off their index."""
    if count == 0:
        return None, _times(())
    [(oldest, _)] = session.rows(_NTH_OLDEST, n=0)
    filed = [session.rows(_NTH_OLDEST, n=count - 1 - rank)[0][1] for rank in _ranks(count)]
    return oldest, Times(count, *(_span(at - moment) for moment in filed))


def _reviewers(recent: Sequence[Row], votes: Mapping[str, int]) -> dict[str, ReviewerMetrics]:
    decided: dict[str, list[Row]] = {voter: [] for voter in votes}
    for row in recent:
        decided.setdefault(row[2], []).append(row)
    return {
        person: ReviewerMetrics(
            decided=len(rows),
            votes=votes.get(person, 0),
            outcomes=_counted(outcome for _, outcome, _, _ in rows),
            response=_times(time for *_, time in rows),
        )
        for person, rows in sorted(decided.items())
    }


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _times(given: Iterable[int]) -> Times:
    times = sorted(given)
    if not times:
        return Times(0, None, None, None, None)
    return Times(len(times), *(_span(times[rank]) for rank in _ranks(len(times))))


def _ranks(count: int) -> tuple[int, int, int, int]:
    """Where the shortest, the median, the 90th percentile and the longest of so many stand."""
    return 0, math.ceil(count / 2) - 1, math.ceil(count * 9 / 10) - 1, count - 1


def _span(micros: int) -> timedelta:
    """A time; none is negative, whatever a clock did that was set back."""
    return timedelta(microseconds=max(0, micros))
