"""`Overriding`: the part of `Inbox` by which more authority decides over what was decided."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.decide import Resume, manner
from langgraph_hitl.inbox._run.override import override
from langgraph_hitl.inbox._run.steps import Steps, aperform, perform
from langgraph_hitl.inbox.review import Channel, Review
from langgraph_hitl.panels import Panel
from langgraph_hitl.panels.given import panel_of
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.reviewer import Reviewer


def named(given: Any, option: str) -> Panel | None:
    """Who may do what is said in an option of an inbox; None where it names nobody.

    Raises `GateError`.
    """
    return None if given is None else panel_of(given, option)


class Overriding:
    """`override` and its asynchronous twin."""

    _office: Office
    _resume: Resume

    def override(
        self,
        review_id: str,
        decision: Decision,
        *,
        by: Reviewer | str,
        reason: str,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """Decide a review over those who would decide it, or over what was decided.

        Only those may whom `Inbox.open(..., overrides=...)` names, and never whoever asked for it.
        What happens depends on how far the graph is:

        - Nobody has decided: this settles it, whatever its panel takes. An edit that takes other
          people than that panel moves up to them, in whichever round, unless it is within the
          authority of who overrides: it may be overridden there too.
        - Decided, cancelled or timed out, and the graph still waits: this replaces the decision,
          and the graph follows the new one. A run of the thread is waited for, and looked at again.
        - The graph has gone on: nothing can be made undone by a decision, so the earlier one
          stands, the audit has both, and the gate's `on_recall` is called with the request and the
          new decision. Where it raises, `work()` calls it again. `Review.hooks` has `overruled`,
          and then `recall`.

        ```python
        inbox = Inbox.open(url, overrides="board")
        inbox.override(review.id, Reject("fraud"), by=ceo, reason="the supplier is under arrest")
        ```

        Args:
            review_id: From `pending`, or of any review that is over.
            decision: What its gate allows, except `Abstain`.
            by: Who overrides; the inbox trusts the caller to have authenticated this person.
            reason: Why, for the audit.
            resume: `now` or `worker`; what the inbox was opened with if it is left out.
            channel: Where it came from, for the audit.

        Raises:
            AlreadyDecided: Somebody else has overridden it, or the graph has followed the same
                decision.
            InvalidDecision: The reason is blank, or the decision does not fit the question.
            NotAuthorised: This person may not override.
            NotRegistered: The graph is not registered here, and it has to be looked at.
            RunFailed: The override stands, but the run, or `on_recall`, failed.
            StaleReview: The question has ended without an answer.
            ThreadBusy: A run holds the thread for longer than `patience`.
            TooLate: The graph has gone on, and its gate has no `on_recall`. Nothing was changed.
            UnknownReview: There is none with this id.
        """
        return perform(self._overridden(review_id, decision, by, reason, resume, channel))

    async def aoverride(
        self,
        review_id: str,
        decision: Decision,
        *,
        by: Reviewer | str,
        reason: str,
        resume: Resume | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """`override` for graphs with an asynchronous saver."""
        steps = self._overridden(review_id, decision, by, reason, resume, channel)
        return await aperform(steps, self._office.executor)

    def _overridden(
        self,
        review_id: str,
        decision: Decision,
        by: Reviewer | str,
        reason: str,
        resume: Resume | None,
        channel: Channel,
    ) -> Steps[Review]:
        how = manner(by, resume or self._resume, channel)
        return override(self._office, review_id, decision, how, reason)
