"""Every error of the package, under one base.

```
HitlError
├── GateError                 building a gate or wiring it into a graph
│   └── MissingExtra          an optional dependency is not installed
└── ReviewError               running one
    ├── NoCheckpointer        the graph could not pause
    ├── SubjectError          the subject is absent, or neither JSON nor messages
    ├── ContextMissing        a required piece of context is absent
    ├── RevisionFailed        the reviser returned something else than the subject
    ├── ProposalFailed        a model proposed what cannot be put before people
    ├── InvalidDecision       an answer that does not fit the question
    ├── NotApproved           `approved()` found no approval
    ├── Drifted               the value is not the one that was approved
    ├── Unreadable            a confidence, score or flag that says nothing; a person is asked
    ├── UnknownPattern        a request names a pattern that its router does not have
    └── InboxError            anything about the inbox
        ├── AlreadyDecided    somebody was first; `by`, `at`, `outcome`
        │   ├── Expired       nobody was in time: the deadline has decided
        │   └── TooLate       it cannot be overridden: the graph has acted on it
        ├── Claimed           somebody else is looking at it; `by`, `until`
        ├── InboxTooNew       the database was written by a newer release
        ├── InboxUnavailable  the database cannot be reached, is locked or full; try again
        ├── NotAuthorised     this identity may not do that to this review; `act`, `needed`
        ├── NotRegistered     the graph is not registered with the inbox in this process
        ├── RunFailed         the decision stands, but the run that followed it failed
        ├── StaleReview       another version was meant than the one that waits; `current`
        ├── ThreadBusy        another run holds the thread, for longer than one wanted to wait
        ├── ThreadHeld        a supervisor has the thread; `by`, `at`, `why`
        │   ├── ThreadPaused  until somebody resumes it
        │   └── ThreadStopped for good
        ├── UnknownReview     no review has this id
        └── UnknownRun        no supervised graph has run on this thread
```

Errors name the culprit and the cure. The attributes of each class carry the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

__all__ = [
    "AlreadyDecided",
    "Claimed",
    "ContextMissing",
    "Drifted",
    "Expired",
    "GateError",
    "HitlError",
    "InboxError",
    "InboxTooNew",
    "InboxUnavailable",
    "InvalidDecision",
    "MissingExtra",
    "NoCheckpointer",
    "NotApproved",
    "NotAuthorised",
    "NotRegistered",
    "ProposalFailed",
    "ReviewError",
    "RevisionFailed",
    "RunFailed",
    "StaleReview",
    "SubjectError",
    "ThreadBusy",
    "ThreadHeld",
    "ThreadPaused",
    "ThreadStopped",
    "TooLate",
    "UnknownPattern",
    "UnknownReview",
    "UnknownRun",
    "Unreadable",
]


class HitlError(Exception):
    """Base of every error that this package raises."""


class GateError(HitlError, ValueError):
    """A gate, or the way it is wired, cannot work. Raised while the graph is built."""


class MissingExtra(GateError, ImportError):
    """An optional dependency is not installed; `extra` names the extra that brings it."""

    def __init__(self, what: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(f'{what} needs an extra: pip install "langgraph-hitl[{extra}]"')


class ReviewError(HitlError):
    """Something is wrong with one review while its graph runs."""


class NoCheckpointer(ReviewError, RuntimeError):
    """The graph has no checkpointer, so it could not be resumed. Raised before anybody is asked."""


class SubjectError(ReviewError, ValueError):
    """The subject is absent, or is neither plain JSON nor messages."""


class ContextMissing(ReviewError, ValueError):
    """Required context is absent or empty; `keys` lists it. Raised before anybody is asked."""

    def __init__(self, keys: Sequence[str], *, gate: str) -> None:
        self.keys = tuple(keys)
        listed = ", ".join(repr(key) for key in keys)
        super().__init__(
            f"Gate {gate!r} requires context that is absent or empty: {listed}. "
            "Fill it before the gate, or take it out of required_context."
        )


class RevisionFailed(ReviewError, ValueError):
    """The reviser returned nothing, or something else than the subject."""


class ProposalFailed(ReviewError, ValueError):
    """What `suggest=` or `propose=` returned cannot be put before people. Nobody was asked."""


class InvalidDecision(ReviewError, ValueError):
    """An answer does not fit the question. Nothing was saved.

    `reason` says what to change; `errors` has its parts, one for each thing that is wrong.
    """

    def __init__(self, reason: str, *, review_id: str | None = None) -> None:
        self.reason = reason
        self.errors = tuple(reason.split("; "))
        self.review_id = review_id
        super().__init__(f"Review {review_id}: {reason}" if review_id else reason)


class NotApproved(ReviewError, LookupError):
    """`approved(state, key)` found no review of `key`, or the newest one did not approve it."""


class Drifted(ReviewError):
    """The value in the state is not the one that was approved.

    `key` is the state key; `approved_digest` and `actual_digest` are the two digests.
    """

    def __init__(self, key: str, *, approved_digest: str, actual_digest: str | None) -> None:
        self.key = key
        self.approved_digest = approved_digest
        self.actual_digest = actual_digest
        super().__init__(
            f"{key!r} changed after its approval (approved {approved_digest}, "
            f"now {actual_digest or 'absent'}). Send it through the gate again."
        )


class Unreadable(ReviewError, ValueError):
    """A confidence, score, level or flag that cannot be read, so that a person is asked.

    The message is the sentence that the reviewer sees. Raise it in your own conditions and sources
    to say why they cannot tell.
    """


class UnknownPattern(ReviewError, LookupError):
    """A router does not have the pattern that a request names, or that was picked before.

    Where a request names it, nobody was asked. Where it was renamed or removed while people were
    asked, the graph goes on as soon as the router has a pattern of this name again.
    """


class InboxError(ReviewError):
    """Base of what the inbox raises."""


class AlreadyDecided(InboxError):
    """Somebody was first. `by`, `at` and `outcome` say who, when, and what was decided."""

    def __init__(
        self, review_id: str, *, by: str, at: datetime, outcome: str, more: str = ""
    ) -> None:
        self.review_id = review_id
        self.by = by
        self.at = at
        self.outcome = outcome
        super().__init__(
            f"Review {review_id} is over: {outcome} by {by} at {at:%Y-%m-%d %H:%M:%S} UTC{more}"
        )


class Claimed(InboxError):
    """Somebody else is looking at the review: `by`, `until`. Deciding it is not forbidden."""

    def __init__(self, review_id: str, *, by: str, until: datetime | None) -> None:
        self.review_id = review_id
        self.by = by
        self.until = until
        then = f" until {until:%Y-%m-%d %H:%M:%S} UTC" if until else ""
        super().__init__(f"Review {review_id}: {by} is looking at it{then}")


class Expired(AlreadyDecided):
    """The deadline `at` was over, and its default stands: `by` is `system:deadline`."""


class TooLate(AlreadyDecided):
    """A decision cannot be overridden: its graph has gone on, and nothing calls that back."""

    def __init__(self, review_id: str, *, by: str, at: datetime, outcome: str, why: str) -> None:
        more = f"; the graph has gone on with it, and {why}"
        super().__init__(review_id, by=by, at=at, outcome=outcome, more=more)


class InboxTooNew(InboxError):
    """The database was written by a newer release of this package, which has to be installed."""


class InboxUnavailable(InboxError):
    """The database cannot be reached, is locked, or is full. Nothing was changed; try again."""


class NotAuthorised(InboxError):
    """Somebody may not decide this review, or do to it what `act` says.

    `by` is who tried, `needed` what it takes; `review_id` is blank where it is about none of them.
    """

    def __init__(self, review_id: str, *, by: str, needed: str, act: str = "decide") -> None:
        self.review_id = review_id
        self.by = by
        self.needed = needed
        self.act = act
        tried = f"{by} may not {act}"
        super().__init__(
            f"Review {review_id}: {tried} it; {needed}" if review_id else f"{tried}; {needed}"
        )


class NotRegistered(InboxError):
    """The graph is not registered with the inbox in this process: `inbox.register(app)`."""


class RunFailed(InboxError):
    """The run of a graph that was to follow a decision failed; the decision stands.

    `decided` is false where nothing was decided yet, and the run was only to go on; `review_id` is
    that of the run where it is of no review, but of the `thread` that somebody supervises.
    """

    def __init__(
        self,
        review_id: str,
        *,
        reason: str,
        decided: bool = True,
        cure: str = "If a node of the graph raised, app.invoke(None, config) tries it again.",
        thread: str | None = None,
    ) -> None:
        self.review_id = review_id
        what = f"for review {review_id}" if thread is None else f"on the thread {thread!r}"
        stands = "The decision stands. " if decided else ""
        super().__init__(
            f"The run of the graph {what} failed: {reason.rstrip('.')}. {stands}{cure}"
        )


class StaleReview(InboxError):
    """The decision is about a version that does not wait any more; `current` is the review now."""

    def __init__(self, review_id: str, *, current: Any, reason: str) -> None:
        self.review_id = review_id
        self.current = current
        super().__init__(f"Review {review_id}: {reason}")


class ThreadBusy(InboxError):
    """Another run holds the thread, for longer than one wanted to wait."""


class UnknownReview(InboxError, LookupError):
    """No review has this id."""

    def __init__(self, review_id: str) -> None:
        self.review_id = review_id
        shown = repr(review_id[:120]) if isinstance(review_id, str) else type(review_id).__name__
        super().__init__(f"No review has the id {shown}")


class ThreadHeld(InboxError):
    """A supervisor has the thread, and nothing runs on it: `by`, `at` and `why` say who and why."""

    state = "held"
    cure = ""

    def __init__(self, thread_id: str, *, by: str | None, at: datetime | None, why: str | None):
        self.thread_id = thread_id
        self.by = by
        self.at = at
        self.why = why
        who = f" by {by}" if by else ""
        when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
        told = f": {why.rstrip('.')}" if why else ""
        super().__init__(f"The thread {thread_id!r} is {self.state}{who}{when}{told}. {self.cure}")


class ThreadPaused(ThreadHeld):
    """The thread stands where it was paused, until `inbox.resume(thread_id, by=...)`."""

    state = "paused"
    cure = "inbox.resume(thread_id, by=...) lets it go on"


class ThreadStopped(ThreadHeld):
    """The thread was stopped for good, and nothing runs on it any more."""

    state = "stopped"
    cure = "It is over; begin with a new thread"


class UnknownRun(InboxError, LookupError):
    """No supervised graph has run on this thread, as far as the inbox knows."""

    def __init__(self, thread_id: object, *, graph: str | None = None) -> None:
        self.thread_id = thread_id
        shown = repr(thread_id[:120]) if isinstance(thread_id, str) else type(thread_id).__name__
        named = "" if graph is None else f" {str(graph)[:120]!r}"
        super().__init__(
            f"No supervised graph{named} has run on the thread {shown}: supervised(app, inbox=...) "
            "in the processes that run it, and inbox.runs() lists what there is"
        )
