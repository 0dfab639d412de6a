"""Fair shares: who gets the next review, and what moves when queues have grown apart."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
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
    return min(candidates, key=_turn(loads, waiting_since), default=None)


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
    while (move := next_move(now, waiting_since)) is not None:
        now[move.giver] -= 1
        now[move.taker] += 1
        moves.append(move)
    return tuple(moves)


def next_move(
    loads: Mapping[str, int],
    waiting_since: Mapping[str, datetime] = _NOBODY,
    but: Container[Move] = (),
    takers: Iterable[str] | None = None,
) -> Move | None:
    """The first thing that has to move, from the longest queue to the shortest; None if nothing.

    Args:
        loads: As in `evened`.
        waiting_since: When each got the last one.
        but: What cannot move: nothing that the one has may go to the other.
        takers: Who of them may take; everybody without it.

    >>> loads = {"ann": 3, "bob": 0, "cem": 1}
    >>> next_move(loads, but={Move("ann", "bob")})
    Move(giver='ann', taker='cem')
    """
    givers = sorted(loads, key=lambda person: (loads[person], person), reverse=True)
    ready = sorted(loads if takers is None else takers, key=_turn(loads, waiting_since))
    for giver in givers:
        for taker in ready:
            if loads[giver] - loads[taker] <= 1:
                break
            if Move(giver, taker) not in but:
                return Move(giver, taker)
    return None


def _turn(
    loads: Mapping[str, int], waiting_since: Mapping[str, datetime]
) -> Callable[[str], tuple[int, datetime, str]]:
    def turn(person: str) -> tuple[int, datetime, str]:
        return loads.get(person, 0), waiting_since.get(person, _NEVER), person

    return turn
