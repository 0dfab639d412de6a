"""`catch_up`: what time has done to a review is written before anything else is done to it.

So what becomes of a review depends on the moments of the answers alone, and never on when a worker
came by.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from langgraph_hitl._subgraph.desk import TIMEOUT
from langgraph_hitl.deadlines import Event
from langgraph_hitl.inbox._course import DEADLINE, Course, course_from_json
from langgraph_hitl.inbox.review import TIMED_OUT, Review, Settlement
from langgraph_hitl.panels import Panel, anyone, panel_from_json

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.writing import Transaction

ANYBODY = anyone()


def course_of(review: Review) -> Course | None:
    """The course of a review; None where it has neither time nor levels."""
    return None if review.course is None else course_from_json(review.course)


def panel_of(review: Review, now: datetime) -> Panel:
    """Who decides a review: as it was filed, in every process, whatever the gate says by now.

    What was filed is as strict as its gate was; a gate that has changed asks for the next one.
    """
    course = course_of(review)
    if course is not None:
        return course.panel_at(course.present(now))
    stored = (review.question or {}).get("panel")
    return panel_from_json(stored) if stored else ANYBODY


def is_due(review: Review, now: datetime) -> bool:
    """Whether time has done something to a review that is not written."""
    return review.status == "pending" and review.next_at is not None and review.next_at <= now


def due_events(review: Review, now: datetime) -> tuple[str, ...]:
    """What time has done to a review that is not written, as kinds of `deadlines.Event`."""
    course = course_of(review) if is_due(review, now) else None
    return () if course is None else tuple(one.kind for one in course.events(course.present(now)))


def was_late(review: Review) -> bool:
    """Whether a review was over because nobody decided in time."""
    return review.decided_by == DEADLINE and review.status in ("settled", "applied")


def catch_up(tx: Transaction, review: Review, now: datetime) -> Review:
    """Write the reminders, the levels and the end that are due; the review as it stands then."""
    course = course_of(review)
    if course is None or review.status != "pending":
        return review
    # The course says it, which the audit knows; the column only leads lists to it.
    events = course.events(course.present(now))
    if not events:
        return review
    over = any(event.kind == "expired" for event in events)
    left = course if over else course.told_until(max((one.at for one in events), default=now))
    for event in events:
        match event.kind:
            case "reminder" | "escalated":
                _note(tx, review, event, left)
            case "expired":
                tx.settle(_timed_out(review, event.at))
                return tx.get(review.id) or review
            case _:
                assert_never(event.kind)
    return follow(tx, review, left, now)


def follow(tx: Transaction, review: Review, course: Course, now: datetime) -> Review:
    """Keep a course, and let those decide who may by now."""
    keys = course.panel_at(course.present(now)).eligible_keys
    hidden = review.hidden_until if keys == review.eligible else None
    return tx.advance(review, course=course, keys=keys, hidden_until=hidden)


def _note(tx: Transaction, review: Review, event: Event, left: Course) -> None:
    name = "reminded" if event.kind == "reminder" else "escalated"
    content: dict[str, Any] = {"level": event.level, "course": left.digest}
    tx.note(
        review.id,
        name,
        actor=DEADLINE,
        channel="worker",
        reason=event.level and f"to {event.level}",
        content=content,
        round=review.round,
        at=event.at,
    )


def _timed_out(review: Review, at: datetime) -> Settlement:
    return Settlement(
        review_id=review.id,
        round=review.round,
        digest=review.digest,
        decision={"type": TIMEOUT},
        outcome=TIMED_OUT,
        by=DEADLINE,
        at=at,
        channel="worker",
    )
