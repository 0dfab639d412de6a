"""How long a review will wait: the formula of Erlang C, and what was seen of late.

The formula takes it that reviews come one by one. Where they come in batches it is far too
optimistic, and `observed_wait` of the latest waits tells more; show both.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from langgraph_hitl.errors import GateError

MAX_SERVERS = 1_000_000


def erlang_c(load: float, servers: int) -> float:
    """The probability that somebody has to wait, from 0 to 1.

    Args:
        load: How much work comes: the rate of arrivals by the time that each takes.
        servers: How many work on it.

    1 where as much or more work comes than they can do. Raises `GateError` for numbers that
    cannot be.

    >>> round(erlang_c(2, 3), 4)
    0.4444
    """
    load = _amount(load, "load")
    servers = _count(servers, "servers")
    if load >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - (load / servers) * (1 - blocked))


def expected_wait(
    arrivals_per_hour: float, *, minutes_each: float, people: int, variation: float = 1.0
) -> float:
    """How many minutes a review waits on average before somebody begins with it.

    Args:
        arrivals_per_hour: How many reviews come in an hour.
        minutes_each: How many minutes one takes.
        people: How many people review.
        variation: The coefficient of variation of the minutes that they take: 1 where most are
            short and some are long, 0 where each takes the same.

    Infinite where more comes than they can do, or just as much. Raises `GateError` for numbers
    that cannot be.

    >>> round(expected_wait(10, minutes_each=15, people=3), 2)
    21.07
    >>> expected_wait(12, minutes_each=15, people=3)
    inf
    """
    arrivals = _amount(arrivals_per_hour, "arrivals_per_hour") / 60
    minutes = _amount(minutes_each, "minutes_each")
    people = _count(people, "people")
    factor = allen_cunneen(variation)
    load = arrivals * minutes
    if load >= people:
        return math.inf
    return factor * erlang_c(load, people) * minutes / (people - load)


def allen_cunneen(variation: float, arrivals: float = 1.0) -> float:
    """By how much the wait differs from the formula's, by the coefficients of variation.

    Args:
        variation: That of the time that each takes.
        arrivals: That of the time from one arrival to the next; 1 for arrivals at random.

    Raises `GateError` for numbers that cannot be.

    >>> allen_cunneen(1), allen_cunneen(0), allen_cunneen(2)
    (1.0, 0.5, 2.5)
    """
    service, between = _amount(variation, "variation"), _amount(arrivals, "arrivals")
    return (between**2 + service**2) / 2


def observed_wait(
    waits: Iterable[float], *, share: float = 0.5, ongoing: Iterable[float] = ()
) -> float | None:
    """The wait that this share of the observed ones did not exceed; None without any.

    It is one of the waits, the smallest of those that enough of the others do not exceed. One that
    never ends can be given as infinite.

    Args:
        waits: Waits, all in the same unit, which the result is in.
        share: Above 0 and up to 1: 0.5 for the median, 0.9 for what one is to reckon with.
        ongoing: How long those have lasted that are not over yet, by the estimate of Kaplan and
            Meier: each says that it is longer, and nothing of by how much. The result is infinite
            where they leave it open.

    Raises `GateError` for a wait below zero or one that is no number.

    >>> observed_wait([5, 1, 30, 2]), observed_wait([5, 1, 30, 2], share=0.9)
    (2.0, 30.0)
    >>> observed_wait([5, 1, 30, 2], ongoing=[20, 20, 20])
    30.0
    """
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise GateError(f"share must be a number above 0 and up to 1, not {share!r:.40}")
    ordered = sorted(_amount(wait, "a wait", finite=False) for wait in waits)
    lasting = sorted(_amount(wait, "a wait", finite=False) for wait in ongoing)
    if not ordered:
        return None
    if lasting:
        return _kaplan_meier(ordered, lasting, share)
    # The tiny part less is for shares such as 0.07, which times 100 is a little more than 7.
    place = math.ceil(share * len(ordered) * (1 - 1e-12))
    return ordered[max(place, 1) - 1]


def _kaplan_meier(ended: list[float], lasting: list[float], share: float) -> float:
    """The first wait by which this share is over, of sorted waits."""
    waiting = 1.0
    for number, wait in enumerate(ended):
        longer = len(lasting) - bisect_left(lasting, wait)
        left = len(ended) - number + longer
        waiting *= (left - 1) / left
        if 1 - waiting >= share * (1 - 1e-9):
            return wait
    return math.inf


def _amount(given: Any, what: str, *, finite: bool = True) -> float:
    """A number from 0 on."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise GateError(f"{what} must be a number from 0 on, not {given!r:.40}")
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    if math.isnan(number) or number < 0 or (finite and math.isinf(number)):
        raise GateError(f"{what} must be a number from 0 on, not {given!r:.40}")
    return number


def _count(given: Any, what: str) -> int:
    """A whole number from 1 on."""
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MAX_SERVERS:
        raise GateError(f"{what} must be a whole number from 1 on, not {given!r:.40}")
    return given
