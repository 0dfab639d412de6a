"""`work`: one pass over everything that has still to be done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Literal

from langgraph_hitl.errors import HitlError, RunFailed
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.conduct import conduct
from langgraph_hitl.inbox._run.cause import ServerSilent, tell
from langgraph_hitl.inbox._run.deadlines import fire
from langgraph_hitl.inbox._run.drive import drive
from langgraph_hitl.inbox._run.escalated import tell_missed
from langgraph_hitl.inbox._run.notices import deliver
from langgraph_hitl.inbox._run.observed import observe
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox._run.tend import tend
from langgraph_hitl.inbox.review import OVERRULED, Review
from langgraph_hitl.inbox.supervised_run import SupervisedRun

_log = logging.getLogger(__name__)

Done = Literal["reminded", "escalated", "timed_out", "assigned", "notified", "resumed", "recalled"]
"""`escalated`: by time. `recalled`: `on_recall` has undone what was overridden too late."""

_BY_TIME: Mapping[str, Done] = MappingProxyType(
    {"reminder": "reminded", "escalated": "escalated", "expired": "timed_out"}
)

PAGE = 100
_AT_ONCE = 3
"""Failed attempts after which the next one is put off."""
_LONGEST_DELAY = timedelta(minutes=5)


@dataclass(kw_only=True)
class WorkReport:
    """What a pass did.

    `timed` reviews were reminded of, passed up or ended by time; `driven` graphs ran, or a recall;
    for `settled_already` nothing was left to do; `busy` threads belong to a run that lives;
    `put_off` failed before and wait for their next attempt, or for a server that did not answer in
    this pass; `held` threads have been paused or stopped by a supervisor; `runs` that somebody
    has resumed or stopped went on, or are over; `failed` maps the ids of reviews and runs to
    what went wrong; `unregistered` counts reviews by graph that this process cannot run; `notified`
    counts the events that `notify` was told; `assigned` counts the reviews that it is somebody
    else's turn for; `handled` counts the handlers of escalations that were called. `reviews` has
    the ids of the reviews to which this was done.
    """

    timed: int = 0
    driven: int = 0
    settled_already: int = 0
    busy: int = 0
    put_off: int = 0
    held: int = 0
    runs: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    unregistered: dict[str, int] = field(default_factory=dict)
    notified: int = 0
    assigned: int = 0
    handled: int = 0
    reviews: dict[Done, list[str]] = field(default_factory=dict)

    def did(self, what: Done, *review_ids: str) -> None:
        """Add what was done to these reviews."""
        if review_ids:
            self.reviews.setdefault(what, []).extend(review_ids)

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (
            self.timed
            or self.driven
            or self.settled_already
            or self.runs
            or self.failed
            or self.notified
            or self.assigned
            or self.handled
            or self.reviews
        )


def never() -> bool:
    """Go on to the end."""
    return False


def work(
    office: Office, *, limit: int | None, stop: Callable[[], bool] = never
) -> Steps[WorkReport]:
    """Write what time has done, drive every review whose graph waits for it, and tell of it all."""
    report = WorkReport()
    for review_id, events in (yield from fire(office, report.failed, stop=stop)):
        report.timed += 1
        for word in dict.fromkeys(events):
            report.did(_BY_TIME[word], review_id)
    assigned = yield from tend(office, stop)
    report.assigned += len(assigned)
    report.did("assigned", *assigned)
    report.handled += yield from tell_missed(office, stop)
    yield from _deliver(office, report, stop)
    yield from _conduct_runs(office, report, stop)
    yield from _pass(office, report, limit, stop)
    yield from _deliver(office, report, stop)
    yield from observe(office, stop)
    return report


def _deliver(office: Office, report: WorkReport, stop: Callable[[], bool]) -> Steps[None]:
    told = yield from deliver(office, stop)
    report.notified += len(told)
    report.did("notified", *told)


def _conduct_runs(office: Office, report: WorkReport, stop: Callable[[], bool]) -> Steps[None]:
    """Go on with what supervisors have resumed, and end what they have stopped."""
    after = ""
    while page := (yield Call(partial(_runs_to_conduct, office, after))):
        for run in page:
            if stop():
                return
            after = run.id
            try:
                done = yield from conduct(office, run)
            except HitlError as error:
                tell(_log, error, "run %s", run.id)
                report.failed[run.id] = str(error)
                continue
            report.runs += done in ("went on", "stopped")
            report.busy += done == "busy"


def _runs_to_conduct(office: Office, after: str) -> list[SupervisedRun]:
    with office.ledger.looking() as rx:
        return rx.wakeful_runs(after=after, limit=PAGE)


def _pass(
    office: Office, report: WorkReport, limit: int | None, stop: Callable[[], bool]
) -> Steps[None]:
    """Page by page, until `stop` says so."""
    after: str | None = None
    silent: set[str] = set()
    left = float("inf") if limit is None else limit
    while left > 0:
        page: list[Review] = yield Call(partial(_page, office, after))
        if not page:
            break
        after = page[-1].id
        for review in page:
            if left <= 0 or stop():
                return
            left -= yield from _one(office, review, report, silent)


def _one(office: Office, review: Review, report: WorkReport, silent: set[str]) -> Steps[int]:
    """Work on one review; how much of the limit it took.

    `silent` has the graphs whose server did not answer: it would hold up all that comes after.
    """
    if not office.registry.has(review.graph):
        report.unregistered[review.graph] = report.unregistered.get(review.graph, 0) + 1
        return 0
    # A clock that was set back must not put it off for as long.
    waits = review.attempts and review.updated_at <= office.clock() < next_attempt(review)
    if waits or review.graph in silent:
        report.put_off += 1
        return 0
    try:
        driven = yield from drive(office, review)
    except HitlError as error:
        tell(_log, error, "review %s", review.id)
        report.failed[review.id] = str(error)
        if isinstance(error, RunFailed) and isinstance(error.__cause__, ServerSilent):
            silent.add(review.graph)
        return 1
    match driven.word:
        case "driven":
            report.driven += 1
            report.did("recalled" if OVERRULED in review.hooks else "resumed", review.id)
        case "busy":
            report.busy += 1
        case "held":
            report.held += 1
        case "nothing to do":
            report.settled_already += 1
    return 1


def next_attempt(review: Review) -> datetime:
    """When a review that failed is tried again: at once at first, then later and later."""
    exponent = min(max(review.attempts - _AT_ONCE, 0), 20)
    delay = timedelta(seconds=2**exponent - 1)
    return review.updated_at + min(delay, _LONGEST_DELAY)


def _page(office: Office, after: str | None) -> list[Review]:
    with office.ledger.looking() as rx:
        return rx.wakeful(after=after, limit=PAGE)
