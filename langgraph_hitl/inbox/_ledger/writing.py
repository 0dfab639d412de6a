"""`Transaction`: what can be changed at once. Every transition writes its audit row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._course import Course
from langgraph_hitl.inbox._ledger import (
    cursor,
    reviews,
    settlements,
    transitions,
    votes,
    waiting,
)
from langgraph_hitl.inbox._ledger import (
    filing as filings,
)
from langgraph_hitl.inbox._ledger.audit import Entry, Trail
from langgraph_hitl.inbox._ledger.keeping import Keeping
from langgraph_hitl.inbox._ledger.overseeing import Overseeing
from langgraph_hitl.inbox._ledger.queues import Queues
from langgraph_hitl.inbox._ledger.reading import Reading
from langgraph_hitl.inbox._ledger.seal import Keys
from langgraph_hitl.inbox._ledger.tables_hold import RESERVED
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import Clock, micros, name_text, note_text
from langgraph_hitl.inbox.review import (
    OVERRULED,
    RECALL,
    RELEASED,
    Ballot,
    Channel,
    Filing,
    Mode,
    Review,
    Settlement,
    joined_by,
)

GRAPH, WORKER, TRIGGER = "system:graph", "system:worker", "system:trigger"


class Transaction(Keeping, Overseeing, Queues, Reading):
    """The changes of one write transaction; all of them happen, or none."""

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock,
        trail: Trail,
        point: Callable[[str], None],
        keys: Keys = (),
    ) -> None:
        super().__init__(session, clock=clock, keys=keys)
        self._trail = trail
        self._point = point

    def get(self, review_id: str) -> Review | None:
        """The review of this id, locked until the transaction ends."""
        return reviews.get(self._session, review_id, lock=True)

    def file(self, filing: Filing, *, actor: str = GRAPH, wake: bool = True) -> tuple[Review, bool]:
        """Put a version before people; whether anything changed.

        A version that is filed already stays as it is. The round after a decided one makes the
        review pending again and wakes it.

        Raises:
            InboxError: Another round, or the one before it is not settled.
        """
        self._point("filing")
        now = self._clock()
        filing = filings.as_of(filing, now)
        made = filings.insert(self._session, filing, now=now, actor=actor, wake=wake)
        if made is None:
            stored = self._stored(filing.review_id)
            if stored.round == filing.round:
                return stored, False
            made = filings.renew(self._session, stored, filing, now=now, actor=actor)
            if filing.moved_up is not None:
                by, why = stored.decided_by or actor, filing.moved_up
                self._add(stored.id, "moved_up", actor=by, round=filing.round, reason=why)
        review, entry = made
        self._trail.add(entry)
        return review, True

    def pass_automatically(
        self, filing: Filing, *, outcome: str = "auto_approved", actor: str = TRIGGER
    ) -> bool:
        """Record a review that nobody was needed for; False if it is recorded already."""
        self._point("filing")
        entry = filings.insert_passed(
            self._session, filing, now=self._clock(), actor=actor, outcome=outcome
        )
        return self._added(entry)

    def vote(self, ballot: Ballot, *, replace: bool) -> bool:
        """Keep a vote; False if this voter has voted on this version and may not change it."""
        self._point("voting")
        if not votes.vote(self._session, ballot, replace=replace):
            return False
        return self._added(votes.entry(ballot))

    def settle(
        self,
        settlement: Settlement,
        *,
        status: Literal["settled", "cancelled"] = "settled",
        reason: str | None = None,
    ) -> bool:
        """Decide a pending version; False if it is not pending, so that somebody was first.

        The graph is to be driven then, except for a submitted review that nobody has joined.
        """
        self._point("settling")
        now = micros(self._clock())
        if not settlements.settle(self._session, settlement, status=status, now=now):
            return False
        return self._added(settlements.entry(settlement, event=status, reason=reason))

    def override(self, settlement: Settlement, *, reason: str) -> bool:
        """Decide a version over those who would, or over what was decided.

        False if its graph has taken that already. The hook `decided` hears the new decision too.
        """
        self._point("settling")
        review_id, number, now = settlement.review_id, settlement.round, self._now()
        earlier = self.settlement(review_id, number)
        if earlier is None:
            done = settlements.settle(self._session, settlement, status="settled", now=now)
        else:
            done = settlements.replace(self._session, settlement, now=now)
            transitions.forget_hook(self._session, review_id, number, "decided")
        if not done:
            return False
        self._trail.add(settlements.override_entry(settlement, earlier, reason=reason))
        return self._added(settlements.entry(settlement, event="settled", reason=reason))

    def overrule(self, settlement: Settlement, *, reason: str) -> bool:
        """Keep what somebody decided over what the graph has taken; False if somebody has before.

        The settlement stays, and `on_recall` has to be called.
        """
        self._point("settling")
        review_id, number = settlement.review_id, settlement.round
        earlier = self.settlement(review_id, number)
        if not self._marked(review_id, number, OVERRULED):
            return False
        transitions.wake(self._session, review_id, number, wake=True, now=self._now())
        return self._added(settlements.override_entry(settlement, earlier, reason=reason))

    def recalled(self, review_id: str, round: int, *, actor: str) -> None:
        """What the graph had done was called back: nothing is left to do."""
        self._point("applying")
        self._marked(review_id, round, RECALL)
        transitions.wake(self._session, review_id, round, wake=False, now=self._now())
        self._add(review_id, "recalled", actor=actor, round=round)

    def advance(
        self,
        review: Review,
        *,
        course: Course | None,
        keys: tuple[str, ...],
        hidden_until: datetime | None,
    ) -> Review:
        """Keep what time or people made of a pending review; the review as it is then."""
        self._point("advancing")
        waiting.advance(
            self._session,
            review,
            course=course,
            keys=keys,
            hidden_until=hidden_until,
            now=self._now(),
        )
        return self._stored(review.id)

    def hand_over(
        self, review: Review, *, course: Course, keys: tuple[str, ...], queue: str, rank: int
    ) -> tuple[Review, str]:
        """Let others decide a pending review, in their queue; with the digest of its place.

        Who has it, looks at it or has voted on it has no part in it any more.
        """
        self._point("advancing")
        given: Any = {"course": course, "keys": keys, "queue": queue, "rank": rank}
        place = waiting.hand_over(self._session, review, now=self._now(), **given)
        votes.drop(self._session, review.id, review.round)
        return self._stored(review.id), place

    def claim(self, review: Review, *, by: str | None, until: datetime | None) -> Review:
        """Keep who looks at a pending review, or with None that nobody does."""
        waiting.claim(self._session, review, by=by, until=until, now=self._now())
        return self._stored(review.id)

    def assign(self, review: Review, *, to: str | None) -> Review:
        """Keep whose turn a pending review is, or with None that it is anybody's."""
        return waiting.assign(self._session, review, to=to, now=self._clock())

    def reopen(self, review_id: str, round: int, *, actor: str, reason: str) -> bool:
        """Take a settlement back, with the votes that made it; the audit keeps both."""
        self._point("reopening")
        if not transitions.reopen(self._session, review_id, round, now=self._now()):
            return False
        settlements.drop(self._session, review_id, round)
        votes.drop(self._session, review_id, round)
        stored = self._stored(review_id)
        reviews.add_eligible(
            self._session,
            review_id,
            keys=stored.eligible,
            rank=stored.rank,
            due=stored.due,
            created=stored.created_at,
            hidden_until=stored.hidden_until,
        )
        return self._add(review_id, "reopened", actor=actor, round=round, reason=reason)

    def park(self, asked: Iterable[tuple[str, int]]) -> int:
        """The graph waits at these questions: nothing has to be driven until they are decided."""
        self._point("parking")
        return sum(transitions.park(self._session, *one) for one in asked)

    def rouse(self, asked: Iterable[tuple[str, int]]) -> int:
        """The graph may have left these questions: somebody has to look whether it waits there."""
        return sum(transitions.rouse(self._session, *one) for one in asked)

    def apply(self, done: Iterable[tuple[str, int, str, str | None]]) -> int:
        """The graph has gone on with these (id, round, final outcome, error); how many changed.

        The error of a run that failed after its decision stays with the review.
        """
        self._point("applying")
        return sum(self._apply(*one) for one in done)

    def supersede(self, review_id: str, round: int, *, reason: str) -> bool:
        """The question is dead: another input, a fork or another graph took its thread.

        A decision that no graph has taken falls with it; the audit keeps both.
        """
        self._point("superseding")
        if not transitions.supersede(self._session, review_id, round, now=self._now()):
            return False
        settlements.drop(self._session, review_id, round)
        reviews.drop_eligible(self._session, review_id)
        return self._add(review_id, "superseded", round=round, reason=reason)

    def rest(self, went_on: Iterable[tuple[str, int, Mode]]) -> None:
        """The run that filed these (id, round, mode) without waiting for them is over."""
        self._point("parking")
        for review_id, number, mode in went_on:
            transitions.rest(self._session, review_id, number)
            if mode == "sampled":
                self.hook_ran(review_id, number, RELEASED)

    def join(
        self,
        review_id: str,
        *,
        gate: str | None = None,
        root_checkpoint: str | None = None,
        task: str | None = None,
    ) -> bool:
        """A graph waits now for a review that was submitted; False if another joined it.

        Args:
            gate: Where it waits, and with which root checkpoint.
            task: Who joins, so that it is found again if it dies. A review that passed without
                anybody is joined only by name.
        """
        where: Any = {"gate": gate, "root": root_checkpoint, "now": self._now()}
        row = transitions.join(self._session, review_id, **where)
        if row is None and task is not None:
            row = transitions.join_passed(self._session, review_id, **where)
        if row is None:
            return False
        number, place = row
        content = {"place": place}
        if task is not None:
            self._marked(review_id, number, joined_by(task))
            content["task"] = task
        return self._add(review_id, "joined", round=number, content=content)

    def failed(self, review_id: str, *, error: str) -> None:
        """A run of the graph failed; only the first failure is an audit row."""
        text = note_text(error)
        row = transitions.failed(self._session, review_id, error=text, now=self._now())
        if row is not None and row[0] == 1:
            self._add(
                review_id, "failed", actor=WORKER, channel="worker", round=row[1], reason=error
            )

    def hook_ran(self, review_id: str, round: int, name: str) -> bool:
        """True the first time for a hook of one version."""
        if not self._marked(review_id, round, name):
            return False
        return self._add(review_id, "hook_ran", round=round, content={"hook": name})

    def begin_cursor(self, name: str) -> bool:
        """Let a cursor begin at the end of the audit; False if there is one already."""
        return cursor.begin(self._session, name)

    def advance_cursor(self, name: str, *, was: int, to: int) -> bool:
        """Move a cursor on; False if it is not where it was, so that somebody else moves it."""
        return cursor.advance(self._session, name, was=was, to=to)

    def note(
        self,
        review_id: str,
        event: str,
        *,
        actor: str,
        channel: Channel,
        reason: str | None = None,
        content: Any = None,
        round: int | None = None,
        at: datetime | None = None,
    ) -> None:
        """One more audit row, about something that changes no status; of now without `at`.

        Raises:
            InboxError: `event` is one of those that change a status.
        """
        if event in RESERVED:
            raise InboxError(f"The event {event!r} is written by what it is about; use another")
        more: Any = {"reason": reason, "content": content, "round": round}
        self._add(review_id, event, actor=actor, channel=channel, at=at, **more)

    def _marked(self, review_id: str, round: int, name: str) -> bool:
        return transitions.hook_ran(self._session, review_id, round, name_text(name, "A hook"))

    def _apply(self, review_id: str, round: int, outcome: str, error: str | None) -> int:
        row = transitions.apply(
            self._session,
            review_id,
            round,
            outcome=name_text(outcome, "An outcome"),
            error=note_text(error),
            now=self._now(),
        )
        if row is None:
            return 0
        event = "applied" if error is None else "run_failed"
        self._add(review_id, event, round=round, outcome=outcome, digest=row[0], reason=error)
        return 1

    def _stored(self, review_id: str) -> Review:
        stored = self.get(review_id)
        if stored is None:
            raise InboxError(f"No review has the id {review_id!r}")
        return stored

    def _now(self) -> int:
        return micros(self._clock())

    def _added(self, entry: Entry | None) -> bool:
        if entry is not None:
            self._trail.add(entry)
        return entry is not None

    def _add(
        self,
        review_id: str,
        event: str,
        *,
        actor: str = GRAPH,
        channel: Channel = "graph",
        at: datetime | None = None,
        **more: Any,
    ) -> bool:
        """One audit row, of now without `at`."""
        now = self._clock() if at is None else at
        return self._added(
            Entry(review_id=review_id, event=event, actor=actor, channel=channel, at=now, **more)
        )
