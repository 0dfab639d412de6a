"""`Assigning`: the part of `Inbox` by which people say whose turn it is."""

from __future__ import annotations

from langgraph_hitl.inbox._attend import Attending
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._run.decide import Resume, attend, manner
from langgraph_hitl.inbox._run.steps import Steps, aperform, perform
from langgraph_hitl.inbox.review import Channel, Review
from langgraph_hitl.review.reviewer import Reviewer


class Assigning:
    """`assign` and its asynchronous twin."""

    _office: Office
    _resume: Resume

    def assign(
        self,
        review_id: str,
        *,
        to: Reviewer | str | None,
        by: Reviewer | str,
        channel: Channel = "inbox",
    ) -> Review:
        """Say whose turn a review is: `pending(assigned=...)` lists it for them.

        It forbids nobody else to decide it. What somebody was given by hand stays with them while
        they are there, also where the inbox assigns by itself.

        Args:
            review_id: From `pending`.
            to: Who gets it, and may decide it; None hands it back to everybody.
            by: Who says so, and may decide it too.
            channel: Where it came from, for the audit.

        Raises `NotAuthorised` where one of them may not decide it, and as `decide` does.

        ```python
        inbox.assign(review.id, to="cem", by=maria)
        ```
        """
        return perform(self._assigned(review_id, to, by, channel))

    async def aassign(
        self,
        review_id: str,
        *,
        to: Reviewer | str | None,
        by: Reviewer | str,
        channel: Channel = "inbox",
    ) -> Review:
        """`assign` off the event loop."""
        return await aperform(self._assigned(review_id, to, by, channel), self._office.executor)

    def _assigned(
        self, review_id: str, to: Reviewer | str | None, by: Reviewer | str, channel: Channel
    ) -> Steps[Review]:
        how = manner(by, self._resume, channel)
        who = Attending(
            office=self._office, by=how.by, channel=channel, needs_graph=how.resume == "now"
        )
        taker = None if to is None else person(to, "to=")
        return attend(self._office, review_id, how, lambda: who.assign(review_id, taker))
