"""`Queues`: the part of a transaction that knows whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from langgraph_hitl.inbox._ledger import assigned
from langgraph_hitl.inbox._ledger.assigned import Counts
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.review.reviewer import Voter


class Queues:
    """What is open with whom. What it gives to be moved is locked until the transaction ends."""

    _session: Session

    def take_turn(self) -> None:
        """Wait until no other transaction assigns, so that what is counted stands."""
        assigned.take_turn(self._session)

    def open_counts(self) -> dict[str, Counts]:
        """The reviews that are open with each person who has any."""
        return assigned.counts(self._session)

    def last_decisions(self, people: Sequence[str]) -> dict[str, datetime]:
        """When each of these has decided last; those who never have are not in it."""
        return assigned.last_decisions(self._session, people)

    def held_by(self, person: str, *, now: datetime, limit: int) -> list[Review]:
        """What is open with somebody and that nobody looks at; without contents."""
        return assigned.held_by(self._session, person, now=now, limit=limit)

    def unassigned(self, after: Review | None, *, now: datetime, limit: int) -> list[Review]:
        """The next reviews that are nobody's and that nobody looks at; without contents."""
        return assigned.unassigned(self._session, after, now=now, limit=limit)

    def movable(self, giver: str, taker: Voter, *, now: datetime) -> Review | None:
        """What goes from one to the other most easily; None if nothing may."""
        return assigned.movable(self._session, giver, taker, now=now)
