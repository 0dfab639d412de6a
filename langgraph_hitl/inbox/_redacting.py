"""`Redacting`: what is removed for good, while the audit still tells that it was there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.errors import GateError, InboxError, UnknownReview
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._person import person

if TYPE_CHECKING:
    from langgraph_hitl.review.reviewer import Reviewer

PAGE = 100


class Redacting:
    """The part of `Inbox` that forgets."""

    _office: Office

    def redact(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        reason: str,
        fields: Sequence[str] | None = None,
    ) -> None:
        """Remove what a review showed and what people wrote about it, and say who wanted it.

        Ids, names, outcomes, times and digests stay, and the audit still verifies.

        Args:
            review_id: Of a review that is over.
            by: Who removes it.
            reason: Why.
            fields: Only these: `context.iban`, `subject.account`, `decision.comment`,
                `result.receipt` (of `executed`). What repeats them goes too: texts that contain
                them, differences, and what clients and waiting graphs are given. The digest of the
                subject stays. It takes an inbox with `audit_key=`: what is left is committed to
                anew, and without a key anybody could.

        Raises:
            InboxError: The review is not over, so that somebody still needs its content; a field is
                nowhere; or there is no key.
            UnknownReview: There is none with this id.
        """
        actor, why = person(by, "by=").id, _reason(reason)
        with self._office.ledger.transaction() as tx:
            if tx.get(review_id) is None:
                raise UnknownReview(review_id)
            if fields is None:
                tx.redact(review_id, actor=actor, reason=why)
            else:
                tx.redact_fields(review_id, fields, actor=actor, reason=why)

    def retain(
        self, *, older_than: timedelta | str, by: Reviewer | str, reason: str | None = None
    ) -> int:
        """Redact every review that is over, and to which nothing happened for so long; how many.

        That it was asked, who decided what, and when, stays.

        Args:
            older_than: Such as `365d`.
            by: Who wants it.
            reason: Why; the length of time without it.

        Raises `InboxError` as `redact`, and for what is no duration.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").retain(older_than="365d", by="privacy")
        0
        """
        try:
            span = duration_of(older_than, "older_than=")
        except GateError as error:
            raise InboxError(str(error)) from None
        why = f"older than {duration_text(span)}" if reason is None else _reason(reason)
        before, after, count = self._office.clock() - span, "", 0
        while True:
            with self._office.ledger.looking() as rx:
                page = rx.kept(before, after=after, limit=PAGE)
            for review_id in page:
                self.redact(review_id, by=by, reason=why)
                count += 1
            if len(page) < PAGE:
                return count
            after = page[-1]

    async def aredact(
        self,
        review_id: str,
        *,
        by: Reviewer | str,
        reason: str,
        fields: Sequence[str] | None = None,
    ) -> None:
        """`redact` off the event loop."""
        removing = partial(self.redact, review_id, by=by, reason=reason, fields=fields)
        await asyncio.get_running_loop().run_in_executor(self._office.executor, removing)

    async def aretain(
        self, *, older_than: timedelta | str, by: Reviewer | str, reason: str | None = None
    ) -> int:
        """`retain` off the event loop."""
        removing = partial(self.retain, older_than=older_than, by=by, reason=reason)
        return await asyncio.get_running_loop().run_in_executor(self._office.executor, removing)


def _reason(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InboxError(f"reason= is a text that says why, not {str(given)[:40]!r}")
    return given
