"""`Family`: the reviews of one question, which are answered together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from langgraph_hitl.inbox._assignment import Turns
from langgraph_hitl.inbox._foreign.filing import Asking, filing_of, id_of
from langgraph_hitl.inbox._foreign.watch import Watch
from langgraph_hitl.inbox.review import Review, Settlement

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.reading import Reading
    from langgraph_hitl.inbox._ledger.writing import Transaction

_TURNS = 1_000
"""How often one question may be ended and asked again."""


class Family(NamedTuple):
    """The ids of all items of a question, and their reviews; none before it is filed."""

    ids: tuple[str, ...]
    reviews: tuple[Review, ...]

    @property
    def is_filed(self) -> bool:
        return bool(self.reviews)

    def settlements(self, rx: Reading) -> list[Settlement] | None:
        """What was decided about every item; None as long as one is open, or all is done."""
        decided = [one.status in ("settled", "cancelled") and one.wake for one in self.reviews]
        if not decided or not all(decided):
            return None
        found = [rx.settlement(one.id, one.round) for one in self.reviews]
        return [one for one in found if one is not None]


def family_of(rx: Reading, asking: Asking, *, waits: bool = True) -> Family:
    """The reviews of a question.

    One that was superseded and is asked again, by a thread that was taken back, has new ones. So
    has one that `waits` though its run took an answer and failed: a server does not tell that its
    graph refused the answer.
    """
    for turn in range(_TURNS):
        ids = tuple(
            id_of(asking.place, position, digest, turn)
            for position, digest in enumerate(asking.digests)
        )
        found = [rx.get(each) for each in ids]
        reviews = tuple(review for review in found if review is not None)
        if not any(_is_over(review, waits) for review in reviews):
            return Family(ids, reviews if len(reviews) == len(ids) else ())
    raise AssertionError(f"a question was ended {_TURNS} times")


def _is_over(review: Review, waits: bool) -> bool:
    was_refused = waits and review.status == "applied" and review.error is not None
    return review.status == "superseded" or was_refused


def file(
    tx: Transaction,
    asking: Asking,
    watch: Watch,
    family: Family,
    *,
    turns: Turns | None,
    now: datetime,
) -> list[Review]:
    """Put every item of a question before people."""
    filed = []
    for position in range(len(family.ids)):
        filing = filing_of(asking, position, watch, family=family.ids, now=now)
        review, is_new = tx.file(filing)
        if is_new and turns is not None:
            review = turns.keep_or_assign(review)
        filed.append(review)
    return filed
