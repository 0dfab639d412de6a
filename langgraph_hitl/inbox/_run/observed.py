"""What is over, for telemetry: every review once, whichever process ended it.

The audit is the outbox, and the cursor `otel` says how far it was taken. It moves on before anybody
is told: a process that dies then leaves a gap in what is observed, and nothing is counted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._run.lease import try_lock
from langgraph_hitl.inbox._run.steps import Call, Steps, perform

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.inbox._ledger.reading import Reading
    from langgraph_hitl.inbox._office import Office
    from langgraph_hitl.inbox.review import Filing, Review

_log = logging.getLogger(__name__)

CURSOR = "otel"
LOCK = "hitl:otel"
PAGE = 50
_TRACE = "trace"
OVER = ("applied", "run_failed", "superseded", "auto_approved")
"""The events after which nothing more happens to a review, unless it is asked anew."""


class Ended(NamedTuple):
    """A review that is over, and what happened to it since it was asked, the oldest first."""

    review: Review
    rows: tuple[AuditRow, ...]


class Observer(Protocol):
    """Who is told what is over."""

    def __call__(self, ended: Sequence[Ended], /) -> None:
        """Take some reviews that are over; an error is logged, and they do not come again."""
        ...

    def trace(self) -> dict[str, str] | None:
        """The trace that goes on where this is called, to be kept with what is asked now."""
        ...


def begin(office: Office) -> None:
    """What was over before anybody observed is not told."""
    with office.ledger.transaction() as tx:
        tx.begin_cursor(CURSOR)


def traced(office: Office, filing: Filing, before: Review | None) -> Filing:
    """A filing that remembers the trace in which its first version was asked."""
    if before is not None:
        trace = trace_of(before)
    else:
        trace = None if office.observer is None else office.observer.trace()
    if not trace or filing.question is None:
        return filing
    return replace(filing, question={**filing.question, _TRACE: trace})


def trace_of(review: Review) -> dict[str, str] | None:
    """The trace in which a review was asked; None where there was none, or it was removed."""
    found = (review.question or {}).get(_TRACE)
    return found if isinstance(found, dict) else None


def observe(office: Office, stop: Callable[[], bool]) -> Steps[int]:
    """Tell what is over by now; how many reviews. Nothing where another process tells it."""
    observer = office.observer
    if observer is None:
        return 0
    count = 0
    while not stop():
        ended: list[Ended] | None = yield Call(partial(_take, office))
        if ended is None:
            break
        yield Call(partial(_tell, observer, ended))
        count += len(ended)
    return count


def _take(office: Office) -> list[Ended] | None:
    """The next reviews that are over, which nobody else takes; None where there are none."""
    with office.ledger.looking() as rx:
        seq, end = rx.position(CURSOR)
    if seq is None or seq >= end:
        return None
    held = perform(try_lock(office, LOCK))
    if held is None:
        return None
    try:
        return _taken(office)
    except InboxUnavailable:
        raise
    except InboxError:
        _log.exception("what is over could not be read for telemetry")
        return None
    finally:
        held.release()


def _taken(office: Office) -> list[Ended] | None:
    with office.ledger.reading() as rx:
        seq, end = rx.position(CURSOR)
        if seq is None or seq >= end:
            return None
        rows = rx.events(OVER, after=seq, limit=PAGE)
        ended = [one for row in rows if (one := _ended(rx, *row)) is not None]
    to = rows[-1][0] if len(rows) == PAGE else end
    with office.ledger.transaction() as tx:
        return ended if tx.advance_cursor(CURSOR, was=seq, to=to) else None


def _ended(rx: Reading, seq: int, review_id: str) -> Ended | None:
    """What came to this end. Parts of it that came to an earlier one are left out."""
    review = rx.get(review_id)
    if review is None:
        return None
    rows = [row for row in rx.history(review_id) if row.seq <= seq]
    earlier = [number for number, row in enumerate(rows[:-1]) if row.event in OVER]
    return Ended(review, tuple(rows[earlier[-1] + 1 if earlier else 0 :]))


def _tell(observer: Observer, ended: Sequence[Ended]) -> None:
    if not ended:
        return
    try:
        observer(ended)
    except Exception:
        _log.exception("telemetry failed")
