"""`Office`: what everything of an inbox shares, and the transactions that decide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl._subgraph.desk import CANCEL, Verdict
from langgraph_hitl._subgraph.verdict import settled_by, votes_in
from langgraph_hitl.errors import (
    AlreadyDecided,
    InboxError,
    InvalidDecision,
    NotAuthorised,
    StaleReview,
    UnknownReview,
)
from langgraph_hitl.inbox._answer import checked_answer
from langgraph_hitl.inbox._authorising import Authorising
from langgraph_hitl.inbox._catch_up import due_events, panel_of, was_late
from langgraph_hitl.inbox._destination import left_of
from langgraph_hitl.inbox._locks import ThreadLocks
from langgraph_hitl.inbox._registry import Registry
from langgraph_hitl.inbox._run.waiting_room import WaitingRoom
from langgraph_hitl.inbox._staff import acting_for
from langgraph_hitl.inbox._verdicts import counted_already, settlement_by, stored, verdict_of
from langgraph_hitl.inbox.notice import Notify
from langgraph_hitl.inbox.review import Ballot, Channel, Review
from langgraph_hitl.panels import Panel
from langgraph_hitl.panels.per_item import adds_only, joined
from langgraph_hitl.people import Directory, Rotation
from langgraph_hitl.review.decision import to_json
from langgraph_hitl.review.reviewer import Identity, Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.ledger import Ledger
    from langgraph_hitl.inbox._ledger.reading import Reading
    from langgraph_hitl.inbox._ledger.writing import Transaction
    from langgraph_hitl.inbox._run.observed import Observer

Params = ParamSpec("Params")
Result = TypeVar("Result")

MAX_ERROR = 2_000


class Cast(NamedTuple):
    """What a vote came to, or time, by these `events`; `late`: the deadline has decided it."""

    review: Review
    verdict: Verdict | None
    late: bool = False
    events: tuple[str, ...] = ()


class Asked(NamedTuple):
    """A decision as it comes in; see `Office.cast`."""

    answer: dict[str, Any]
    voter: Voter
    channel: Channel
    seen: str | None
    round: int | None
    needs_graph: bool


class _Threads(ThreadPoolExecutor):
    """The threads of an inbox, until it is closed."""

    def submit(
        self, fn: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Result]:
        try:
            return super().submit(fn, *args, **kwargs)
        except RuntimeError as error:
            raise InboxError(
                f"The inbox was closed, or its process ends ({error}); open it again"
            ) from error


@dataclass(kw_only=True)
class Office(Authorising):
    """The parts of one inbox. `point` is called by name at every moment where a test may kill."""

    ledger: Ledger
    locks: ThreadLocks
    clock: Clock
    point: Callable[[str], None]
    patience: float
    notify: Notify | None = None
    people: Directory | None = None
    assigns: Rotation | bool = False
    overrides: Panel | None = None
    redacts: Panel | None = None
    observer: Observer | None = None
    closed: bool = False
    registry: Registry = field(default_factory=Registry)
    waiting_room: WaitingRoom = field(default_factory=WaitingRoom)
    executor: ThreadPoolExecutor = field(
        default_factory=lambda: _Threads(8, thread_name_prefix="hitl-inbox")
    )

    @property
    def durable(self) -> bool:
        """Whether the ledger outlives the process."""
        return self.ledger.dialect != "sqlite" or self.ledger.path is not None

    def cast(
        self,
        review_id: str,
        answer: dict[str, Any],
        voter: Voter,
        *,
        channel: Channel,
        seen: str | None = None,
        round_: int | None = None,
        needs_graph: bool = False,
    ) -> Cast:
        """Take one vote, and settle the review if it makes the result certain; one transaction.

        `needs_graph`: nothing is decided here that could not be resumed here.
        """
        what = Asked(answer, voter, channel, seen, round_, needs_graph)
        return self._cast_at_once(review_id, what) or self._cast(review_id, what)

    def _cast_at_once(self, review_id: str, what: Asked) -> Cast | None:
        """One statement that settles, if that is all; else, and where it is refused, None."""
        if self.ledger.dialect == "sqlite" or self.people is not None:
            return None
        with self.ledger.looking() as rx:
            review = rx.get(review_id)
        if review is None or review.status != "pending" or review.course is not None:
            return None
        panel = self.panel_of(review)
        if not panel.single or self.refusal(review, panel, what.voter) is not None:
            return None
        decision = self._checked(review, panel, what)
        settlement = settlement_by(
            what.voter, review, decision, at=self.clock(), channel=what.channel
        )
        if not self.ledger.settle(settlement, review.mode):
            return None
        return Cast(replace(review, status="settled"), verdict_of(settlement, []))

    def _cast(self, review_id: str, what: Asked) -> Cast:
        refusal: str | None
        roll = self.roll()
        with self.ledger.transaction() as tx:
            review = tx.get(review_id)
            if review is None:
                raise UnknownReview(review_id)
            now = self.clock()
            review = self.caught_up(tx, review, roll, now)
            panel = panel_of(review, now)
            voter, refusal = self.admit(tx, review, panel, what.voter, roll, now)
            if refusal is None:
                if was_late(review):
                    return self.late(tx, review, what.needs_graph)
                check_open(tx, review)
                decision = self._checked(review, panel, what)
                cast = self._voted(tx, review, panel, decision, what._replace(voter=voter), now)
                return cast._replace(review=self.followed(tx, cast.review, roll, now))
            by, channel = what.voter.id, what.channel
            tx.note(review_id, "refused", actor=by, channel=channel, reason=refusal)
        raise NotAuthorised(review_id, by=by, needed=refusal)

    def expire(self, review_id: str) -> Cast | None:
        """Write what time has done to a review; the verdict, if that is its end."""
        roll = self.roll() if self.assigns else None
        with self.ledger.transaction() as tx:
            review, now = tx.get(review_id), self.clock()
            if review is None or not (events := due_events(review, now)):
                return None
            review = self.caught_up(tx, review, roll, now)
            cast = self.late(tx, review, False) if was_late(review) else Cast(review, None)
            return cast._replace(events=events)

    def late(self, tx: Transaction, review: Review, needs_graph: bool) -> Cast:
        """The verdict of the deadline, to be followed here where that is possible."""
        settlement = tx.settlement(review.id, review.round)
        if settlement is None or review.status != "settled":
            return Cast(review, None, late=True)
        if needs_graph:
            try:
                self.check_graph(review)
            except InboxError:  # a worker follows it
                return Cast(review, None, late=True)
        return Cast(review, verdict_of(settlement, []), late=True)

    def _checked(self, review: Review, panel: Panel, what: Asked) -> dict[str, Any]:
        """The decision, if it may be taken."""
        check_seen(review, what.seen, what.round)
        if what.needs_graph:
            self.check_graph(review)
        decision = checked_answer(review, what.answer, self.registry.spec_of(review))
        if decision["type"] == "abstain" and panel.single:
            raise InvalidDecision(
                "whoever decides it decides it alone, and cannot abstain", review_id=review.id
            )
        return decision

    def verdict(self, review_id: str, round_: int) -> Verdict | None:
        """What the ledger says about a version."""
        with self.ledger.reading() as tx:
            settlement = tx.settlement(review_id, round_)
            if settlement is None:
                return None
            ballots = tx.votes(review_id, round_)
        return verdict_of(settlement, ballots)

    def cancel(
        self,
        review_id: str,
        by: Voter,
        reason: str | None,
        channel: Channel,
        *,
        needs_graph: bool = False,
    ) -> Cast:
        """Settle a review as cancelled; whoever may decide it may cancel it."""
        roll = self.roll()
        with self.ledger.transaction() as tx:
            review = tx.get(review_id)
            if review is None:
                raise UnknownReview(review_id)
            now = self.clock()
            review = self.caught_up(tx, review, roll, now)
            by, refusal = self.admit(tx, review, panel_of(review, now), by, roll, now)
            if refusal is None:
                if was_late(review):
                    return self.late(tx, review, needs_graph)
                check_open(tx, review)
                if needs_graph:
                    self.check_graph(review)
                decision = {"type": CANCEL} | ({"reason": reason} if reason else {})
                settlement = settlement_by(by, review, decision, at=now, channel=channel)
                tx.settle(settlement, status="cancelled", reason=reason)
                cancelled = replace(review, status="cancelled")
                self.followed(tx, cancelled, roll, now)
                return Cast(cancelled, verdict_of(settlement, []))
            tx.note(review_id, "refused", actor=by.id, channel=channel, reason=refusal)
        raise NotAuthorised(review_id, by=by.id, needed=refusal, act="cancel")

    def panel_of(self, review: Review) -> Panel:
        """Who decides a review at this moment; see `_catch_up.panel_of`."""
        return panel_of(review, self.clock())

    def all_with_votes(self, page: list[Review]) -> list[Review]:
        """Each of them `with_votes`."""
        if not any(review.request.get("panel") or review.course for review in page):
            return page
        with self.ledger.reading() as rx:
            return [self.with_votes(rx, review) for review in page]

    def with_votes(self, rx: Reading, review: Review) -> Review:
        """A review whose request shows how its panel stands now, unless one vote settles it."""
        if review.status != "pending" or not (review.request.get("panel") or review.course):
            return review
        if (panel := self.panel_of(review)).single and review.course is None:
            return review
        now: dict[str, Any] = {"deadline": None if review.due is None else review.due.isoformat()}
        if review.request.get("panel") or review.escalated_to:
            votes = votes_in([stored(ballot) for ballot in rx.votes(review.id, review.round)])
            now |= {"panel": panel.shown(votes), **left_of(review)}
        return replace(review, request={**review.request, **now})

    def check_graph(self, review: Review) -> None:
        """Raises where the graph of a review could not be resumed in the way that it is asked."""
        if review.mode == "submitted":
            return
        app = self.registry.app(review)
        if on_its_loop(getattr(app, "checkpointer", None)):
            raise InboxError(
                f"Review {review.id} belongs to a graph with an asynchronous saver, whose event "
                "loop this call would block: await adecide(...), aoverride(...), or decide with "
                "resume='worker'. Nothing was recorded."
            )

    def _voted(
        self,
        tx: Transaction,
        review: Review,
        panel: Panel,
        decision: dict[str, Any],
        what: Asked,
        now: datetime,
    ) -> Cast:
        voter = what.voter
        if panel.single:
            ballots: list[Ballot] = []
            votes: list[dict[str, Any]] = []
            result = decision
        else:
            ballot = ballot_of(review, decision, what, now)
            if self.people is not None:
                _check_votes_once(tx, review, voter, panel)
            ballots = _with_ballot(tx, review, panel, ballot)
            votes = [stored(ballot) for ballot in ballots]
            tally = panel.tally(votes_in(votes))
            if tally.result is None:
                return Cast(review, None)
            result = to_json(tally.result)
        by = settled_by(result, voter.id, votes)
        who: Voter = voter if by == voter.id else Identity(by)
        settlement = settlement_by(who, review, result, at=now, channel=what.channel)
        if not tx.settle(settlement):
            raise _decided(tx, review)
        return Cast(replace(review, status="settled"), verdict_of(settlement, ballots))


def _check_votes_once(tx: Transaction, review: Review, voter: Voter, panel: Panel) -> None:
    refusal = counted_already(tx.votes(review.id, review.round), voter, panel)
    if refusal is not None:
        raise NotAuthorised(review.id, by=voter.id, needed=refusal)


def _with_ballot(tx: Transaction, review: Review, panel: Panel, ballot: Ballot) -> list[Ballot]:
    """The votes on the version, with this one; it keeps what its voter said of other items."""
    votes = tx.votes(review.id, review.round)
    own = next((vote.decision for vote in votes if vote.voter == ballot.voter), None)
    adds = False
    if own is not None:
        adds = adds_only(own, ballot.decision)
        ballot = replace(ballot, decision=joined(own, ballot.decision))
    if not tx.vote(ballot, replace=panel.may_change or adds):
        raise NotAuthorised(
            review.id, by=ballot.voter, needed="a vote of this panel cannot be changed"
        )
    return tx.votes(review.id, review.round)


def ballot_of(review: Review, decision: dict[str, Any], what: Asked, now: datetime) -> Ballot:
    """A vote as it is kept."""
    return Ballot(
        review_id=review.id,
        round=review.round,
        voter=what.voter.id,
        roles=tuple(what.voter.roles),
        decision=decision,
        at=now,
        channel=what.channel,
        level=what.voter.level,
        skills=tuple(what.voter.skills),
        acting_for=acting_for(what.voter),
    )


def on_its_loop(saver: Any) -> bool:
    """Whether this is the thread of an asynchronous saver's event loop."""
    try:
        return getattr(saver, "loop", None) is asyncio.get_running_loop()
    except RuntimeError:
        return False


def check_open(tx: Transaction, review: Review) -> None:
    """Raises `AlreadyDecided` where nobody can decide any more."""
    if review.status != "pending":
        raise _decided(tx, review)


def check_seen(review: Review, digest: str | None, round_: int | None) -> None:
    """Raises `StaleReview` where the decision is about another version."""
    if (digest is not None and digest != review.digest) or round_ not in (None, review.round):
        raise StaleReview(
            review.id,
            current=review,
            reason=f"the decision is about another version than round {review.round}; "
            "read the review again",
        )


def _decided(tx: Transaction, review: Review) -> AlreadyDecided:
    current = tx.get(review.id) or review
    return AlreadyDecided(
        current.id,
        by=current.decided_by or "system:graph",
        at=current.decided_at or current.updated_at,
        outcome=current.outcome or current.status,
    )
