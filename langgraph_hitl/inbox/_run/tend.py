"""`tend`: nothing stays with who cannot decide it, and what is nobody's goes to who has come.

Queues are evened first, so that nothing that was given away here moves again in the same pass.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeAlias

from langgraph_hitl.inbox._assignment import PAGE, Turns
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.inbox.review import Review

Way: TypeAlias = Callable[[Turns, Review | None], tuple[int, Review | None]]
"""Gives away one page: how many reviews, and where the next page begins, None after the last."""


class Errand(NamedTuple):
    """A way to give reviews away, and where its next page begins."""

    way: Way
    after: Review | None = None


def tend(office: Office, stop: Callable[[], bool]) -> Steps[list[str]]:
    """Assign what waits for nobody who can decide it; the ids of the reviews."""
    if not office.assigns:
        return []
    roll: Roll | None = yield Call(office.roll)
    if roll is None or roll.problem is not None:
        return []
    done: list[str] = []
    while not stop():
        given, holders = yield Call(partial(_even, office, roll))
        done += given
        if len(given) < PAGE:
            break
    else:
        return done
    errands = [
        *(Errand(partial(_relieve, person)) for person in holders),
        *(Errand(partial(_spare, person)) for person in holders),
        Errand(Turns.assign_next),
    ]
    while errands and not stop():
        given, errands = yield Call(partial(_go, office, roll, errands))
        done += given
    return done


def _even(office: Office, roll: Roll) -> tuple[list[str], list[str]]:
    """The reviews that moved, and who has any now."""
    with office.ledger.transaction() as tx:
        turns = office.turns(tx, roll, office.clock())
        turns.even()
        return turns.given, turns.shares.holders


def _go(office: Office, roll: Roll, errands: list[Errand]) -> tuple[list[str], list[Errand]]:
    """One page of the first errand that finds anything; the reviews, and what is left."""
    with office.ledger.transaction() as tx:
        turns = office.turns(tx, roll, office.clock())
        for number, (way, start) in enumerate(errands):
            done, after = way(turns, start)
            rest = errands[number + 1 :]
            if after is not None:
                return turns.given, [Errand(way, after), *rest]
            if done:
                return turns.given, rest
    return [], []


def _relieve(person: str, turns: Turns, after: Review | None) -> tuple[int, Review | None]:
    return turns.relieve(person, after)


def _spare(person: str, turns: Turns, after: Review | None) -> tuple[int, Review | None]:
    return turns.spare(person, after)
