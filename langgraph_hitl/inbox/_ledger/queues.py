"""`Queues`: the part of a transaction that knows whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._ledger import assigned
from langgraph_hitl.inbox._ledger.assigned import Counts, Done
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.review.reviewer import Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._staff import Title


class Queues:
    """What is open with whom. What it gives to be moved is locked until the transaction ends."""

    _session: Session

    def take_turn(self) -> None:
        """Wait until no other transaction assigns, so that what is counted stands."""
        assigned.take_turn(self._session)

    def open_counts(self) -> dict[str, Counts]:
        """The reviews that are open with each person who has any."""
        return assigned.counts(self._session)

    def standing(self, people: Sequence[str], since: datetime | None) -> dict[str, Done]:
        """What each of these has decided; with `since`, also how many reviews after that."""
        return assigned.standing(self._session, people, since)

    def held_by(
        self,
        person: str,
        after: Review | None = None,
        *,
        now: datetime,
        limit: int,
        titles: Iterable[Title] | None = None,
        by_hand: bool = True,
    ) -> list[Review]:
        """The next of what is open with somebody and that nobody looks at; without contents.

        Args:
            titles: Only what somebody with these cannot decide.
            by_hand: False leaves out what a person has assigned.
        """
        only: Any = {"titles": titles, "by_hand": by_hand}
        return assigned.held_by(self._session, person, after, now=now, limit=limit, **only)

    def unassigned(self, after: Review | None, *, now: datetime, limit: int) -> list[Review]:
        """The next reviews that are nobody's and that nobody looks at; without contents."""
        return assigned.unassigned(self._session, after, now=now, limit=limit)

    def movable(
        self, giver: str, taker: Voter, *, now: datetime, but: str | None = None
    ) -> Review | None:
        """What goes from one to the other most easily, and is not `but`; None if nothing may."""
        return assigned.movable(self._session, giver, taker, now=now, but=but)
