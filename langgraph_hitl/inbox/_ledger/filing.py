"""Filing a review, a new version of it, or one that passes without anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger import reviews, settlements
from langgraph_hitl.inbox._ledger.audit import Entry
from langgraph_hitl.inbox._ledger.place import place_digest
from langgraph_hitl.inbox._ledger.reviews import Shown
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import micros
from langgraph_hitl.inbox.review import OVERRULED, RECALL, Filing, Review, Settlement

_RENEW = Sql(
    "UPDATE hitl_reviews SET status = 'pending', wake = 1, outcome = NULL, decided_by = NULL,"
    " decided_at = NULL, attempts = 0, error = NULL, updated_at = :now, graph = :graph,"
    " thread_id = :thread_id, gate = :gate, root_checkpoint = :root_checkpoint, kind = :kind,"
    " action = :action, mode = :mode, round = :round, digest = :digest, queue = :queue,"
    " rank = :rank, due = :due, risk = :risk, score = :score, eligible = :eligible,"
    " course = :course, next_at = :next_at, hidden = :hidden, requester = :requester,"
    " claimed_by = :claimed_by, claimed_until = :claimed_until"
    " WHERE id = :id AND round = :round - 1 AND status IN ('settled', 'applied')"
)


def as_of(filing: Filing, now: datetime) -> Filing:
    """A filing as time leaves it by now: of what was before it, the audit tells nothing."""
    if filing.course is None or now <= filing.course.told:
        return filing
    course = filing.course.told_until(now)
    return replace(filing, course=course, eligible=course.panel_at(now).eligible_keys)


def insert(
    session: Session, filing: Filing, *, now: datetime, actor: str, wake: bool
) -> tuple[Review, Entry] | None:
    """Insert a pending review; None if its id is taken."""
    row = reviews.new_row(filing, now=now, status="pending", wake=wake, outcome=None, by=None)
    shown = reviews.shown_by(filing)
    if not reviews.insert(session, row):
        return None
    _add_version(session, filing, shown, now=now, created=now)
    return _inserted(row, shown), _entry(filing, row, shown, "filed", now=now, actor=actor)


def renew(
    session: Session, stored: Review, filing: Filing, *, now: datetime, actor: str
) -> tuple[Review, Entry]:
    """Put the next version of a decided review before people.

    It is applied already where the user's reviser had failed and the graph was run again.
    """
    if filing.round != stored.round + 1 or stored.status not in ("settled", "applied"):
        raise InboxError(
            f"Review {stored.id}: round {filing.round} cannot be filed, because round "
            f"{stored.round} is {stored.status}; only the round after a decided one can"
        )
    if OVERRULED in stored.hooks and RECALL not in stored.hooks:
        raise InboxError(
            f"Review {stored.id}: round {stored.round} was overridden, and what the graph did has "
            f"still to be called back before round {filing.round} is filed; inbox.work() does it"
        )
    changed, shown = reviews.version_row(filing), reviews.shown_by(filing)
    session.run(_RENEW, id=stored.id, now=micros(now), **changed)
    _add_version(session, filing, shown, now=now, created=stored.created_at)
    fresh = reviews.new_row(filing, now=now, status="pending", wake=True, outcome=None, by=None)
    renewed = replace(
        _inserted(fresh, shown),
        created_at=stored.created_at,
        assigned=stored.assigned,
        assigned_at=stored.assigned_at,
    )
    return renewed, _entry(filing, changed, shown, "renewed", now=now, actor=actor)


def insert_passed(
    session: Session, filing: Filing, *, now: datetime, actor: str, outcome: str
) -> Entry | None:
    """Insert a review that nobody was needed for; None if its id is taken."""
    row = reviews.new_row(filing, now=now, status="applied", wake=False, outcome=outcome, by=actor)
    shown = reviews.shown_by(filing)
    if not reviews.insert(session, row):
        return None
    reviews.insert_version(session, filing, shown, now=now)
    passed = Settlement(
        review_id=filing.review_id,
        round=filing.round,
        digest=filing.digest,
        decision={},
        outcome=outcome,
        by=actor,
        at=now,
        channel="graph",
    )
    settlements.insert(session, passed)
    entry = _entry(filing, row, shown, "auto_approved", now=now, actor=actor)
    return replace(entry, outcome=outcome)


def _add_version(
    session: Session, filing: Filing, shown: Shown, *, now: datetime, created: datetime
) -> None:
    reviews.insert_version(session, filing, shown, now=now)
    reviews.add_eligible(
        session,
        filing.review_id,
        keys=filing.eligible,
        rank=filing.rank,
        due=filing.due,
        created=created,
    )


def _inserted(row: dict[str, Any], shown: Shown) -> Review:
    """The review as reading it back would give it."""
    return reviews.review_of(tuple(row[name] for name in reviews.NAMES), shown)


def _entry(
    filing: Filing, row: dict[str, Any], shown: Shown, event: str, *, now: datetime, actor: str
) -> Entry:
    return Entry(
        review_id=filing.review_id,
        event=event,
        actor=actor,
        at=now,
        channel="graph",
        round=filing.round,
        digest=filing.digest,
        content={"shown": shown.digest, "place": place_digest(row)}
        | ({} if filing.course is None else {"course": filing.course.digest}),
    )
