"""`Office`: what everything of an inbox shares, and the transactions that decide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl._subgraph.desk import CANCEL, Verdict
from langgraph_hitl._subgraph.verdict import settled_by, single_decisions, votes_in
from langgraph_hitl.errors import (
    AlreadyDecided,
    InboxError,
    NotAuthorised,
    StaleReview,
    UnknownReview,
)
from langgraph_hitl.inbox._answer import checked_answer
from langgraph_hitl.inbox._locks import ThreadLocks
from langgraph_hitl.inbox._registry import Registry
from langgraph_hitl.inbox._run.waiting_room import WaitingRoom
from langgraph_hitl.inbox.notice import Notify
from langgraph_hitl.inbox.review import Ballot, Channel, Review, Settlement
from langgraph_hitl.panels import Panel, anyone, panel_from_json
from langgraph_hitl.review.decision import to_json
from langgraph_hitl.review.reviewer import Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.ledger import Ledger
    from langgraph_hitl.inbox._ledger.reading import Reading
    from langgraph_hitl.inbox._ledger.writing import Transaction

_OUTCOMES = {
    "approve": "approved",
    "edit": "edited",
    "reject": "rejected",
    "revise": "needs_revision",
    "respond": "answered",
    "choose": "chosen",
    CANCEL: "cancelled",
}
Params = ParamSpec("Params")
Result = TypeVar("Result")

ANYBODY = anyone()
MAX_ERROR = 2_000


class Cast(NamedTuple):
    """What a vote came to: the review as it stands, and the verdict if this settled it."""

    review: Review
    verdict: Verdict | None


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
class Office:
    """The parts of one inbox. `point` is called by name at every moment where a test may kill."""

    ledger: Ledger
    locks: ThreadLocks
    clock: Clock
    point: Callable[[str], None]
    patience: float
    notify: Notify | None = None
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
        if self.ledger.dialect == "sqlite":
            return None
        with self.ledger.looking() as rx:
            review = rx.get(review_id)
        if review is None or review.status != "pending":
            return None
        panel = self.panel_of(review)
        if not panel.single or panel.refusal(what.voter) is not None:
            return None
        decision = self._checked(review, what)
        settlement = self._settlement(review, decision, what.voter.id, what.channel)
        if not self.ledger.settle(settlement, review.mode):
            return None
        return Cast(replace(review, status="settled"), _verdict(settlement, []))

    def _cast(self, review_id: str, what: Asked) -> Cast:
        refusal: str | None
        with self.ledger.transaction() as tx:
            review = tx.get(review_id)
            if review is None:
                raise UnknownReview(review_id)
            panel = self.panel_of(review)
            refusal = panel.refusal(what.voter)
            if refusal is None:
                check_open(tx, review)
                decision = self._checked(review, what)
                return self._voted(tx, review, panel, decision, what.voter, what.channel)
            by, channel = what.voter.id, what.channel
            tx.note(review_id, "refused", actor=by, channel=channel, reason=refusal)
        raise NotAuthorised(review_id, by=by, needed=refusal)

    def _checked(self, review: Review, what: Asked) -> dict[str, Any]:
        """The decision, if it may be taken."""
        check_seen(review, what.seen, what.round)
        if what.needs_graph:
            self._check_graph(review)
        return checked_answer(review, what.answer, self.registry.spec_of(review))

    def verdict(self, review_id: str, round_: int) -> Verdict | None:
        """What the ledger says about a version."""
        with self.ledger.reading() as tx:
            settlement = tx.settlement(review_id, round_)
            if settlement is None:
                return None
            ballots = tx.votes(review_id, round_)
        return _verdict(settlement, ballots)

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
        with self.ledger.transaction() as tx:
            review = tx.get(review_id)
            if review is None:
                raise UnknownReview(review_id)
            refusal = self.panel_of(review).refusal(by)
            if refusal is None:
                check_open(tx, review)
                if needs_graph:
                    self._check_graph(review)
                decision = {"type": CANCEL} | ({"reason": reason} if reason else {})
                settlement = self._settlement(review, decision, by.id, channel)
                tx.settle(settlement, status="cancelled", reason=reason)
                return Cast(replace(review, status="cancelled"), _verdict(settlement, []))
            tx.note(review_id, "refused", actor=by.id, channel=channel, reason=refusal)
        raise NotAuthorised(review_id, by=by.id, needed=refusal)

    def once(self, review_id: str, round_: int, hook: str, call: Callable[[], None]) -> None:
        """Call a hook of the user unless it has been called for this version.

        It is noted afterwards: a process killed between the two calls it again.
        """
        from langgraph_hitl.inbox._run.clerk import call_hook

        with self.ledger.reading() as tx:
            review = tx.get(review_id)
        if review is None or review.round != round_ or hook in review.hooks:
            return
        error = call_hook(hook, call)
        self.point("telling")
        with self.ledger.transaction() as tx:
            tx.hook_ran(review_id, round_, hook)
            if error is not None:
                tx.note(
                    review_id,
                    "hook_failed",
                    actor="system:graph",
                    channel="graph",
                    reason=error[:MAX_ERROR],
                )

    def panel_of(self, review: Review) -> Panel:
        """Who decides a review: as it was filed, in every process, whatever the gate says by now.

        What was filed is as strict as its gate was; a gate that has changed asks for the next one.
        """
        stored = (review.question or {}).get("panel")
        return panel_from_json(stored) if stored else ANYBODY

    def all_with_votes(self, page: list[Review]) -> list[Review]:
        """Each of them `with_votes`."""
        if not any(review.request.get("panel") for review in page):
            return page
        with self.ledger.reading() as rx:
            return [self.with_votes(rx, review) for review in page]

    def with_votes(self, rx: Reading, review: Review) -> Review:
        """A review whose request shows how its panel stands now, unless one vote settles it."""
        if review.status != "pending" or not review.request.get("panel"):
            return review
        panel = self.panel_of(review)
        if panel.single:
            return review
        votes = votes_in([_stored(ballot) for ballot in rx.votes(review.id, review.round)])
        return replace(review, request={**review.request, "panel": panel.shown(votes)})

    def _check_graph(self, review: Review) -> None:
        """Raises where the graph of a review could not be resumed in the way that it is asked."""
        if review.mode == "submitted":
            return
        app = self.registry.app(review)
        if _on_its_loop(app.checkpointer):
            raise InboxError(
                f"Review {review.id} belongs to a graph with an asynchronous saver, whose event "
                "loop this call would block: await adecide(...) (acancel, awork), or decide with "
                "resume='worker'. Nothing was recorded."
            )

    def _voted(
        self,
        tx: Transaction,
        review: Review,
        panel: Panel,
        decision: dict[str, Any],
        voter: Voter,
        channel: Channel,
    ) -> Cast:
        at = self.clock()
        if panel.single:
            ballots: list[Ballot] = []
            votes: list[dict[str, Any]] = []
            result = decision
        else:
            ballots = self._with_ballot(tx, review, panel, decision, voter, channel, at)
            votes = [_stored(ballot) for ballot in ballots]
            tally = panel.tally(votes_in(votes))
            if tally.result is None:
                return Cast(review, None)
            result = to_json(tally.result)
        settlement = self._settlement(review, result, settled_by(result, voter.id, votes), channel)
        if not tx.settle(settlement):
            raise _decided(tx, review)
        return Cast(replace(review, status="settled"), _verdict(settlement, ballots))

    def _with_ballot(
        self,
        tx: Transaction,
        review: Review,
        panel: Panel,
        decision: dict[str, Any],
        voter: Voter,
        channel: Channel,
        at: datetime,
    ) -> list[Ballot]:
        ballot = Ballot(
            review_id=review.id,
            round=review.round,
            voter=voter.id,
            roles=tuple(voter.roles),
            decision=decision,
            at=at,
            channel=channel,
        )
        if not tx.vote(ballot, replace=panel.may_change):
            raise NotAuthorised(
                review.id, by=voter.id, needed="a vote of this panel cannot be changed"
            )
        return tx.votes(review.id, review.round)

    def _settlement(
        self, review: Review, decision: dict[str, Any], by: str, channel: Channel
    ) -> Settlement:
        return Settlement(
            review_id=review.id,
            round=review.round,
            digest=review.digest,
            decision=decision,
            outcome=_OUTCOMES[decision["type"]],
            by=by,
            at=self.clock(),
            channel=channel,
        )


def _on_its_loop(saver: Any) -> bool:
    """Whether this is the thread of an asynchronous saver's event loop."""
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        return False
    return getattr(saver, "loop", None) is running


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


def _verdict(settlement: Settlement, ballots: list[Ballot]) -> Verdict:
    verdict: Verdict = {
        "decision": settlement.decision,
        "by": settlement.by,
        "at": settlement.at.astimezone(UTC).isoformat(),
    }
    if ballots:
        verdict["votes"] = single_decisions([_stored(ballot) for ballot in ballots])
    return verdict


def _stored(ballot: Ballot) -> dict[str, Any]:
    return {
        "by": ballot.voter,
        "roles": list(ballot.roles),
        "decision": ballot.decision,
        "at": ballot.at.astimezone(UTC).isoformat(),
    }
