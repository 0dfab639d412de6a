"""`Shares`: what everybody has to do, counted once for all that one transaction gives and takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.inbox.review import Review, priority_of
from langgraph_hitl.people import Member, Rotation

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.writing import Transaction

_DONE = "decided"
"""Beside the priorities: what was decided lately, where people rotate. It comes before all."""


class Shares:
    """How many reviews are open with each person, by priority, and since when they wait for one.

    Made when nobody else assigns, so that what is counted stands; `moved` keeps it right.
    """

    def __init__(
        self, tx: Transaction, roll: Roll, now: datetime, rotation: Rotation | None
    ) -> None:
        self._tx = tx
        self._roll = roll
        self._now = now
        self._decided: dict[str, Sequence[datetime]] = {}
        self._resting: dict[str, bool] = {}
        self.loads: dict[str, Counter[str]] = {person: Counter() for person in roll.members}
        self.latest: dict[str, datetime] = {}
        since = None if rotation is None else rotation.since(now)
        for person, done in tx.standing([*roll.members], since).items():
            self.loads[person][_DONE] = done.lately
            if done.latest is not None:
                self.latest[person] = done.latest
        for person, found in tx.open_counts().items():
            load = self.loads.setdefault(person, Counter())
            for rank, count in found.by_rank.items():
                load[priority_of(rank)] += count
            self.latest[person] = max(self.latest.get(person, found.latest), found.latest)

    @property
    def holders(self) -> list[str]:
        """Who has any that are open, in order."""
        return sorted(person for person, load in self.loads.items() if load.total() > load[_DONE])

    def totals(self, people: Iterable[str]) -> dict[str, int]:
        """How much each of these has in all."""
        return {person: self.loads[person].total() for person in people}

    def moved(self, review: Review, to: str | None) -> None:
        """A review has gone from who had it to somebody else."""
        priority = review.priority
        if review.assigned is not None:
            self.loads[review.assigned][priority] -= 1
        if to is not None:
            self.loads[to][priority] += 1
            self.latest[to] = self._now

    def decisions(self, people: Iterable[Member]) -> Mapping[str, Sequence[datetime]]:
        """When those have decided who have a limit."""
        for one in people:
            if one.limit is not None and one.id not in self._decided:
                self._decided[one.id] = self._tx.decisions(one.id, one.limit.decisions)
        return self._decided

    def rests(self, person: str) -> bool:
        """Whether somebody has decided so many that they have to rest."""
        if person not in self._resting:
            why = self._roll.rest(person, self._now, self._tx.decisions)
            self._resting[person] = why is not None
        return self._resting[person]
