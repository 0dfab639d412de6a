"""Fair shares: who gets the next review, and what moves when queues have grown apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

_NEVER = datetime.min.replace(tzinfo=UTC)
_NOBODY: Mapping[str, datetime] = {}


class Move(NamedTuple):
    """One review that nobody has begun with goes from one person to another."""

    giver: str
    taker: str


def least_loaded(
    candidates: Iterable[str],
    loads: Mapping[str, int],
    waiting_since: Mapping[str, datetime] = _NOBODY,
) -> str | None:
    """Who gets the next review; None without candidates.

    Who has the fewest open ones, of these who has waited the longest since getting the last one,
    and of these the first by id.

    Args:
        candidates: The ids of those who can take it.
        loads: How many are open with each; nobody has to be in it.
        waiting_since: When each got the last one; who never got one has waited the longest.

    >>> least_loaded(["ann", "bob", "cem"], {"ann": 2, "bob": 1, "cem": 1})
    'bob'
    """

    def turn(person: str) -> tuple[int, datetime, str]:
        return loads.get(person, 0), waiting_since.get(person, _NEVER), person

    return min(candidates, key=turn, default=None)


def evened(
    loads: Mapping[str, int], waiting_since: Mapping[str, datetime] = _NOBODY
) -> tuple[Move, ...]:
    """What has to move so that no queue is longer than another by more than one.

    People work at different speeds, so that queues grow apart between two assignments. Who gives
    one away has two more than who takes it, so there is one that nobody has begun with.

    Args:
        loads: How many are open with each of those who are there.
        waiting_since: When each got the last one.

    >>> evened({"ann": 3, "bob": 0, "cem": 2})
    (Move(giver='ann', taker='bob'),)
    >>> evened({"ann": 3, "bob": 2})
    ()
    """
    now, moves = dict(loads), []
    while now:
        taker = least_loaded(now, now, waiting_since)
        giver = max(now, key=lambda person: (now[person], person))
        if taker is None or now[giver] - now[taker] <= 1:
            break
        now[giver] -= 1
        now[taker] += 1
        moves.append(Move(giver, taker))
    return tuple(moves)
