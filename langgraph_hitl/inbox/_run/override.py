"""`override`: before the graph has taken a decision it is replaced, afterwards called back.

It is replaced under the lock under which it would be taken, so that the graph follows the new one.
"""

from __future__ import annotations

from functools import partial

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import (
    HitlError,
    InboxError,
    InboxUnavailable,
    InvalidDecision,
    RunFailed,
    UnknownReview,
)
from langgraph_hitl.inbox._office import Cast, Office
from langgraph_hitl.inbox._ruling import Ruling, last_override
from langgraph_hitl.inbox._run.decide import Manner, resumed
from langgraph_hitl.inbox._run.drive import drive
from langgraph_hitl.inbox._run.lease import await_lock
from langgraph_hitl.inbox._run.progress import stands
from langgraph_hitl.inbox._run.recall import recall_lock
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import OVERRULED, Review
from langgraph_hitl.review.decision import Decision, to_json

_LOOKS = 10
"""How often a thread is looked at with which others go on at the same time."""

_OPEN = ("abstain", "defer", "escalate")
"""What leaves a review open."""


def override(
    office: Office, review_id: str, decision: Decision, how: Manner, reason: str
) -> Steps[Review]:
    """Decide a review over those who would, or over what was decided."""
    ruling = Ruling(
        office=office,
        review_id=review_id,
        answer=_answer(decision, review_id),
        reason=_reason(reason, review_id),
        by=how.by,
        channel=how.channel,
        needs_graph=how.resume == "now",
        known=(yield Call(partial(_known, office, review_id))),
    )
    for _ in range(_LOOKS):
        found: Cast | Review = yield Call(ruling.decide)
        if isinstance(found, Cast):
            return (yield from _follow(office, review_id, found, how))
        cast = yield from _replace(ruling, found, how)
        if cast is not None:
            return (yield from _follow(office, review_id, cast, how))
        yield from _finish(office, found)
    raise InboxError(
        f"Review {review_id}: its graph goes on, and never comes to what was decided; nothing was "
        "overridden. inbox.doctor() may say why."
    )


def _answer(decision: Decision, review_id: str) -> dict[str, object]:
    answer = to_json(decision)
    if answer["type"] in _OPEN:
        raise InvalidDecision(f"{answer['type']} decides nothing", review_id=review_id)
    return answer


def _reason(reason: str, review_id: str) -> str:
    if not isinstance(reason, str) or is_blank(reason):
        raise InvalidDecision(
            "an override needs a reason, which the audit keeps", review_id=review_id
        )
    return reason


def _replace(ruling: Ruling, review: Review, how: Manner) -> Steps[Cast | None]:
    """Replace a decision that nobody has taken; None where somebody may have.

    Whoever decides meanwhile finds the thread busy and leaves the rest to us, so it is done then.
    """
    office = ruling.office
    sampled = review.mode == "sampled"
    before: set[str] = yield Call(partial(_to_follow, office, review))
    key = recall_lock(review.id) if sampled else review.thread_id
    held = yield from await_lock(office, key)
    try:
        run = Run(desk=office, graph=review.graph, thread_id=review.thread_id, lock=held)
        if not sampled and not (yield from stands(office.registry.app(review), run, review)):
            return None
        if not (yield Call(held.alive)):
            raise InboxUnavailable(f"the lock of {key!r} was lost; nothing was overridden")
        found: Cast | Review = yield Call(partial(ruling.decide, locked=review.round))
        office.point("releasing")
    finally:
        held.release()
    if how.resume == "worker" and not sampled:
        yield from _follow_others(office, review, before)
    return None if isinstance(found, Review) else found


def _follow(office: Office, review_id: str, cast: Cast, how: Manner) -> Steps[Review]:
    """Resume the graph with the new decision, or call back what it has done."""
    if OVERRULED not in cast.review.hooks:
        return (yield from resumed(office, review_id, cast, how))
    if how.resume == "now":
        yield from drive(office, cast.review)
    review: Review = yield Call(partial(_read, office, review_id))
    return review


def _finish(office: Office, review: Review) -> Steps[None]:
    """Let a run that was cut off come to its end, so that it can be seen what it has done."""
    try:
        yield from drive(office, review)
    except RunFailed:
        current: Review = yield Call(partial(_read, office, review.id))
        if (current.status, current.round) == (review.status, review.round):
            raise


def _follow_others(office: Office, review: Review, before: set[str]) -> Steps[None]:
    came: set[str] = yield Call(partial(_to_follow, office, review))
    for review_id in sorted(came - before - {review.id}):
        try:
            other: Review = yield Call(partial(_read, office, review_id))
            yield from drive(office, other)
        except HitlError:
            continue  # it is on record, and `work()` tries it again


def _to_follow(office: Office, review: Review) -> set[str]:
    with office.ledger.looking() as rx:
        found = rx.open_on(review.thread_id, review.graph, content=False)
    return {each.id for each in found if each.wake and each.status != "pending"}


def _known(office: Office, review_id: str) -> int:
    with office.ledger.reading() as rx:
        review = rx.get(review_id)
        if review is None:
            raise UnknownReview(review_id)
        last = last_override(rx, review)
    return 0 if last is None else last.seq


def _read(office: Office, review_id: str) -> Review:
    with office.ledger.looking() as rx:
        review = rx.get(review_id)
    if review is None:
        raise UnknownReview(review_id)
    return review
