"""`Export`: decided reviews as training data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, assert_never, get_args

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._export.chat import chat_row
from langgraph_hitl.inbox._export.decision import decision_row
from langgraph_hitl.inbox._export.edit import edit_row
from langgraph_hitl.inbox._export.evaluation import evaluation_row
from langgraph_hitl.inbox._export.people import Names, People, masked, masked_version, names
from langgraph_hitl.inbox._export.preference import preference_row
from langgraph_hitl.inbox._export.revision import revision_row
from langgraph_hitl.inbox._export.value import teaches
from langgraph_hitl.inbox._period import Period
from langgraph_hitl.inbox._written import Target, write

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case, Executed
    from langgraph_hitl.inbox._ledger.ledger import Ledger
    from langgraph_hitl.inbox._ledger.reading import Reading
    from langgraph_hitl.inbox.review import Ballot

PAGE = 200

Kind = Literal["decisions", "edits", "revisions", "preferences", "evaluation", "chat"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class Export:
    """The rows of one kind, in the order in which people decided. See `Inbox.export`.

    Iterating gives each as plain JSON, read page by page.
    """

    kind: Kind
    period: Period
    people: People
    _ledger: Ledger = field(repr=False, compare=False)
    _names: Names = field(repr=False, compare=False)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Every row."""
        with self._ledger.looking() as rx:
            end = rx.head().seq
        after = 0
        while True:
            with self._ledger.reading() as rx:
                page = rx.exported(self.period, after=after, end=end, limit=PAGE)
                rows = self._rows(page, rx)
            yield from (row for row in rows if row is not None)
            if len(page) < PAGE:
                return
            after = page[-1].seq

    def to_jsonl(self, to: Target) -> int:
        """Write one JSON object per row; how many.

        Args:
            to: The path of a file, which is written anew, or a text file that is open.

        Raises `InboxError` where it cannot be written.
        """
        return write((json.dumps(row) + "\n" for row in self), to)

    def _rows(self, page: list[Case], rx: Reading) -> list[dict[str, Any] | None]:
        """The rows of a page."""
        if self.kind != "decisions":
            return [
                self._row(masked(case, self._names, self._voters(case, case.round, rx)), rx)
                for case in page
            ]
        done = rx.executed(sorted({case.review_id for case in page}))
        return [self._decision(case, done, rx) for case in page]

    def _decision(self, case: Case, done: list[Executed], rx: Reading) -> dict[str, Any]:
        ballots = rx.votes(case.review_id, case.round) if case.request.get("panel") else []
        own = [one for one in done if one.review_id == case.review_id and case.is_newest]
        told = masked(case, self._names, _voters_of(ballots))
        return decision_row(told, ballots, own, self._names)

    def _voters(self, case: Case, number: int, rx: Reading) -> tuple[str, ...]:
        """Who voted on a version, where that has to be told by pseudonyms."""
        if self.people == "named" or not case.request.get("panel"):
            return ()
        return _voters_of(rx.votes(case.review_id, number))

    def _row(self, case: Case, rx: Reading) -> dict[str, Any] | None:
        """The row of a decided version, if it makes one."""
        if not teaches(case):
            return None
        match self.kind:
            case "edits":
                return edit_row(case, self._names)
            case "revisions":
                if case.round == 0 or not case.is_newest:
                    return None
                versions = [
                    masked_version(one, case, self._names, self._voters(case, one.round, rx))
                    for one in rx.rounds(case.review_id)
                ]
                return revision_row(case, versions, self._names)
            case "preferences":
                return preference_row(case)
            case "evaluation":
                return evaluation_row(case, self._names)
            case "chat":
                return chat_row(case)
            case "decisions":  # made for a whole page
                return None
            case _:
                assert_never(self.kind)


def _voters_of(ballots: Sequence[Ballot]) -> tuple[str, ...]:
    """Who voted, and for whom."""
    return tuple(who for one in ballots for who in (one.voter, one.acting_for) if who is not None)


def export_of(ledger: Ledger, kind: Kind, period: Period, people: People) -> Export:
    """The export of a kind. Raises `InboxError` for words that are none of the known."""
    if kind not in KINDS:
        raise InboxError(f"kind= is one of {', '.join(KINDS)}, not {kind!r:.60}")
    if people not in get_args(People):
        raise InboxError(f"people= is {' or '.join(get_args(People))}, not {people!r}")
    return Export(
        kind=kind,
        period=period,
        people=people,
        _ledger=ledger,
        _names=names(people, token=ledger.token),
    )
