"""`Notice`: one event of a review, for those who want to tell somebody about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, assert_never

from langgraph_hitl.inbox.review import TIMED_OUT, Review

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.cursor import Told

Event = Literal[
    "asked",
    "assigned",
    "reminder",
    "escalated",
    "expired",
    "settled",
    "moved_up",
    "overridden",
    "recalled",
]
"""`asked`: a version waits for an answer, or waits again. `assigned`: it is somebody's turn (when
that ends, nobody is told). `reminder`: it still waits. `escalated`: somebody else is asked
now. `expired`: nobody answered in time. `settled`: it was decided, or cancelled. `moved_up`: the
value that somebody decided takes more authority than that person has, and waits for others; `asked`
follows. `overridden`: somebody decided over those who decide, or over what they had decided;
`settled` follows where the graph can follow it. `recalled`: `on_recall` has called back what the
graph had done.
"""

_EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        "filed": "asked",
        "renewed": "asked",
        "assigned": "assigned",
        "reminded": "reminder",
        "escalated": "escalated",
        "settled": "settled",
        "cancelled": "settled",
        "moved_up": "moved_up",
        "overridden": "overridden",
        "recalled": "recalled",
        "reopened": "asked",
    }
)

TOLD = tuple(_EVENTS)
"""The events of the audit that are told; of the others there is no notice."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One event. `seq` is the number of its audit row: unique, and rising with time.

    `review` is the review as it is now, which may be further on than the event; its content is
    empty where it was removed. `recipients` are keys, as in `Review.eligible`: who may decide when
    it is told, which may be others than at the event, or `person:maria` whose turn it was; what was
    `overridden` or `recalled` concerns those who had decided it too. With a chain, `level` is the
    one that it had reached then; those above may decide too, and are among the recipients. `actor`
    is who did it (`system:deadline` where time did), `outcome` what was decided, `reason` what they
    said about it, or what a value that `moved_up` takes.
    """

    seq: int
    event: Event
    review_id: str
    at: datetime
    review: Review
    recipients: tuple[str, ...]
    actor: str
    level: str | None = None
    reason: str | None = None
    outcome: str | None = None


class Notify(Protocol):
    """What `Inbox.open(notify=...)` takes: a plain function of one notice."""

    def __call__(self, notice: Notice, /) -> object:
        """Tell whom it concerns.

        Called by `work()`, off the event loop, without any transaction or lock of a thread: it may
        be slow, and may use the inbox. Notices come one after another, in the order of `seq`, from
        one process at a time. One that raises is logged, stands in the audit as `hook_failed`, and
        is not called again for this notice; one whose process is killed before it is noted is.
        """
        ...


def notice_of(told: Told, review: Review, *, level: str | None = None) -> Notice:
    """The notice of an audit row, about the review as it is now.

    `level` is the one of its chain at that moment, if the row names none.
    """
    event = event_of(told.event, told.outcome)
    more = told.content if isinstance(told.content, dict) else {}
    named = more.get("level")
    return Notice(
        seq=told.seq,
        event=event,
        review_id=told.review_id,
        at=told.at,
        review=review,
        recipients=_recipients(event, review, more),
        actor=told.actor,
        level=level if named is None else str(named),
        reason=told.reason,
        outcome=told.outcome,
    )


def event_of(event: str, outcome: str | None) -> Event:
    """What an audit event, one of `TOLD`, is to those who are told.

    >>> event_of("renewed", None), event_of("settled", "timed_out"), event_of("settled", "approved")
    ('asked', 'expired', 'settled')
    """
    found = _EVENTS[event]
    return "expired" if found == "settled" and outcome == TIMED_OUT else found


def _recipients(event: Event, review: Review, more: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom it concerns: whose turn it is, or everybody who may decide."""
    match event:
        case "assigned" | "reminder":
            person = more.get("to") or review.assigned
            return _person(person) or review.eligible
        case "overridden":
            return (*_person((more.get("earlier") or {}).get("by")), *review.eligible)
        case "recalled":
            return (*_person(review.decided_by), *review.eligible)
        case "asked" | "escalated" | "expired" | "settled" | "moved_up":
            return review.eligible
        case _:
            assert_never(event)


def _person(who: str | None) -> tuple[str, ...]:
    """The key of a person; none of nobody, nor of the system."""
    return () if who is None or who.startswith("system:") else (f"person:{who}",)
