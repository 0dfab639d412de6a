"""`Authorising`: the one place where it is decided who may do what with a review."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._assignment import Turns, has_voted
from langgraph_hitl.inbox._catch_up import catch_up
from langgraph_hitl.inbox._ledger.identities import REQUIRED, WAIVED
from langgraph_hitl.inbox._ledger.seal import ABOUT
from langgraph_hitl.inbox._staff import Admission, Roll, four_eyes, roll_of
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels import Panel
from langgraph_hitl.people import Directory, Rotation
from langgraph_hitl.review.reviewer import DIRECT, Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.ledger import Ledger
    from langgraph_hitl.inbox._ledger.writing import Transaction


INBOX = "system:inbox"

_NEEDED = (
    "the graphs of this inbox have a directory, which says who somebody is; open it with people=, "
    "on the command line with --directory"
)


class Authorising:
    """What an office knows of people: who may decide, and whose turn it is."""

    ledger: Ledger
    clock: Clock
    people: Directory | None
    assigns: Rotation | bool

    def refusal(self, review: Review, panel: Panel, voter: Voter) -> str | None:
        """Why somebody may not decide a review, in words that follow "may not decide it".

        It leaves out whether they have to rest, which `admit` knows too.
        """
        return self.admit(None, review, panel, voter, self.roll(), self.clock()).refusal

    def admit(
        self,
        tx: Transaction | None,
        review: Review,
        panel: Panel,
        voter: Voter,
        roll: Roll | None,
        now: datetime,
        *,
        decides: bool = True,
    ) -> Admission:
        """With which authority somebody does something with a review, or why they may not.

        With a directory it is what that says about the id, and nothing that the caller claims. A
        decision takes somebody who need not rest; `decides` is False for all else.
        """
        roll = roll if tx is None else self.still(tx, roll)
        refusal = four_eyes(review, voter)
        if refusal is not None or roll is None or voter.id == DIRECT.id:
            return Admission(voter, refusal or panel.refusal(voter))
        admission = roll.admit(review, panel, voter.id, now)
        if tx is None or not decides or admission.refusal is not None:
            return admission
        return admission._replace(refusal=roll.rest(voter.id, now, tx.decisions))

    def roll(self) -> Roll | None:
        """What the directory says now; None without one, where none is needed.

        Asked before a transaction begins, as it may be slow, or use this inbox.
        """
        if self.people is not None:
            return roll_of(self.people)
        with self.ledger.looking() as rx:
            return Roll({}, _NEEDED) if rx.needs_directory() else None

    def still(self, tx: Transaction, roll: Roll | None) -> Roll | None:
        """The roll that was read before a transaction; one may be needed since then."""
        return Roll({}, _NEEDED) if roll is None and tx.needs_directory() else roll

    def require_directory(self) -> None:
        """Where there is a directory, nobody is believed without one, in any process."""
        if self.people is None:
            return
        with self.ledger.looking() as rx:
            needed = rx.needs_directory()
        if needed:
            return
        with self.ledger.transaction() as tx:
            tx.note(ABOUT, REQUIRED, actor=INBOX, channel="inbox")

    def waive_directory(self, by: str, reason: str) -> None:
        """Claims are believed again. Raises `InboxError` for who may not say so."""
        if self.people is None:
            raise InboxError("waive_people takes an inbox that was opened with people=")
        roll, now = roll_of(self.people), self.clock()
        if not roll.titles(by, now):
            raise InboxError(roll.problem or f"{by!r} is nobody in the directory, or is away")
        with self.ledger.transaction() as tx:
            tx.note(ABOUT, WAIVED, actor=by, channel="inbox", reason=reason)

    def caught_up(
        self, tx: Transaction, review: Review, roll: Roll | None, now: datetime
    ) -> Review:
        """`catch_up`; what was passed up gets somebody of the new level."""
        after = catch_up(tx, review, now)
        if after is review:
            return review
        return self.followed(tx, after, roll, now, passed_up=after.eligible != review.eligible)

    def followed(
        self,
        tx: Transaction,
        review: Review,
        roll: Roll | None,
        now: datetime,
        *,
        passed_up: bool = False,
    ) -> Review:
        """Assign anew what waits for others by now, and keep the queues even."""
        if not self.assigns or roll is None:
            return review
        turns = self.turns(tx, roll, now)
        placed = review.status == "pending" and (passed_up or has_voted(tx, review))
        if placed:
            review = turns.assign(review)
        turns.even(but=review if placed else None)
        return review

    def turns(self, tx: Transaction, roll: Roll, now: datetime) -> Turns:
        """Whose turn it is, in a transaction."""
        rotation = self.assigns if isinstance(self.assigns, Rotation) else None
        return Turns(tx, roll, now, rotation)
