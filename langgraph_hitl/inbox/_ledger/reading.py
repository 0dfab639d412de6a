"""`Reading`: what can be asked in a transaction that changes nothing."""

from __future__ import annotations

from datetime import datetime

from langgraph_hitl.inbox._ledger import (
    assigned as queues,
)
from langgraph_hitl.inbox._ledger import (
    audit,
    cursor,
    decided,
    exported,
    identities,
    prefix,
    query,
    reported,
    retention,
    reviews,
    runs,
    settlements,
    submissions,
    traffic,
    votes,
    waiting,
)
from langgraph_hitl.inbox._ledger.audit import AuditRow, Head
from langgraph_hitl.inbox._ledger.clocks import Clocks, clocks
from langgraph_hitl.inbox._ledger.cursor import Position, Told
from langgraph_hitl.inbox._ledger.decided import PastDecision
from langgraph_hitl.inbox._ledger.exported import Case, Executed, Version
from langgraph_hitl.inbox._ledger.metrics import Metrics, metrics
from langgraph_hitl.inbox._ledger.over import Over, over
from langgraph_hitl.inbox._ledger.query import Filter, Order
from langgraph_hitl.inbox._ledger.reported import Counts, Reported
from langgraph_hitl.inbox._ledger.seal import Keys
from langgraph_hitl.inbox._ledger.traffic import Passage
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import Clock, maybe_micros, micros
from langgraph_hitl.inbox._ledger.verify import Verification, verify
from langgraph_hitl.inbox._period import Period
from langgraph_hitl.inbox.review import Ballot, Review, Settlement, Status
from langgraph_hitl.inbox.supervised_run import Hold, SupervisedRun


class Reading:
    """The questions of one read transaction; they all see the same moment."""

    def __init__(self, session: Session, *, clock: Clock, keys: Keys = ()) -> None:
        self._session = session
        self._clock = clock
        self._keys = keys

    def get(self, review_id: str) -> Review | None:
        """The review of this id."""
        return reviews.get(self._session, review_id, lock=False)

    def ids(self, beginning: str, *, limit: int = 10) -> list[str]:
        """The ids of reviews that begin in this way, in order."""
        return prefix.ids(self._session, beginning, limit=limit)

    def votes(self, review_id: str, round: int) -> list[Ballot]:
        """The votes on one version, in the order in which they were cast."""
        return votes.votes(self._session, review_id, round)

    def settlement(self, review_id: str, round: int) -> Settlement | None:
        """What was decided about one version."""
        return settlements.settlement(self._session, review_id, round)

    def history(self, review_id: str) -> list[AuditRow]:
        """The audit rows of a review, the oldest first."""
        return audit.history(self._session, review_id)

    def kept(self, before: datetime, *, after: str, limit: int) -> list[str]:
        """The next ids of reviews whose content is there, and to which nothing happened since."""
        return retention.kept(self._session, before=micros(before), after=after, limit=limit)

    def runs_kept(self, before: datetime, *, after: str, limit: int) -> list[str]:
        """The same of supervised runs."""
        return retention.runs_kept(self._session, before=micros(before), after=after, limit=limit)

    def head(self) -> Head:
        """The last row of the audit."""
        return audit.last(self._session)

    def reported(self, period: Period, *, after: int, end: int, limit: int) -> list[Reported]:
        """The next rows of a period after the row `after`, up to the row `end`."""
        return reported.reported(self._session, period, after=after, end=end, limit=limit)

    def counted(self, period: Period, *, end: int) -> Counts:
        """How often what happened in a period, up to the row `end`."""
        return reported.counted(self._session, period, end=end)

    def exported(self, period: Period, *, after: int, end: int, limit: int) -> list[Case]:
        """The next decided versions of a period after the row `after`, up to the row `end`."""
        return exported.exported(self._session, period, after=after, end=end, limit=limit)

    def executed(self, review_ids: list[str]) -> list[Executed]:
        """What was reported of the actions of reviews, the oldest first."""
        return exported.executed(self._session, review_ids)

    def rounds(self, review_id: str) -> list[Version]:
        """Every version of a review whose content is there, the oldest first."""
        return exported.rounds(self._session, review_id)

    def audit_after(self, seq: int, *, limit: int = 100) -> list[Told]:
        """The next audit rows that are told to people, after the row `seq`."""
        return cursor.told_after(self._session, seq, limit=limit)

    def events(
        self, events: tuple[str, str, str, str], *, after: int, limit: int
    ) -> list[tuple[int, str]]:
        """The next audit rows of these events after the row `after`: their numbers and reviews."""
        return cursor.events_after(self._session, events, after, limit=limit)

    def position(self, name: str) -> Position:
        """How far the cursor `name` has come in the audit, and where that ends."""
        return cursor.position(self._session, name)

    def pending(
        self,
        *,
        queue: str | None = None,
        role: str | None = None,
        reviewer_keys: tuple[str, ...] | None = None,
        kind: str | None = None,
        risk: str | None = None,
        action: str | None = None,
        thread: str | None = None,
        graph: str | None = None,
        status: Status = "pending",
        order: Order = "priority",
        limit: int = 50,
        after: str | None = None,
        content: bool = True,
        assigned: str | None = None,
        now: datetime | None = None,
        deferred: bool = False,
    ) -> list[Review]:
        """One page of reviews.

        Args:
            role: Reviews that this role may decide by name.
            reviewer_keys: Reviews that one of these keys may decide (`*`, `role:x`, `person:id`).
            after: The cursor of the last review of the page before; see `query.cursor`.
            now: Leaves out what is deferred until later, or with `deferred` everything else.
            content: False leaves `request` and `question` empty, for long lists of large payloads.

        Only pending reviews know who may decide them, so that a role or keys list no others.
        """
        wanted = Filter(
            queue=queue,
            role=role,
            keys=reviewer_keys,
            kind=kind,
            risk=risk,
            action=action,
            thread=thread,
            graph=graph,
            status=status,
            order=order,
            limit=limit,
            after=after,
            assigned=assigned,
            now=maybe_micros(now),
            deferred=deferred,
        )
        return query.pending(self._session, wanted, content=content)

    def over(self, wanted: Over) -> list[Review]:
        """One page of what was decided, the latest first."""
        return over(self._session, wanted)

    def open_on(self, thread_id: str, graph: str, *, content: bool = True) -> list[Review]:
        """The reviews of a thread that are pending, or whose graph has still to be driven."""
        return query.open_on(self._session, thread_id, graph, content=content)

    def unjoined(self, thread_id: str, graph: str) -> list[Review]:
        """What was submitted on a thread and nobody has joined, the newest first; no contents."""
        return reviews.page(submissions.unjoined(self._session, thread_id, graph))

    def contents(self, found: list[Review]) -> list[Review]:
        """The same reviews with their contents."""
        return reviews.with_contents(self._session, found)

    def wakeful(
        self, *, after: str | None = None, limit: int = 100, content: bool = False
    ) -> list[Review]:
        """The next reviews whose graph has still to be driven, by id, after the id `after`."""
        return query.wakeful(self._session, after=after, limit=limit, content=content)

    def run(self, run_id: str) -> SupervisedRun | None:
        """The supervised run of this id."""
        return runs.get(self._session, run_id, lock=False)

    def hold_of(self, thread_id: str) -> Hold:
        """A hold of a thread, by whichever of its graphs; `none` where there is none."""
        return runs.hold_of(self._session, thread_id)

    def runs_on(self, thread_id: str) -> list[SupervisedRun]:
        """The supervised runs on threads of this id."""
        return runs.on_thread(self._session, thread_id)

    def runs(self, *, graph: str | None, limit: int) -> list[SupervisedRun]:
        """The supervised runs, the one that moved last first."""
        return runs.listed(self._session, graph=graph, limit=limit)

    def wakeful_runs(self, *, after: str = "", limit: int = 100) -> list[SupervisedRun]:
        """The next runs with which something has to be done, by id."""
        return runs.wakeful(self._session, after=after, limit=limit)

    def timed(self, now: datetime, *, limit: int = 100) -> list[str]:
        """The ids of reviews to which time has done something by now, the longest ago first."""
        return waiting.timed(self._session, now=micros(now), limit=limit)

    def needs_directory(self) -> bool:
        """Whether nobody is believed to be who they say without a directory."""
        return identities.needs_directory(self._session)

    def decisions(self, person: str, limit: int) -> list[datetime]:
        """When somebody has decided, the latest first, and so many of them at most."""
        return queues.decisions(self._session, person, limit)

    def metrics(self, *, last: int = 1000) -> Metrics:
        """Counts and times; outcomes and times of decision are those of the `last` decisions."""
        return metrics(self._session, now=self._clock(), last=last)

    def decided(
        self, action: str, *, among: int = 500, but: str | None = None
    ) -> list[PastDecision]:
        """What people decided about the latest reviews of an action, without the review `but`."""
        return decided.decided(self._session, action, among=among, but=but)

    def said(self, action: str, *, among: int = 500, requests: bool = False) -> list[PastDecision]:
        """What people decided about every version of the latest decided reviews of an action."""
        return decided.said(self._session, action, among=among, requests=requests)

    def passages(self, *, last: int) -> list[Passage]:
        """What came into the queues and went out, in the last rows of the audit."""
        return traffic.passages(self._session, last=last)

    def waiting_since(self, queue: str | None, *, limit: int) -> list[datetime]:
        """When the versions came that wait in a queue, or in all of them."""
        now = micros(self._clock())
        return traffic.waiting_since(self._session, queue=queue, now=now, limit=limit)

    def clocks(self) -> Clocks:
        """What time it is for the database, and for those who wrote last."""
        return clocks(self._session)

    def verify(self, *, head: str | None = None) -> Verification:
        """Whether the audit is whole and the tables agree with it; see `Verification`.

        Raises:
            InboxError: `head` is not what a verification gave.
        """
        return verify(self._session, head=head, keys=self._keys)
