"""`Ruling`: one override, and the transaction in which it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import (
    AlreadyDecided,
    HitlError,
    InboxError,
    NotAuthorised,
    StaleReview,
    TooLate,
    UnknownReview,
)
from langgraph_hitl.inbox._answer import checked_answer
from langgraph_hitl.inbox._office import Cast, Office
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.inbox._verdicts import settlement_by, verdict_of
from langgraph_hitl.inbox.review import OVERRULED, RECALL, Channel, Review, Settlement
from langgraph_hitl.review.reviewer import Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.inbox._ledger.reading import Reading
    from langgraph_hitl.inbox._ledger.writing import Transaction

_NOBODY = "nobody may override here: Inbox.open(url, overrides=...) names who may"
_PASSED = ("approved", "auto_approved")


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """Who overrides what, and why. `known` is the last override that there was at the beginning."""

    office: Office
    review_id: str
    answer: dict[str, Any] = field(repr=False)
    reason: str
    by: Voter
    channel: Channel
    needs_graph: bool
    known: int

    def decide(self, *, locked: int | None = None) -> Cast | Review:
        """Override in one transaction; the review as it is where its lock has to be held first.

        Args:
            locked: The round whose question stands, while the lock under which its decision would
                be taken is held.
        """
        office, roll = self.office, self.office.roll()
        with office.ledger.transaction() as tx:
            review = tx.get(self.review_id)
            if review is None:
                raise UnknownReview(self.review_id)
            now = office.clock()
            review = office.caught_up(tx, review, roll, now)
            voter, error = self._admitted(tx, review, roll, now)
            error = error or self._too_late(review)
            if error is None:
                self._check(tx, review)
                if _needs_lock(review) and locked != review.round:
                    return review
                cast = replace(self, by=voter)._written(tx, review, now)
                return cast._replace(review=office.followed(tx, cast.review, roll, now))
            why = error.needed if isinstance(error, NotAuthorised) else str(error)
            by, channel = self.by.id, self.channel
            tx.note(review.id, "refused", actor=by, channel=channel, reason=why)
        raise error

    def _admitted(
        self, tx: Transaction, review: Review, roll: Roll | None, now: datetime
    ) -> tuple[Voter, HitlError | None]:
        """With which authority this is done; the error where there is none."""
        panel, voter = self.office.overrides, self.by
        needed: str | None = _NOBODY
        if panel is not None:
            voter, needed = self.office.admit(tx, review, panel, self.by, roll, now)
        if needed is None:
            return voter, None
        return voter, NotAuthorised(review.id, by=self.by.id, needed=needed, act="override")

    def _too_late(self, review: Review) -> TooLate | None:
        """The error where nobody can call back what the graph has done."""
        if not is_taken(review) or OVERRULED in review.hooks:
            return None
        self.office.registry.app(review)
        registry = self.office.registry
        spec = registry.spec_with(review, recall_of)
        if RECALL in review.hooks:
            why = "it was called back already"
        elif spec is None and registry.gates_of_call(review):
            why = f"several gates of {review.action!r} have an on_recall, and one alone could do it"
        elif spec is None:
            why = f"it has no gate {review.gate!r} any more whose on_recall would call it back"
        elif spec.hooks.recall is None:
            why = "its gate has no on_recall= that would call it back"
        else:
            return None
        return TooLate(review.id, **_decided(review), why=why)

    def _check(self, tx: Transaction, review: Review) -> None:
        """Raises where there is nothing that this could override, or not from here."""
        if review.status == "superseded":
            raise StaleReview(
                review.id,
                current=review,
                reason="its question has ended without an answer; there is nothing to override",
            )
        if review.question is None:
            raise InboxError(f"Review {review.id} was redacted; it cannot be overridden any more")
        if is_taken(review):
            last = last_override(tx, review)
            if last is not None and (OVERRULED in review.hooks or last.seq > self.known):
                final = "; it overrode what the graph had done, and is final"
                raise AlreadyDecided(
                    review.id,
                    by=last.actor,
                    at=last.at,
                    outcome=last.outcome or "overridden",
                    more=final if OVERRULED in review.hooks else "",
                )
        if self.needs_graph or (_needs_lock(review) and review.mode == "blocking"):
            self.office.check_graph(review)

    def _written(self, tx: Transaction, review: Review, now: datetime) -> Cast:
        spec = self.office.registry.spec_of(review)
        decision = checked_answer(review, self.answer, spec)
        settlement = settlement_by(self.by, review, decision, at=now, channel=self.channel)
        if is_taken(review):
            self._check_differs(tx, review, settlement)
            done = tx.overrule(settlement, reason=self.reason)
            hooks = (*review.hooks, OVERRULED)
            cast = Cast(replace(review, hooks=hooks, wake=True), None)
        else:
            done = tx.override(settlement, reason=self.reason)
            ballots = tx.votes(review.id, review.round)
            cast = Cast(replace(review, status="settled"), verdict_of(settlement, ballots))
        if not done:  # the row is locked, so that only a wrong row comes here
            raise InboxError(f"Review {review.id} is {review.status}, and was not overridden")
        return cast

    def _check_differs(self, tx: Transaction, review: Review, new: Settlement) -> None:
        """Calling back what was right would do harm."""
        earlier = tx.settlement(review.id, review.round)
        same = earlier is not None and _effect(earlier.decision) == _effect(new.decision)
        if same or (new.outcome == "approved" and review.outcome in _PASSED):
            raise AlreadyDecided(review.id, **_decided(review))


def recall_of(spec: GateSpec) -> Any:
    """What calls back where the graph has gone on."""
    return spec.hooks.recall


def is_taken(review: Review) -> bool:
    """Whether the graph has gone on with a decision, which stands then."""
    if OVERRULED in review.hooks:
        return True
    if review.mode == "submitted":  # no gate has joined it, also where nobody had to be asked
        return False
    return review.status == "applied" or (review.status == "cancelled" and not review.wake)


def last_override(rx: Reading, review: Review) -> AuditRow | None:
    """The last time that somebody overrode this version."""
    rows = [row for row in rx.history(review.id) if row.event == "overridden"]
    return rows[-1] if rows and rows[-1].round == review.round else None


def _effect(decision: Mapping[str, Any]) -> dict[str, Any]:
    """A decision without the words that go with it."""
    words = {"comment", "rating"} | ({"message"} if decision.get("type") == "reject" else set())
    return {name: value for name, value in decision.items() if name not in words}


def _needs_lock(review: Review) -> bool:
    """Whether a run, or whoever calls its hooks, may take the decision at this moment."""
    over = review.status in ("settled", "cancelled") and not is_taken(review)
    return over and review.mode != "submitted"


def _decided(review: Review) -> dict[str, Any]:
    return {
        "by": review.decided_by or "system:graph",
        "at": review.decided_at or review.updated_at,
        "outcome": review.outcome or review.status,
    }
