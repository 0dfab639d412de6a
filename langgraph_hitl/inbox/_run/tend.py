"""`tend`: nothing stays with who is away, and what is nobody's goes to somebody who came."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from langgraph_hitl.inbox._assignment import assign_next, even, relieve
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.inbox.review import Review


def tend(office: Office, stop: Callable[[], bool]) -> Steps[int]:
    """Assign what waits for nobody who is there; how many reviews that were."""
    if not office.assigns:
        return 0
    roll: Roll | None = yield Call(office.roll)
    if roll is None or roll.problem is not None:
        return 0
    done = 0
    while not stop():
        relieved: int = yield Call(partial(_relieve, office, roll))
        if not relieved:
            break
        done += relieved
    after: Review | None = None
    while not stop():
        assigned, after = yield Call(partial(_assign_next, office, roll, after))
        done += assigned
        if after is None:
            break
    moved: int = yield Call(partial(_even, office, roll))
    return done + moved


def _relieve(office: Office, roll: Roll) -> int:
    with office.ledger.transaction() as tx:
        return relieve(tx, roll, office.clock())


def _assign_next(office: Office, roll: Roll, after: Review | None) -> tuple[int, Review | None]:
    with office.ledger.transaction() as tx:
        return assign_next(tx, roll, office.clock(), after)


def _even(office: Office, roll: Roll) -> int:
    with office.ledger.transaction() as tx:
        return even(tx, roll, office.clock())
