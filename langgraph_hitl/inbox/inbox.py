"""`Inbox`: the queue of record. What waits, who decided what, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import MissingExtra, NotRegistered
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._assigning import Assigning
from langgraph_hitl.inbox._attendance import Attendance
from langgraph_hitl.inbox._doctor.finding import DoctorReport
from langgraph_hitl.inbox._identities import Identities
from langgraph_hitl.inbox._ledger.seal import AuditKey, keys_of
from langgraph_hitl.inbox._locks import open_locks
from langgraph_hitl.inbox._memory import Memory
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._override import Overriding, named
from langgraph_hitl.inbox._records import Records
from langgraph_hitl.inbox._run.clerk import InboxClerk
from langgraph_hitl.inbox._run.decide import (
    RESUMES,
    Decided,
    Manner,
    Resume,
    cancel,
    decide,
    decide_many,
    manner,
)
from langgraph_hitl.inbox._run.notices import begin, check_notify
from langgraph_hitl.inbox._run.run import run_in
from langgraph_hitl.inbox._run.steps import Steps, aperform, perform
from langgraph_hitl.inbox._run.work import WorkReport, never, work
from langgraph_hitl.inbox._staffing import check_people
from langgraph_hitl.inbox._supervising import Supervising
from langgraph_hitl.inbox._watching import Watching
from langgraph_hitl.inbox.notice import Notify
from langgraph_hitl.inbox.review import Channel, Review
from langgraph_hitl.people import Directory, Rotation
from langgraph_hitl.review.decision import Decision, Postponement
from langgraph_hitl.review.reviewer import Reviewer

Result = TypeVar("Result")

PATIENCE = 60.0


class Inbox(Assigning, Attendance, Identities, Memory, Overriding, Records, Supervising, Watching):
    """The reviews of all graphs that file with it, in SQLite or PostgreSQL.

    A review is decided once, by whoever may; then its graph is resumed once, whoever asks for it
    and however many processes do. `langgraph_hitl.inbox.review` draws how a review goes on.

    ```python
    inbox = Inbox.open("sqlite:///reviews.db")
    gate = human_approval("payment", inbox=inbox, reviewers="finance")
    ...
    app = inbox.register(builder.compile(checkpointer=saver), name="payments")

    for review in inbox.pending(role="finance"):
        inbox.decide(review.id, Approve(), by=maria, seen=review)
    inbox.work()                       # finishes what a process that died has begun
    ```

    Every method has an asynchronous twin: `adecide`, `apending`, `awork`, ...
    """

    def __init__(self, office: Office, *, resume: Resume = "now") -> None:
        self._office = office
        self._resume: Resume = resume

    @classmethod
    def open(
        cls,
        url: str,
        *,
        resume: Resume = "now",
        patience: float | timedelta | str = PATIENCE,
        clock: Clock = system_clock,
        point: Callable[[str], None] = lambda _name: None,
        notify: Notify | None = None,
        people: Directory | None = None,
        assign: Rotation | bool = False,
        overrides: Any = None,
        redacts: Any = None,
        audit_key: AuditKey = None,
    ) -> Inbox:
        """Open an inbox; it is created where there is none, and brought up to date.

        Args:
            url: `sqlite:///reviews.db` (a file beside the process), `sqlite:///:memory:`, or
                `postgresql://user@host/database` for many machines.
            resume: `now`: `decide` resumes the graph before it returns. `worker`: it leaves that to
                `work()`, which may run elsewhere.
            patience: Seconds that a run waits for another run of its thread before `ThreadBusy`, or
                a duration such as `2m`.
            clock: Gives the present moment in UTC.
            point: Called with the name of every moment at which a crash has to do no harm; see
                `langgraph_hitl.testing`.
            notify: Told by `work()` of every event, once and in order, with a `Notice`; see
                `Notify`. It begins with what happens after an inbox was first opened with it.
            people: Who there is: a `Roster`, or a `Directory` of your own. The roles, level and
                skills of whoever decides are then those that it names for this id, and no others;
                who is not in it, away, or has to rest decides nothing; who acts for somebody who is
                away has that person's authority too. Without it, what `by=` says is believed, until
                a graph is registered with an inbox that has it: from then on nobody decides through
                one that has not, in any process; see `waive_people`.
            assign: Say whose turn each review is. It goes to somebody of `people` who may decide
                it, is there, and has the least to do; queues are kept even. With a `Rotation` all
                do as many, however fast they are.
            overrides: Who may `override`: a role, a `Reviewer`, several of these, or a panel, of
                which one member is enough. Nobody without it. Like `people` it holds for what is
                done through this object: a process that can write to the database is trusted.
            redacts: Who may `redact` and `retain`, named in the same way. Without it everybody whom
                the caller names, and nobody where there are `people`.
            audit_key: At least 16 bytes, kept outside of the database: then nobody who has the
                database alone can write, or write anew, an audit that verifies. An inbox that was
                begun with a key is opened with it; `seal_audit` gives one to an older inbox. A list
                is the key from now on, and those before it. Against a key that has leaked, keep
                the head: who has it and the database can rewrite all, and drop the new key.

        Raises:
            MissingExtra: Install `langgraph-hitl[inbox]`, and `[postgres]` for PostgreSQL.
            InboxError: The URL, or what it leads to, is no inbox; or its audit has another key.
            InboxTooNew: A newer release wrote it.
            InboxUnavailable: It cannot be reached now.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").pending()
        []
        """
        check.one_of(resume, "resume=", RESUMES)
        check.function(clock, "clock=")
        check.function(point, "point=")
        try:
            from langgraph_hitl.inbox._ledger.ledger import Ledger
        except ModuleNotFoundError as error:
            raise MissingExtra("An inbox", extra="inbox") from error
        check_notify(notify)
        may_override, may_redact = named(overrides, "overrides"), named(redacts, "redacts")
        check_people(people, assign)
        ledger = Ledger.open(url, clock=clock, point=point, keys=keys_of(audit_key))
        locks = open_locks(dialect=ledger.dialect, path=ledger.path, url=ledger.url)
        office = Office(
            ledger=ledger,
            locks=locks,
            clock=clock,
            point=point,
            patience=check.seconds(patience, "patience="),
            notify=notify,
            people=people,
            assigns=assign,
            overrides=may_override,
            redacts=may_redact,
        )
        inbox = cls(office, resume=resume)
        try:
            begin(office)
        except BaseException:
            inbox.close()
            raise
        return inbox

    @property
    def clock(self) -> Clock:
        """What gives the present moment, for the gates that file here too."""
        return self._office.clock

    def close(self) -> None:
        """Give back the locks and the connections."""
        self._office.closed = True
        self._office.executor.shutdown(wait=False)
        self._office.locks.close()
        self._office.ledger.close()

    def __enter__(self) -> Inbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def clerk(self, spec: GateSpec, config: RunnableConfig) -> InboxClerk:
        """What a gate asks for; see `langgraph_hitl._subgraph.desk`."""
        run = run_in(config)
        if run is None or run.desk is not self._office:
            raise NotRegistered(
                f"Gate {spec.name!r} files with an inbox, but its graph is not registered with it "
                "in this process. Call inbox.register(app) on the compiled graph first."
            )
        return InboxClerk(self._office, run, spec, config)

    def decide(
        self,
        review_id: Review | str,
        decision: Decision | Postponement,
        *,
        by: Reviewer | str,
        seen: Review | str | None = None,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """Decide a review, and resume its graph; gives the review as it stands afterwards.

        The decision is durable before anything is resumed, and counts even if the resumption fails.
        With a panel it is one vote: the review stays `pending` until the result is certain.

        Args:
            review_id: From `pending`. A review in place of its id is also what was `seen`.
            decision: `Approve()`, `Edit(value)`, `Reject(...)`, ...
            by: Who decides. The inbox trusts the caller to have authenticated this person; a text
                is a person without roles.
            seen: The review that the person looked at, or its digest. The decision is refused if
                another version waits by now; without it, whatever waits now is decided.
            resume: `now` or `worker`; what the inbox was opened with if it is left out.
            channel: Where the decision came from, for the audit.

        A run that holds the thread is not disturbed: it takes the decision when it has ended.

        Raises:
            AlreadyDecided: Somebody was first; `by`, `at`, `outcome` say who, when and what.
            InvalidDecision: It does not fit the question; `errors` says why.
            InboxError: This thread runs the event loop of the graph's asynchronous saver; use
                `adecide`. Or `by` is no person.
            NotAuthorised: This person may not decide this review.
            NotRegistered: The graph is not registered here, and `resume` is `now`.
            RunFailed: The decision stands, but the run that followed it failed.
            StaleReview: The person looked at another version, or the question has ended; `current`
                is the review as it is now.
            UnknownReview: There is none with this id.
        """
        return perform(self._decide(review_id, decision, seen, by, resume, channel))

    def decide_many(
        self,
        decisions: Iterable[tuple[Review | str, Decision | Postponement]],
        *,
        by: Reviewer | str,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> list[Decided]:
        """Decide several reviews, each on its own; one result per item, in their order.

        Give reviews instead of ids, so that each decision counts for what was looked at. An error
        of the inbox is the result of its item and stops nothing.

        ```python
        low = inbox.pending(risk="low", reviewer=maria)
        for item in inbox.decide_many([(review, Approve()) for review in low], by=maria):
            print(item.review_id, item.error or item.review.status)
        ```
        """
        return perform(decide_many(self._office, decisions, self._manner(by, resume, channel)))

    def cancel(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        reason: str | None = None,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """End a review without a decision about its subject; its graph goes on as `cancelled`.

        Raises as `decide`.
        """
        how = self._manner(by, resume, channel)
        return perform(cancel(self._office, review_id, how, check.words(reason, "reason=")))

    def work(self, *, limit: int | None = None, stop: Callable[[], bool] = never) -> WorkReport:
        """One pass over what has still to be done: resume what was decided, finish what died.

        Before it and after it, `notify` is told what has happened.

        Takes the graphs that this process has registered; another pass, here or in another process,
        may run at the same time. Errors of one review are reported, and stop nothing.

        Args:
            limit: At most so many reviews.
            stop: Asked before every review; the pass ends where it says True.
        """
        return perform(self._work(limit, stop))

    def doctor(self, *, repair: bool = False) -> DoctorReport:
        """Look for trouble: threads, runs, reviews, clocks and the audit.

        Threads are looked at for the graphs that this process has registered, and each for a moment
        under its lock; a thread that somebody runs is left alone.

        Args:
            repair: Do what is safe: go on with graphs that a process left behind, close reviews
                whose question is dead. Nothing is decided, and no node that failed runs again.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").doctor().healthy
        True
        """
        return perform(self._doctor(repair))

    async def adecide(
        self,
        review_id: Review | str,
        decision: Decision | Postponement,
        *,
        by: Reviewer | str,
        seen: Review | str | None = None,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """`decide` for graphs with an asynchronous saver."""
        return await self._await(self._decide(review_id, decision, seen, by, resume, channel))

    async def adecide_many(
        self,
        decisions: Iterable[tuple[Review | str, Decision | Postponement]],
        *,
        by: Reviewer | str,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> list[Decided]:
        """`decide_many` for graphs with an asynchronous saver."""
        how = self._manner(by, resume, channel)
        return await self._await(decide_many(self._office, decisions, how))

    async def acancel(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        reason: str | None = None,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """`cancel` for graphs with an asynchronous saver."""
        how = self._manner(by, resume, channel)
        return await self._await(
            cancel(self._office, review_id, how, check.words(reason, "reason="))
        )

    async def awork(
        self, *, limit: int | None = None, stop: Callable[[], bool] = never
    ) -> WorkReport:
        """`work` for graphs with an asynchronous saver."""
        return await self._await(self._work(limit, stop))

    async def adoctor(self, *, repair: bool = False) -> DoctorReport:
        """`doctor` for graphs with an asynchronous saver."""
        return await self._await(self._doctor(repair))

    def _decide(
        self,
        review_id: Review | str,
        decision: Decision | Postponement,
        seen: Review | str | None,
        by: Reviewer | str,
        resume: Resume | None,
        channel: Channel,
    ) -> Steps[Review]:
        how = self._manner(by, resume, channel)
        return decide(self._office, review_id, decision, how, seen)

    def _work(self, limit: int | None, stop: Callable[[], bool]) -> Steps[WorkReport]:
        if limit is not None:
            check.count(limit, "limit=")
        return work(self._office, limit=limit, stop=check.function(stop, "stop="))

    def _doctor(self, repair: bool) -> Steps[DoctorReport]:
        from langgraph_hitl.inbox._doctor.doctor import doctor

        return doctor(self._office, repair=check.flag(repair, "repair="))

    def _manner(self, by: Reviewer | str, resume: Resume | None, channel: Channel) -> Manner:
        return manner(by, resume or self._resume, channel)

    async def _await(self, steps: Steps[Result]) -> Result:
        return await aperform(steps, self._office.executor)
