"""`View`: what somebody may decide, of what is pending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._catch_up import panel_of
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._staff import Roll, four_eyes
from langgraph_hitl.inbox._verdicts import counted_already
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.who import keys_of
from langgraph_hitl.review.reviewer import Reviewer, Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.reading import Reading


@dataclass(frozen=True)
class View:
    """What is listed for one person, or with None for everybody."""

    office: Office
    who: Reviewer | None
    roll: Roll | None = None
    rests: bool = False

    @staticmethod
    def of(office: Office, who: Reviewer | None) -> View:
        """The view of somebody. Raises `InboxError` where the directory cannot say who it is."""
        roll = None if who is None else office.roll()
        if who is None or roll is None:
            return View(office, who)
        if roll.problem is not None:
            raise InboxError(roll.problem)
        with office.ledger.looking() as rx:
            rests = roll.rest(who.id, office.clock(), rx.decisions) is not None
        return View(office, who, roll, rests)

    def keys(self, now: datetime) -> tuple[str, ...] | None:
        """One of these has to be eligible; None stands for all reviews."""
        if self.who is None:
            return None
        if self.rests:
            return ()
        return keys_of(self.who) if self.roll is None else self.roll.keys(self.who.id, now)

    def shown(self, page: list[Review], now: datetime) -> list[Review]:
        """Those of a page that the person may decide, and has not decided for good."""
        if self.who is None:
            return page
        admitted = [(review, self._admitted(review, self.who, now)) for review in page]
        open_to = [(review, voter) for review, voter in admitted if voter is not None]
        if all(panel_of(review, now).single for review, _ in open_to):
            return [review for review, _ in open_to]
        with self.office.ledger.reading() as rx:
            return [review for review, voter in open_to if not self._counts(rx, review, voter, now)]

    def _admitted(self, review: Review, who: Reviewer, now: datetime) -> Voter | None:
        """With which authority somebody may decide it."""
        if self.roll is None:
            return who if four_eyes(review, who) is None else None
        found = self.office.admit(None, review, panel_of(review, now), who, self.roll, now)
        return found.voter if found.refusal is None else None

    def _counts(self, rx: Reading, review: Review, voter: Voter, now: datetime) -> bool:
        """Whether there is a vote of theirs, or for whom they act, that no other replaces."""
        panel = panel_of(review, now)
        if panel.single:
            return False
        ballots = rx.votes(review.id, review.round)
        if not panel.may_change and any(ballot.voter == voter.id for ballot in ballots):
            return True
        return self.roll is not None and counted_already(ballots, voter, panel) is not None
