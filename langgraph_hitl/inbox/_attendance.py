"""`Attendance`: what people do with a review that waits, beside deciding it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._attend import CLAIM, Attending
from langgraph_hitl.inbox._office import Cast, Office
from langgraph_hitl.inbox._run.decide import Manner, Resume, attend, manner
from langgraph_hitl.inbox._run.steps import Steps, aperform, perform
from langgraph_hitl.inbox.review import Channel, Review
from langgraph_hitl.review.decision import Defer, Escalate
from langgraph_hitl.review.reviewer import Reviewer


class Attendance:
    """The part of `Inbox` that leaves a review open.

    Each method takes `by=`, who may decide the review, and gives it as it stands afterwards. All
    raise `NotAuthorised`, `AlreadyDecided`, `Expired` and `UnknownReview` as `decide` does.
    """

    _office: Office
    _resume: Resume

    def claim(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        length: timedelta | str = CLAIM,
        channel: Channel = "inbox",
    ) -> Review:
        """Say that one looks at it, so that others need not; it ends by itself after `length`
        (also a text: `2h`).

        It forbids nobody to decide. Raises `Claimed` while somebody else looks at it.

        ```python
        inbox.claim(review.id, by=maria)      # the others read review.claimed_by
        ```
        """
        return perform(self._claim(review_id, by, length, channel))

    def release(self, review_id: str, *, by: Reviewer | str, channel: Channel = "inbox") -> Review:
        """Take back one's `claim`. Raises `Claimed` where it is somebody else's."""
        return perform(self._release(review_id, by, channel))

    def defer(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        until: datetime | timedelta | str | None = None,
        comment: str | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """Come back later: the review is left out of `pending` until then, or for a day.

        It can still be decided, and its deadline runs on, unless its gate or the rule of its policy
        says `on_defer="pause"`. `until` is a moment with its time zone, or a time from now by the
        clock of the inbox, as `"3h"`.

        Raises `InvalidDecision` for a moment that is over, more than ten years away, or after the
        deadline.
        """
        return perform(self._defer(review_id, by, Defer(until, comment), channel))

    def escalate(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        reason: str | None = None,
        to: str | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """Pass it on; those who had it cannot decide it any more.

        What was voted on this version ends, and so do claims and deferrals. It stays there in all
        later versions, and its deadline is never later than it was.

        Args:
            review_id: From `pending`.
            by: Who passes it on.
            reason: Why, for the audit and the handler.
            to: One of the gate's `escalations`, each once for a review; without it, the next level
                of its chain.
            channel: Where it came from, for the audit.

        Raises `InvalidDecision` where nobody is above, and for a name that there is not.

        ```python
        inbox.escalate(review.id, by=ann, reason="is this a gift?", to="legal")
        ```
        """
        return perform(self._escalate(review_id, by, Escalate(reason, to=to), channel))

    async def aclaim(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        length: timedelta | str = CLAIM,
        channel: Channel = "inbox",
    ) -> Review:
        """`claim` off the event loop."""
        steps = self._claim(review_id, by, length, channel)
        return await aperform(steps, self._office.executor)

    async def arelease(
        self, review_id: str, *, by: Reviewer | str, channel: Channel = "inbox"
    ) -> Review:
        """`release` off the event loop."""
        return await aperform(self._release(review_id, by, channel), self._office.executor)

    async def adefer(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        until: datetime | timedelta | str | None = None,
        comment: str | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """`defer` off the event loop."""
        steps = self._defer(review_id, by, Defer(until, comment), channel)
        return await aperform(steps, self._office.executor)

    async def aescalate(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        reason: str | None = None,
        to: str | None = None,
        channel: Channel = "inbox",
    ) -> Review:
        """`escalate` off the event loop."""
        steps = self._escalate(review_id, by, Escalate(reason, to=to), channel)
        return await aperform(steps, self._office.executor)

    def _claim(
        self, review_id: str, by: Reviewer | str, length: timedelta | str, channel: Channel
    ) -> Steps[Review]:
        return self._attended(
            review_id, by, channel, lambda who: partial(who.claim, review_id, length)
        )

    def _release(self, review_id: str, by: Reviewer | str, channel: Channel) -> Steps[Review]:
        return self._attended(review_id, by, channel, lambda who: partial(who.release, review_id))

    def _defer(
        self, review_id: str, by: Reviewer | str, decision: Defer, channel: Channel
    ) -> Steps[Review]:
        check.words(decision.comment, "comment=")
        return self._attended(
            review_id, by, channel, lambda who: partial(who.defer, review_id, decision)
        )

    def _escalate(
        self, review_id: str, by: Reviewer | str, decision: Escalate, channel: Channel
    ) -> Steps[Review]:
        check.words(decision.reason, "reason=")
        check.words(decision.to, "to=")
        return self._attended(
            review_id,
            by,
            channel,
            lambda who: partial(who.escalate, review_id, decision),
            to=decision.to,
        )

    def _attended(
        self,
        review_id: str,
        by: Reviewer | str,
        channel: Channel,
        act: Callable[[Attending], Callable[[], Cast]],
        to: str | None = None,
    ) -> Steps[Review]:
        how: Manner = manner(by, self._resume, channel)
        who = Attending(
            office=self._office, by=how.by, channel=channel, needs_graph=how.resume == "now"
        )
        return attend(self._office, review_id, how, act(who), to)
