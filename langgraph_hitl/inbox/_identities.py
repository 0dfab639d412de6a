"""`Identities`: the part of `Inbox` that says whether a directory is needed."""

from __future__ import annotations

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._run.steps import Call, Steps, aperform, perform
from langgraph_hitl.review.reviewer import Reviewer


class Identities:
    """`waive_people` and its asynchronous twin."""

    _office: Office

    def waive_people(self, *, by: Reviewer | str, reason: str) -> None:
        """Let inboxes that are opened without `people=` believe again what `by=` says.

        Nobody is believed there once a graph was registered with an inbox that has `people=`. When
        you take the directory away for good, do this with an inbox that still has it; it is
        audited. Registering a graph with `people=` ends it.

        Args:
            by: Who answers for it: somebody in the directory who is there.
            reason: Why, for the audit.

        Raises `InboxError` without `people=`, for anybody else, and for a blank reason.

        ```python
        with Inbox.open(url, people=staff) as inbox:
            inbox.waive_people(by="maria", reason="the gateway authenticates everybody now")
        ```
        """
        perform(self._waived(by, reason))

    async def awaive_people(self, *, by: Reviewer | str, reason: str) -> None:
        """`waive_people` off the event loop."""
        await aperform(self._waived(by, reason), self._office.executor)

    def _waived(self, by: Reviewer | str, reason: str) -> Steps[None]:
        who = person(by, "by=").id
        if not isinstance(reason, str) or is_blank(reason):
            raise InboxError("waive_people needs a reason, which the audit keeps")
        yield Call(lambda: self._office.waive_directory(who, reason))
