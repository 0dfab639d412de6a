"""`Report`: the audit of a range of dates, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from langgraph_hitl.inbox._period import Period
from langgraph_hitl.inbox._report.line import ReportLine, line_of
from langgraph_hitl.inbox._report.page import page_lines
from langgraph_hitl.inbox._report.table import csv_lines
from langgraph_hitl.inbox._written import Target, write

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.ledger import Ledger
    from langgraph_hitl.inbox._ledger.verify import Verification

PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Report:
    """What happened in a period, up to the row of the audit that `head` names.

    `events` counts every event, `outcomes` the decisions as they were made (automatic ones too, and
    those that were taken back or overridden later), `people` those of each person. Iterating gives
    a `ReportLine` for every event, in order. Nothing is kept in memory but a page of them.
    """

    period: Period
    made_at: datetime
    head: str
    events: Mapping[str, int]
    outcomes: Mapping[str, int]
    people: Mapping[str, int]
    _ledger: Ledger = field(repr=False, compare=False)

    @cached_property
    def verification(self) -> Verification:
        """Whether what is reported may be believed: `Inbox.verify` against the head, done once.

        It walks the whole audit, whatever the period is. `to_html` writes what it found; rows of
        JSONL and CSV are written as they are stored.
        """
        with self._ledger.reading() as rx:
            return rx.verify(head=self.head)

    def __iter__(self) -> Iterator[ReportLine]:
        """Every event, the oldest first."""
        end, after = int(self.head.partition(":")[0]), 0
        while True:
            with self._ledger.reading() as rx:
                page = rx.reported(self.period, after=after, end=end, limit=PAGE)
            yield from map(line_of, page)
            if len(page) < PAGE:
                return
            after = page[-1].row.seq

    def to_jsonl(self, to: Target) -> int:
        """Write one JSON object per event, with the fields of `ReportLine`; how many.

        Args:
            to: The path of a file, which is written anew, or a text file that is open.

        Raises `InboxError` where it cannot be written.
        """
        return write((json.dumps(asdict(line)) + "\n" for line in self), to)

    def to_csv(self, to: Target) -> int:
        """Write a table; how many events it has.

        A cell that a spreadsheet would take for a formula begins with an apostrophe. Raises as
        `to_jsonl`.
        """
        return write(csv_lines(self), to) - 1

    def to_html(self, to: Target) -> None:
        """Write one page to be read or printed: whether the audit is whole, counts, every event.

        Raises as `to_jsonl`.
        """
        write(page_lines(self, self), to)


def report_of(ledger: Ledger, period: Period, *, now: datetime) -> Report:
    """The report of a period, as the audit is now."""
    with ledger.reading() as rx:
        head = rx.head()
        counts = rx.counted(period, end=head.seq)
    return Report(
        period=period,
        made_at=now,
        head=str(head),
        events=counts.events,
        outcomes=counts.outcomes,
        people=counts.people,
        _ledger=ledger,
    )
