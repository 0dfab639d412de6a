"""What happens to a review while it waits for an answer, and does not end the waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._course import Course
from langgraph_hitl.inbox._ledger import reviews
from langgraph_hitl.inbox._ledger.place import PLACED, place_digest
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import due_micros, maybe_micros, micros, name_text, to_json
from langgraph_hitl.inbox.review import Review

_ADVANCE = Sql(
    "UPDATE hitl_reviews SET course = :course, next_at = :next_at, due = :due,"
    " eligible = :eligible, hidden = :hidden, updated_at = :now,"
    " claimed_by = CASE WHEN eligible = :eligible THEN claimed_by END,"
    " claimed_until = CASE WHEN eligible = :eligible THEN claimed_until END"
    " WHERE id = :review_id AND round = :round AND status = 'pending'"
)
_HAND_OVER = Sql(
    "UPDATE hitl_reviews SET course = :course, next_at = :next_at, due = :due, queue = :queue,"  # noqa: S608  # constants
    " rank = :rank, eligible = :eligible, hidden = 0, updated_at = :now, claimed_by = NULL,"
    " claimed_until = NULL, assigned = NULL, assigned_at = NULL"
    " WHERE id = :review_id AND round = :round AND status = 'pending'"
    f" RETURNING {', '.join(PLACED)}"
)
_CLAIM = Sql(
    "UPDATE hitl_reviews SET claimed_by = :by, claimed_until = :until, updated_at = :now"
    " WHERE id = :review_id AND round = :round AND status = 'pending'"
)
_ASSIGN = Sql(
    "UPDATE hitl_reviews SET assigned = :to, assigned_at = :now, updated_at = :now"
    " WHERE id = :review_id AND round = :round AND status = 'pending'"
)
_TIMED = Sql(
    "SELECT id FROM hitl_reviews AS r WHERE status = 'pending' AND next_at IS NOT NULL"
    " AND next_at <= :now ORDER BY next_at, id LIMIT :limit"
)


def advance(
    session: Session,
    review: Review,
    *,
    course: Course | None,
    keys: tuple[str, ...],
    hidden_until: datetime | None,
    now: int,
) -> None:
    """Keep another course, who may decide now, and until when it is hidden.

    Where other people decide from now on, nobody of them looks at it yet.
    """
    due = review.due if course is None else course.deadline
    session.run(
        _ADVANCE,
        review_id=review.id,
        round=review.round,
        course=None if course is None else to_json(course.to_json(), "The course of a review"),
        next_at=None if course is None else maybe_micros(course.next_at),
        due=due_micros(due),
        eligible=to_json(list(keys), "Who may decide"),
        hidden=maybe_micros(hidden_until) or 0,
        now=now,
    )
    if (keys, hidden_until, due) == (review.eligible, review.hidden_until, review.due):
        return
    reviews.drop_eligible(session, review.id)
    reviews.add_eligible(
        session,
        review.id,
        keys=keys,
        rank=review.rank,
        due=due,
        created=review.created_at,
        hidden_until=hidden_until,
    )


def hand_over(
    session: Session,
    review: Review,
    *,
    course: Course,
    keys: tuple[str, ...],
    queue: str,
    rank: int,
    now: int,
) -> str:
    """Let others decide it in another queue, where nobody looks at it; the digest of its place."""
    row = session.row(
        _HAND_OVER,
        review_id=review.id,
        round=review.round,
        course=to_json(course.to_json(), "The course of a review"),
        next_at=maybe_micros(course.next_at),
        due=due_micros(course.deadline),
        queue=name_text(queue, "The name of a queue"),
        rank=rank,
        eligible=to_json(list(keys), "Who may decide"),
        now=now,
    )
    if row is None:
        raise InboxError(f"Review {review.id} does not wait any more; nothing was changed")
    reviews.drop_eligible(session, review.id)
    reviews.add_eligible(
        session,
        review.id,
        keys=keys,
        rank=rank,
        due=course.deadline,
        created=review.created_at,
    )
    return place_digest(dict(zip(PLACED, row, strict=True)))


def claim(
    session: Session, review: Review, *, by: str | None, until: datetime | None, now: int
) -> None:
    """Keep who looks at it; nobody with None."""
    session.run(
        _CLAIM,
        review_id=review.id,
        round=review.round,
        by=by,
        until=maybe_micros(until),
        now=now,
    )


def assign(session: Session, review: Review, *, to: str | None, now: datetime) -> Review:
    """Keep whose turn it is; the review, which its caller has locked, as it is then."""
    session.run(_ASSIGN, review_id=review.id, round=review.round, to=to, now=micros(now))
    return replace(review, assigned=to, assigned_at=now, updated_at=now)


def timed(session: Session, *, now: int, limit: int) -> list[str]:
    """The ids of the reviews to which time has done something, the longest ago first."""
    return [row[0] for row in session.rows(_TIMED, now=now, limit=limit)]
