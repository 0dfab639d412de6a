"""`Reporting`: what leaves an inbox: reports of the audit, and decisions to learn from."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import partial

from langgraph_hitl.inbox._executed import Executing
from langgraph_hitl.inbox._export.export import Export, Kind, export_of
from langgraph_hitl.inbox._export.people import People
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._period import period_of
from langgraph_hitl.inbox._redacting import Redacting
from langgraph_hitl.inbox._report.report import Report, report_of


class Reporting(Executing, Redacting):
    """The part of `Inbox` that auditors and trainers read."""

    _office: Office

    def report(
        self, *, since: date | timedelta | str | None = None, until: date | str | None = None
    ) -> Report:
        """Who decided what and when, and everything else that happened, in a range of dates.

        Args:
            since: The first day (by UTC) or moment, or so long ago, as `7d`; from the beginning
                without it. ISO texts do.
            until: The last day, which is taken in whole, or the moment before which; all without.

        Raises:
            InboxError: One is no date, a moment lacks its time zone, or the range is empty.

        >>> from langgraph_hitl.inbox import Inbox
        >>> report = Inbox.open("sqlite:///:memory:").report(since="2026-01-01", until="2026-03-31")
        >>> list(report), report.outcomes
        ([], {})
        """
        now = self._office.clock()
        return report_of(self._office.ledger, period_of(since, until, now=now), now=now)

    def head(self) -> str:
        """The last row of the audit with its hash, to be kept where nobody can reach both.

        Given to `verify` later, it shows rows that were removed from the end since, and an audit
        that was written anew.

        >>> from langgraph_hitl.inbox import Inbox
        >>> inbox = Inbox.open("sqlite:///:memory:")
        >>> bool(inbox.verify(inbox.head()))
        True
        """
        with self._office.ledger.looking() as rx:
            return str(rx.head())

    def export(
        self,
        kind: Kind,
        *,
        since: date | timedelta | str | None = None,
        until: date | str | None = None,
        people: People = "named",
    ) -> Export:
        """Decided reviews as training data, of the decisions made in a range of dates.

        Args:
            kind: `decisions`: every decision, automatic ones too, with request, context, finding
                and votes. `edits`: `before` and `after` with the feedback. `revisions`: whole
                histories. `preferences`: `prompt`, `chosen`, `rejected`. `evaluation`: `inputs`,
                `outputs` (suggested), `reference_outputs` (decided), `metadata`. `chat`:
                `messages`, where the subject is a message and there is a context. All but
                `decisions` are of people, and without what somebody overruled.
            since: The first day (by UTC) or moment, or so long ago, as `7d`; from the beginning
                without it. ISO texts do.
            until: The last day, which is taken in whole, or the moment before which; all without.
            people: `named`, or `hashed`: pseudonyms that hold within this export, of whoever
                asked, voted and decided, also where a whole value of the context or the subject is
                such an id. Names within texts, those of other people, and reports of actions stay.

        What was redacted is left out.

        Raises:
            InboxError: An unknown kind, a date that is none, or an empty range.

        >>> from langgraph_hitl.inbox import Inbox
        >>> list(Inbox.open("sqlite:///:memory:").export("preferences", since="2026-01-01"))
        []
        """
        period = period_of(since, until, now=self._office.clock())
        return export_of(self._office.ledger, kind, period, people)

    async def areport(
        self, *, since: date | timedelta | str | None = None, until: date | str | None = None
    ) -> Report:
        """`report` off the event loop; writing it is for a thread too."""
        loop = asyncio.get_running_loop()
        making = partial(self.report, since=since, until=until)
        return await loop.run_in_executor(self._office.executor, making)

    async def ahead(self) -> str:
        """`head` off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._office.executor, self.head)
