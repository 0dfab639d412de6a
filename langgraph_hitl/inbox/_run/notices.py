"""Notices: every event is told once, in order, to the function `notify=` of an inbox.

The audit is the outbox, and the cursor `notify` says what of it was told.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from langgraph_hitl.errors import HitlError, InboxError, InboxUnavailable, UnknownReview
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._catch_up import course_of
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._run.hook import call_hook
from langgraph_hitl.inbox._run.lease import try_lock
from langgraph_hitl.inbox._run.steps import Call, Steps, perform
from langgraph_hitl.inbox.notice import Notice, Notify, notice_of
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.chain import Chain

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.cursor import Told
    from langgraph_hitl.inbox._ledger.reading import Reading

CURSOR = "notify"
LOCK = "hitl:notices"
MAX_LIMIT = 10_000
MAX_SEQ = 2**63 - 1


def check_notify(notify: Any) -> None:
    """Raises `InboxError` for what could not be called, or would only give a coroutine."""
    if notify is None:
        return
    if not callable(notify):
        raise InboxError(f"notify= must be a function of a notice, not {notify!r}")
    method = getattr(notify, "__call__", None)  # noqa: B004  # looking at the method
    if inspect.iscoroutinefunction(notify) or inspect.iscoroutinefunction(method):
        raise InboxError(
            f"notify= must be a synchronous function, not {notify!r}; awork() calls it off the "
            "event loop"
        )


def begin(office: Office) -> None:
    """What happened before anybody wanted to be told is not told."""
    if office.notify is None:
        return
    with office.ledger.looking() as rx:
        begun = rx.position(CURSOR).seq is not None
    if not begun:
        with office.ledger.transaction() as tx:
            tx.begin_cursor(CURSOR)


def deliver(office: Office, stop: Callable[[], bool]) -> Steps[list[str]]:
    """Tell what has happened until now; the ids of the reviews, one for each event.

    Nothing is told where another process, or thread, is telling. The lock is taken for each notice
    by the thread that tells it: a pass that is cancelled leaves that thread behind, with its lock.
    """
    told: list[str] = []
    if office.notify is None:
        return told
    until: int | None = yield Call(partial(_until, office))
    if until is None:
        return told
    while not stop():
        review_id: str | None = yield Call(partial(_tell_next, office, office.notify, until))
        if review_id is None:
            break
        told.append(review_id)
    return told


def listed(office: Office, after: int, limit: int) -> list[Notice]:
    """The notices after the row `after`, of one moment."""
    check.count(after, "after=", least=0, most=MAX_SEQ)
    check.count(limit, "limit=", most=MAX_LIMIT)
    reviews: dict[str, Review] = {}
    notices = []
    with office.ledger.reading() as rx:
        for told in rx.audit_after(after, limit=limit):
            if told.review_id not in reviews:
                reviews[told.review_id] = _review(office, rx, told.review_id)
            notices.append(_about(told, reviews[told.review_id]))
    return notices


def _until(office: Office) -> int | None:
    """The last row, if it was not told yet: what comes later, of `notify` too, can wait."""
    with office.ledger.looking() as rx:
        seq, end = rx.position(CURSOR)
    if seq is None:
        begin(office)
    return end if seq is not None and seq < end else None


def _tell_next(office: Office, notify: Notify, until: int) -> str | None:
    """Tell the next event, of this review; None if there is none, or somebody else is telling."""
    held = perform(try_lock(office, LOCK))
    if held is None:
        return None
    try:
        return _tell(office, notify, until)
    finally:
        held.release()


def _tell(office: Office, notify: Notify, until: int) -> str | None:
    with office.ledger.reading() as rx:
        seq = rx.position(CURSOR).seq
        if seq is None or seq >= until:
            return None
        rows = rx.audit_after(seq, limit=1)
        notices = [_notice(office, rx, told) for told in rows]
    if not notices:
        _pass_over(office, seq, until)
        return None
    office.point("notifying")
    error = call_hook("notify", partial(_call, notify, notices[0]))
    office.point("notified")
    return rows[0].review_id if _told(office, seq, rows[0], error) else None


def _notice(office: Office, rx: Reading, told: Told) -> Notice | Exception:
    """What to tell; or why it cannot be told, which must not hold up what comes later."""
    try:
        return _about(told, _review(office, rx, told.review_id))
    except InboxUnavailable:
        raise
    except (HitlError, LookupError, TypeError, ValueError) as error:
        return error


def _about(told: Told, review: Review) -> Notice:
    course = course_of(review)
    panel = None if course is None else course.panel_at(told.at)
    return notice_of(told, review, level=panel.level if isinstance(panel, Chain) else None)


def _review(office: Office, rx: Reading, review_id: str) -> Review:
    review = rx.get(review_id)
    if review is None:
        raise UnknownReview(review_id)
    return office.with_votes(rx, review)


def _call(notify: Notify, notice: Notice | Exception) -> None:
    if isinstance(notice, Exception):
        raise notice
    made = notify(notice)
    if inspect.iscoroutine(made):
        made.close()
        raise TypeError("it gave a coroutine, which nobody awaits; give a plain function")


def _pass_over(office: Office, was: int, to: int) -> None:
    """No row up to this one is told."""
    with office.ledger.transaction() as tx:
        tx.advance_cursor(CURSOR, was=was, to=to)


def _told(office: Office, was: int, told: Told, error: str | None) -> bool:
    """Remember that it was told, however that went; False if somebody else has told it."""
    with office.ledger.transaction() as tx:
        if not tx.advance_cursor(CURSOR, was=was, to=told.seq):
            return False
        if error is not None:
            tx.note(
                told.review_id,
                "hook_failed",
                actor="system:worker",
                channel="worker",
                reason=error[:MAX_ERROR],
            )
    return True
