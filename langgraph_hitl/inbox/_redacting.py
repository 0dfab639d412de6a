"""`Redacting`: what is removed for good, while the audit still tells that it was there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.errors import GateError, InboxError, NotAuthorised, UnknownReview
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._staff import Roll

if TYPE_CHECKING:
    from langgraph_hitl.review.reviewer import Reviewer

PAGE = 100

_NOBODY = "nobody may redact here: Inbox.open(url, redacts=...) names who may"


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

        With the id of a supervised run (`inbox.run(thread).id`) that is what supervisors wrote, how
        they changed its state, and its error. Who supervises it stays.

        Ids, names, outcomes, times and digests stay, and the audit still verifies. What later
        requests have shown of it as a precedent (`similar=`) stays with them until they are
        redacted too.

        The checkpoints of the graph are left as they are, with the subject, the context and the
        question. `app.checkpointer.delete_thread(thread_id)` removes all of a thread: when its
        state has no `next` and no `tasks`, and `pending(thread=)` is empty; else what was decided
        is never carried out.

        Only those may whom `Inbox.open(..., redacts=...)` names. Where it names nobody, an inbox
        that has no directory believes its caller, and one whose graphs have one refuses everybody.

        Args:
            review_id: Of a review that is over, or of a run that is `finished`, `failed`, `left` or
                `stopped`.
            by: Who removes it; the inbox trusts the caller to have authenticated this person.
            reason: Why.
            fields: Only these: `context.iban`, `subject.account`, `decision.comment`,
                `result.receipt` (of `executed`); of a run `update.draft`. What repeats them goes
                too: texts that contain them, differences, and what clients and waiting graphs are
                given. The digest of the subject stays. It takes an inbox with `audit_key=`: what is
                left is committed to anew, and without a key anybody could.

        Raises:
            InboxError: The review is not over, so that somebody still needs its content; a field is
                nowhere; or there is no key.
            NotAuthorised: This person may not redact; nothing was removed.
            UnknownReview: There is none with this id.
        """
        who, why = person(by, "by="), _reason(reason)
        roll = self._office.roll()
        with self._office.ledger.transaction() as tx:
            needed = _refusal(self._office, who, self._office.still(tx, roll))
            is_run = tx.get(review_id) is None
            if is_run and tx.run_to_hold(review_id) is None:
                raise UnknownReview(review_id)
            whole = tx.redact_run if is_run else tx.redact
            named = tx.redact_run_fields if is_run else tx.redact_fields
            if needed is not None:
                tx.note(review_id, "refused", actor=who.id, channel="inbox", reason=needed)
            elif fields is None:
                whole(review_id, actor=who.id, reason=why)
            else:
                named(review_id, fields, actor=who.id, reason=why)
        if needed is not None:
            raise NotAuthorised(review_id, by=who.id, needed=needed, act="redact")

    def retain(
        self, *, older_than: timedelta | str, by: Reviewer | str, reason: str | None = None
    ) -> int:
        """Redact each review and run that is over and had nothing happen for so long; how many.

        That it was asked, who decided what, and when, stays; and so do the graphs' checkpoints, as
        with `redact`.

        Args:
            older_than: Such as `365d`.
            by: Who wants it.
            reason: Why; the length of time without it.

        Raises `InboxError` and `NotAuthorised` as `redact`, also where nothing is old enough, and
        `InboxError` for what is no duration.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").retain(older_than="365d", by="privacy")
        0
        """
        try:
            span = duration_of(older_than, "older_than=")
        except GateError as error:
            raise InboxError(str(error)) from None
        by = person(by, "by=")
        why = f"older than {duration_text(span)}" if reason is None else _reason(reason)
        before, count = self._office.clock() - span, 0
        for found in self._kept(before):
            self.redact(found, by=by, reason=why)
            count += 1
        if not count:
            self._check_may(by)
        return count

    def _kept(self, before: datetime) -> Iterator[str]:
        """The ids of reviews, then of runs, page by page."""
        for of_runs in (False, True):
            after: str | None = ""
            while after is not None:
                with self._office.ledger.looking() as rx:
                    kept = rx.runs_kept if of_runs else rx.kept
                    page = kept(before, after=after, limit=PAGE)
                yield from page
                after = page[-1] if len(page) == PAGE else None

    def _check_may(self, by: Reviewer) -> None:
        """Raises `NotAuthorised` where there is no review whose audit could tell of it."""
        needed = _refusal(self._office, by, self._office.roll())
        if needed is not None:
            raise NotAuthorised("", by=by.id, needed=needed, act="redact anything")

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


def _refusal(office: Office, who: Reviewer, roll: Roll | None) -> str | None:
    """Why somebody may not redact; of a person whom a directory knows, by what that says."""
    panel = office.redacts
    if panel is None:
        return None if roll is None else roll.problem or _NOBODY
    if roll is None:
        return panel.refusal(who)
    keys = roll.keys(who.id, office.clock())
    if not keys:
        return roll.problem or f"{who.id!r} is nobody in the directory, or is away"
    return None if not {*keys}.isdisjoint(panel.eligible_keys) else f"it takes {panel.rule}"


def _reason(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InboxError(f"reason= is a text that says why, not {str(given)[:40]!r}")
    return given
