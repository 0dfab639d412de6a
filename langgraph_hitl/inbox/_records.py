"""`Records`: what an inbox can be asked, without changing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from langgraph_hitl.errors import InboxError, UnknownReview
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._catch_up import is_due
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._reporting import Reporting
from langgraph_hitl.inbox._run.notices import listed
from langgraph_hitl.inbox._view import View
from langgraph_hitl.inbox.notice import Notice
from langgraph_hitl.inbox.review import Ballot, Review
from langgraph_hitl.review.outcome import OUTCOMES
from langgraph_hitl.review.reviewer import Reviewer
from langgraph_hitl.triggers.number import quoted

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.inbox._ledger.metrics import Metrics
    from langgraph_hitl.inbox._ledger.query import Order
    from langgraph_hitl.inbox._ledger.verify import Verification

Result = TypeVar("Result")

_READINGS = 20
"""How often a page is read anew because time has ended or passed up something on it."""


class Records(Reporting):
    """The reading half of `Inbox`. Every question has an asynchronous twin, off the event loop."""

    _office: Office

    def pending(
        self,
        *,
        queue: str | None = None,
        role: str | None = None,
        reviewer: Reviewer | str | None = None,
        kind: str | None = None,
        risk: str | None = None,
        action: str | None = None,
        thread: str | None = None,
        graph: str | None = None,
        assigned: Reviewer | str | None = None,
        deferred: bool = False,
        order: Order = "priority",
        limit: int = 50,
        after: Review | str | None = None,
    ) -> list[Review]:
        """One page of the reviews that wait for a decision, with the votes so far.

        Args:
            queue: Of this queue.
            role: That this role may decide by name.
            reviewer: That this person may decide now: nothing that they asked for, nor where they
                have a vote that cannot be changed, and with a directory nothing while they are away
                or have to rest, and what they may decide for somebody who is away.
            kind: Of this preset, such as `human_approval`.
            risk: Whose finding names this level.
            action: With this action.
            thread: Of this thread.
            graph: Of the graph with this name.
            assigned: Whose turn is this person's.
            deferred: Those that somebody has put off, and no others; they are left out without it.
            order: `priority` (then deadline, then the oldest), `oldest` or `newest`.
            limit: How many.
            after: The last review of the page before, or its cursor.

        Raises `InboxError` for a filter that is no text, an order that is unknown, and a cursor of
        another order.
        """
        from langgraph_hitl.inbox._ledger.query import cursor

        if role is not None:
            check.name(role, "role=")
        check.flag(deferred, "deferred=")
        who = None if reviewer is None else person(reviewer, "reviewer=")
        view = View.of(self._office, who)
        whose = None if assigned is None else person(assigned, "assigned=").id
        start = cursor(after, order) if isinstance(after, Review) else after

        def read(start: str | None, now: datetime) -> list[Review]:
            with self._office.ledger.looking() as rx:
                return rx.pending(
                    queue=queue,
                    role=role,
                    reviewer_keys=view.keys(now),
                    kind=kind,
                    risk=risk,
                    action=action,
                    thread=thread,
                    graph=graph,
                    assigned=whose,
                    now=now,
                    deferred=deferred,
                    order=order,
                    limit=limit,
                    after=start,
                )

        found: list[Review] = []
        while True:
            page = self._up_to_date(partial(read, start))
            found += view.shown(page, self._office.clock())
            if view.who is None or len(found) >= limit or len(page) < limit:
                return self._office.all_with_votes(found[:limit])
            start = cursor(page[-1], order)

    def decided(
        self,
        *,
        by: Reviewer | str | None = None,
        outcome: str | None = None,
        since: datetime | timedelta | str | None = None,
        queue: str | None = None,
        kind: str | None = None,
        risk: str | None = None,
        action: str | None = None,
        thread: str | None = None,
        graph: str | None = None,
        limit: int = 50,
        after: Review | str | None = None,
    ) -> list[Review]:
        """One page of the reviews that were decided or cancelled, the latest first.

        Args:
            by: That this person decided, or voted on.
            outcome: With this outcome, as the graph was told, also where somebody overrode that
                afterwards (`overruled` is in `Review.hooks` then). What passed unasked is listed
                with `auto_approved` only.
            since: Decided at this moment or later, with a time zone; or so long ago, as `7d`.
            queue: Of this queue.
            kind: Of this preset, such as `human_approval`.
            risk: Whose finding names this level.
            action: With this action.
            thread: Of this thread.
            graph: Of the graph with this name.
            limit: How many.
            after: The last review of the page before, or its cursor.

        Raises `InboxError` for a filter that makes no sense.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").decided(by="maria", outcome="rejected")
        []
        """
        from langgraph_hitl.inbox._ledger.over import Over, cursor_after

        if outcome is not None and outcome not in OUTCOMES:
            raise InboxError(f"outcome= is one of {', '.join(OUTCOMES)}, not {quoted(outcome)}")
        wanted = Over(
            by=None if by is None else person(by, "by=").id,
            outcome=outcome,
            since=None if since is None else _since(since, self._office.clock()),
            queue=queue,
            kind=kind,
            risk=risk,
            action=action,
            thread=thread,
            graph=graph,
            limit=limit,
            after=cursor_after(after) if isinstance(after, Review) else after,
        )
        with self._office.ledger.looking() as rx:
            return rx.over(wanted)

    def get(self, review_id: str) -> Review:
        """One review, whatever its status; raises `UnknownReview`."""
        with self._office.ledger.reading() as rx:
            found = rx.get(review_id)
            if found is None:
                raise UnknownReview(review_id)
            if not is_due(found, self._office.clock()):
                return self._office.with_votes(rx, found)
        self._office.expire(review_id)
        with self._office.ledger.reading() as rx:
            return self._office.with_votes(rx, rx.get(review_id) or found)

    def votes(self, review_id: str) -> list[Ballot]:
        """The votes on the newest version of a review, in the order in which they were cast.

        None of a panel that is blind, for as long as the review is pending. One person's decision
        is no vote: `get` and `history` tell it. Raises `UnknownReview`.
        """
        with self._office.ledger.reading() as rx:
            review = rx.get(review_id)
            if review is None:
                raise UnknownReview(review_id)
            if review.status == "pending" and self._office.panel_of(review).blind:
                return []
            return rx.votes(review_id, review.round)

    def history(self, review_id: str) -> list[AuditRow]:
        """Everything that happened to a review, the oldest first; raises `UnknownReview`."""
        with self._office.ledger.reading() as rx:
            rows = rx.history(review_id)
        if not rows:
            raise UnknownReview(review_id)
        return rows

    def notices(self, after: int = 0, limit: int = 100) -> list[Notice]:
        """What has happened, in order, for a consumer that keeps its own place.

        Args:
            after: The `seq` of the last notice that was seen; 0 begins with the first ever.
            limit: At most so many.

        Raises `InboxError` for an `after` or a limit that is no such number.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").notices(after=0)
        []
        """
        return listed(self._office, after, limit)

    def metrics(self, *, last: int = 1000) -> Metrics:
        """How many reviews wait and for how long, how fast people decide, and what.

        Args:
            last: Outcomes, times of decision and what each person did are those of so many latest
                decisions.

        >>> from langgraph_hitl.inbox import Inbox
        >>> now = Inbox.open("sqlite:///:memory:").metrics()
        >>> now.reviews["pending"], now.oldest, now.response.median
        (0, None, None)
        """
        check.count(last, "last=", most=10**6)
        with self._office.ledger.reading() as rx:
            return rx.metrics(last=last)

    def verify(self, head: str | None = None) -> Verification:
        """Whether the audit is whole, and the reviews are what it says; true if so.

        Compared is what each version showed, where it waits, for whom and until when, its votes in
        their order, its decisions, what was called for it and what has still to be done, and the
        queues. Not compared is when something is tried again, and why it failed; when somebody
        got a review, which only makes the next turn somebody else's; whether the graph of a pending
        review has to be looked at, which `doctor` asks its thread; and how far `notify` was told:
        whoever can write to the database can keep a notice back, and `notices` still has it.

        Args:
            head: The `head` of an earlier verification, kept elsewhere. It shows rows that were
                removed from the end since, and an audit that somebody wrote anew.

        Raises `InboxError` for a head that no verification gave.

        >>> from langgraph_hitl.inbox import Inbox
        >>> bool(Inbox.open("sqlite:///:memory:").verify())
        True
        """
        if head is not None:
            check.text(head, "head=")
        with self._office.ledger.reading() as rx:
            return rx.verify(head=head)

    def _up_to_date(self, read: Callable[[datetime], list[Review]]) -> list[Review]:
        """A page to whose reviews time has done nothing that is not written."""
        for _ in range(_READINGS):
            now = self._office.clock()
            page = read(now)
            due = [review for review in page if is_due(review, now)]
            if not due:
                return page
            for review in due:
                self._office.expire(review.id)
        return [review for review in page if not is_due(review, now)]

    async def apending(self, **wanted: Any) -> list[Review]:
        """`pending` off the event loop."""
        return await self._off_the_loop(partial(self.pending, **wanted))

    async def adecided(self, **wanted: Any) -> list[Review]:
        """`decided` off the event loop."""
        return await self._off_the_loop(partial(self.decided, **wanted))

    async def aget(self, review_id: str) -> Review:
        """`get` off the event loop."""
        return await self._off_the_loop(partial(self.get, review_id))

    async def avotes(self, review_id: str) -> list[Ballot]:
        """`votes` off the event loop."""
        return await self._off_the_loop(partial(self.votes, review_id))

    async def ahistory(self, review_id: str) -> list[AuditRow]:
        """`history` off the event loop."""
        return await self._off_the_loop(partial(self.history, review_id))

    async def anotices(self, after: int = 0, limit: int = 100) -> list[Notice]:
        """`notices` off the event loop."""
        return await self._off_the_loop(partial(self.notices, after, limit))

    async def ametrics(self, *, last: int = 1000) -> Metrics:
        """`metrics` off the event loop."""
        return await self._off_the_loop(partial(self.metrics, last=last))

    async def averify(self, head: str | None = None) -> Verification:
        """`verify` off the event loop."""
        return await self._off_the_loop(partial(self.verify, head))

    async def _off_the_loop(self, function: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._office.executor, function)


def _since(given: Any, now: datetime) -> int:
    from langgraph_hitl.inbox._ledger.values import micros

    if isinstance(given, str | timedelta):
        return micros(now - check.span(given, "since="))
    if not isinstance(given, datetime) or given.utcoffset() is None:
        raise InboxError(
            "since= is a datetime with a time zone, or a duration such as '7d', not "
            f"{quoted(given)}"
        )
    return micros(given)
