"""The audit of a period: its rows page by page with what they are about, and how many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.inbox._ledger.audit import AuditRow, StoredRow, audit_row
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.tables_hold import DECIDED
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import micros
from langgraph_hitl.inbox._period import Period

_EARLIEST, _LATEST = -(2**62), 2**62

_WITHIN = "a.at >= :since AND a.at < :until AND a.seq <= :end"
_WIDTH = len(StoredRow._fields)
_PAGE = Sql(
    f"SELECT {', '.join(f'a.{name}' for name in StoredRow._fields)},"  # noqa: S608  # constants
    " r.graph, r.thread_id, r.action, r.queue, r.requester FROM hitl_audit AS a"
    " LEFT JOIN hitl_reviews AS r ON r.id = a.review_id"
    f" WHERE a.seq > :after AND {_WITHIN} ORDER BY a.seq LIMIT :limit"
)
_COUNTS = Sql(
    "SELECT a.event, a.outcome, a.actor, count(*) FROM hitl_audit AS a"  # noqa: S608  # constants
    f" WHERE {_WITHIN} GROUP BY a.event, a.outcome, a.actor"
)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """An audit row, and what its review is about; None where there is no such review."""

    row: AuditRow
    graph: str | None
    thread_id: str | None
    action: str | None
    queue: str | None
    requester: str | None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How often what happened: every event, the outcomes of decisions, and those of each person."""

    events: dict[str, int]
    outcomes: dict[str, int]
    people: dict[str, int]


def reported(
    session: Session, period: Period, *, after: int, end: int, limit: int
) -> list[Reported]:
    """The next rows after the row `after`, up to the row `end`."""
    rows = session.rows(_PAGE, after=after, limit=limit, **bounds(period, end))
    return [
        Reported(
            row=audit_row(StoredRow._make(row[:_WIDTH])),
            graph=row[_WIDTH],
            thread_id=row[_WIDTH + 1],
            action=row[_WIDTH + 2],
            queue=row[_WIDTH + 3],
            requester=row[_WIDTH + 4],
        )
        for row in rows
    ]


def counted(session: Session, period: Period, *, end: int) -> Counts:
    """The counts of the rows up to the row `end`."""
    events, outcomes, people = Counter[str](), Counter[str](), Counter[str]()
    for event, outcome, actor, count in session.rows(_COUNTS, **bounds(period, end)):
        events[event] += count
        if event in DECIDED:
            outcomes[outcome or event] += count
            if not actor.startswith("system:"):
                people[actor] += count
    return Counts(
        events=dict(sorted(events.items())),
        outcomes=dict(sorted(outcomes.items())),
        people=dict(sorted(people.items())),
    )


def bounds(period: Period, end: int) -> dict[str, Any]:
    """The parameters of what is asked of a period, up to the row `end`."""
    return {
        "since": _EARLIEST if period.since is None else micros(period.since),
        "until": _LATEST if period.until is None else micros(period.until),
        "end": end,
    }
