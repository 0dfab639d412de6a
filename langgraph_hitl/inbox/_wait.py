"""`EstimatedWait`: how long a review will wait, from what came and went of late."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

from langgraph_hitl._subgraph.verdict import PANEL
from langgraph_hitl.stats.waiting import expected_wait, observed_wait

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.traffic import Passage

LEFT, CAME = "left", "came"
"""The passages of a version that is passed on from one queue into another."""

_ENDS = ("settled", "cancelled", "superseded", LEFT)
_MINUTE = timedelta(minutes=1)
_SYSTEM = "system:"


@dataclass(frozen=True, kw_only=True)
class EstimatedWait:
    """How long a review will wait, said twice: by a formula, and by what was observed.

    Args:
        expected: Until somebody begins, on average, by the formula of Erlang C with the rate of
            arrivals, the time that each takes and how these times vary. None where there are too
            few of them, and where more comes than people can do. It takes it that reviews come one
            by one at any hour: where they come in batches or wait over night, the wait is longer.
        overloaded: More comes than these people can do, so that the wait grows and grows.
        observed: Until the decision: what `share` of the latest did not exceed. Those that wait
            still count with the time so far. None where there are too few, or too many wait still.
        share: Which share that is: 0.5 for the median.
        arrivals_per_hour: How many versions came to be decided; None where too few did.
        service: How long a person takes for one, on average; None where too few were seen.
        reviewers: How many people were reckoned with.
        waiting: How many wait now, without those that are deferred.
    """

    expected: timedelta | None
    overloaded: bool
    observed: timedelta | None
    share: float
    arrivals_per_hour: float | None
    service: timedelta | None
    reviewers: int
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for; see `Inbox.estimated_wait`."""

    queue: str | None
    reviewers: int | None
    share: float
    within: timedelta
    pause: timedelta
    least: int


@dataclass
class Seen:
    """What was seen in a queue, in minutes; the `unended` waits lasted so long at least."""

    arrivals: int = 0
    services: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    unended: list[float] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    handled: int = 0


def estimate(
    passages: Sequence[Passage], waiting: Iterable[datetime], wanted: Wanted, *, now: datetime
) -> EstimatedWait:
    """The wait by all that was seen since `wanted.within` ago, or since the first of it."""
    since = now - wanted.within
    if passages:
        since = max(since, passages[0].at)
    seen = _seen(passages, wanted, since=since)
    ages = [_minutes(filed, now) for filed in waiting]
    reviewers = len(seen.people) if wanted.reviewers is None else wanted.reviewers
    arrivals = _rate(seen, since, now) if seen.arrivals >= wanted.least else None
    service = fmean(seen.services) if len(seen.services) >= wanted.least else None
    expected = _expected(seen, arrivals, service, reviewers)
    enough = len(seen.waits) >= wanted.least
    ongoing = [*seen.unended, *ages]
    observed = observed_wait(seen.waits, share=wanted.share, ongoing=ongoing) if enough else None
    return EstimatedWait(
        expected=_span(expected),
        overloaded=expected is not None and math.isinf(expected),
        observed=_span(observed),
        share=wanted.share,
        arrivals_per_hour=arrivals,
        service=_span(service),
        reviewers=reviewers,
        waiting=len(ages),
    )


def _seen(passages: Iterable[Passage], wanted: Wanted, *, since: datetime) -> Seen:
    """Walk the events. Who works in other queues too is busy there, and counted in this one."""
    seen = Seen()
    busy_until: dict[str, datetime] = {}
    claims: dict[str, Passage] = {}
    handled: set[tuple[str, int | None, str]] = set()
    for one in passages:
        if wanted.queue is not None and one.queued is not None:
            one = one._replace(filed=one.queued)
        counts = one.at > since and _concerns(one, wanted.queue)
        if one.event == "claimed":
            claims[one.review_id] = one
        elif one.event == "released":
            claims.pop(one.review_id, None)
        elif one.event in ("voted", "settled") and _is_person(one.actor):
            key = (one.review_id, one.round, one.actor)
            claim = claims.get(one.review_id)
            claimed = claim.at if claim is not None and claim.actor == one.actor else None
            begun = (one.filed, claimed, busy_until.get(one.actor))
            if counts and key not in handled:  # the vote that settles is one piece of work
                _worked(seen, one, begun, wanted.pause)
            handled.add(key)
            busy_until[one.actor] = one.at
        if counts:
            _came_or_went(seen, one)
    return seen


def _concerns(one: Passage, queue: str | None) -> bool:
    """Whether an event counts for a queue; of all queues, what is passed on stays there."""
    return one.event not in (LEFT, CAME) if queue is None else one.queue == queue


def _worked(seen: Seen, one: Passage, begun: Iterable[datetime | None], pause: timedelta) -> None:
    """One person's work on one version. Nobody begins before it is there, or two at once."""
    seen.people.add(one.actor)
    seen.handled += 1
    start = max((moment for moment in begun if moment is not None), default=one.at)
    if one.at - start <= pause:
        seen.services.append(_minutes(start, one.at))


def _came_or_went(seen: Seen, one: Passage) -> None:
    """Only a decision of people ends a wait; without what ended the others it had gone on."""
    if one.event in ("filed", "renewed", CAME):
        seen.arrivals += 1
    elif one.filed is None or one.event not in _ENDS:
        return
    elif one.event == "settled" and not one.actor.startswith(_SYSTEM):
        seen.waits.append(_minutes(one.filed, one.at))
    else:
        seen.unended.append(_minutes(one.filed, one.at))


def _rate(seen: Seen, since: datetime, now: datetime) -> float | None:
    """Arrivals in an hour."""
    minutes = _minutes(since, now)
    return seen.arrivals * 60 / minutes if minutes else None


def _expected(
    seen: Seen, arrivals: float | None, service: float | None, reviewers: int
) -> float | None:
    """Minutes until somebody begins; None where too little was seen."""
    if arrivals is None or service is None or not seen.waits or not reviewers:
        return None
    each = seen.handled / len(seen.waits)  # where a panel votes, several work on one
    variation = pstdev(seen.services, service) / service if service else 0.0
    return expected_wait(
        arrivals * each, minutes_each=service, people=reviewers, variation=variation
    )


def _is_person(actor: str) -> bool:
    return not actor.startswith(_SYSTEM) and actor != PANEL


def _minutes(begun: datetime, ended: datetime) -> float:
    """None is negative, whatever a clock did that was set back."""
    return max(ended - begun, timedelta(0)) / _MINUTE


def _span(minutes: float | None) -> timedelta | None:
    """None for what never ends; what is longer than any time that can be told is the longest."""
    if minutes is None or math.isinf(minutes):
        return None
    try:
        return timedelta(minutes=minutes)
    except OverflowError:
        return timedelta.max
