"""`Keeping`: the part of a transaction that removes what need not be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger import audit, reviews, settlements, transitions, votes
from langgraph_hitl.inbox._ledger.audit import Entry, Trail
from langgraph_hitl.inbox._ledger.blackening import paths_of
from langgraph_hitl.inbox._ledger.fields import redact_fields
from langgraph_hitl.inbox._ledger.place import PLACED, place_digest
from langgraph_hitl.inbox._ledger.rows_hold import REDACTED
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import Clock

_PLACE = Sql(f"SELECT {', '.join(PLACED)} FROM hitl_reviews WHERE id = :review_id")  # noqa: S608


class Keeping:
    """Removal of contents. Facts and digests stay, and a row of the audit says what went."""

    _session: Session
    _trail: Trail
    _clock: Clock

    def redact(self, review_id: str, *, actor: str, reason: str) -> None:
        """Remove what a review showed and what people wrote; digests, names and times stay.

        Raises:
            InboxError: The review is not over, so that somebody still needs its content.
        """
        self._check_over(review_id)
        for table in (reviews, votes, settlements):
            table.drop_content(self._session, review_id)
        transitions.forget_error(self._session, review_id)
        audit.redact(self._session, review_id)
        row = self._session.row(_PLACE, review_id=review_id)
        assert row is not None
        # What told it was removed with the content of the rows before.
        place = place_digest(dict(zip(PLACED, row, strict=True)))
        self._redacted(review_id, actor, reason, None, digest=place)

    def redact_fields(
        self, review_id: str, fields: Sequence[str], *, actor: str, reason: str
    ) -> None:
        """Remove the fields of these names only.

        Raises:
            InboxError: As `redact`; a field is nowhere; or the audit has no key.
        """
        paths = paths_of(fields)
        if self._trail.seal.key is None:
            raise InboxError(
                "Single fields are redacted only in an inbox that is opened with audit_key=; "
                "without fields= all of the content of the review is removed"
            )
        self._check_over(review_id)
        digests = redact_fields(self._session, review_id, paths, token=self._trail.token)
        transitions.forget_error(self._session, review_id)
        content = {"fields": sorted(set(fields)), "contents": digests}
        self._redacted(review_id, actor, reason, content)

    def _check_over(self, review_id: str) -> None:
        stored = reviews.get(self._session, review_id, lock=True)
        if stored is None:
            raise InboxError(f"No review has the id {review_id!r}")
        if stored.status in ("pending", "settled") or stored.wake:
            raise InboxError(
                f"Review {review_id} is {stored.status}, and its graph still needs the content; "
                "it can be removed when the review is over"
            )

    def _redacted(
        self, review_id: str, actor: str, reason: str, content: Any, *, digest: str | None = None
    ) -> None:
        self._trail.add(
            Entry(
                review_id=review_id,
                event=REDACTED,
                actor=actor,
                at=self._clock(),
                channel="inbox",
                digest=digest,
                reason=reason,
                content=content,
            )
        )
