"""`View`: what somebody may decide, of what is pending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._catch_up import panel_of
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._staff import Roll, four_eyes
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.panels.who import keys_of
from langgraph_hitl.review.reviewer import Reviewer


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
        """Those of a page that the person may decide."""
        return [review for review in page if self._shows(review, now)]

    def _shows(self, review: Review, now: datetime) -> bool:
        if self.who is None:
            return True
        if self.roll is None:
            return four_eyes(review, self.who) is None
        panel = panel_of(review, now)
        return self.office.admit(None, review, panel, self.who, self.roll, now).refusal is None
