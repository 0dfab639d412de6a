"""`Keeping`: the part of a transaction that removes what need not be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger import audit, reviews, runs, settlements, transitions, votes
from langgraph_hitl.inbox._ledger.audit import Entry, Trail
from langgraph_hitl.inbox._ledger.blackening import RUN_ROOTS, paths_of
from langgraph_hitl.inbox._ledger.fields import redact_fields, redact_run_fields
from langgraph_hitl.inbox._ledger.place import PLACED, place_digest
from langgraph_hitl.inbox._ledger.rows_hold import REDACTED
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import Clock
from langgraph_hitl.inbox.supervised_run import OVER, SupervisedRun

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
        self._check_key()
        self._check_over(review_id)
        digests = redact_fields(self._session, review_id, paths, token=self._trail.token)
        transitions.forget_error(self._session, review_id)
        content = {"fields": sorted(set(fields)), "contents": digests}
        self._redacted(review_id, actor, reason, content)

    def redact_run(self, run_id: str, *, actor: str, reason: str) -> None:
        """Remove what supervisors and errors have said of a run, and what was changed in its state.

        Raises:
            InboxError: It is not over.
        """
        run = self._run_over(run_id)
        runs.forget(self._session, run, reason=None, error=None)
        audit.redact(self._session, run_id)
        self._redacted(run_id, actor, reason, None)

    def redact_run_fields(
        self, run_id: str, fields: Sequence[str], *, actor: str, reason: str
    ) -> None:
        """Remove the fields of these names from the changes of its state, and what repeats them.

        Raises:
            InboxError: As `redact_fields`.
        """
        paths = paths_of(fields, RUN_ROOTS)
        self._check_key()
        run = self._run_over(run_id)
        digests = redact_run_fields(self._session, run, paths, token=self._trail.token)
        content = {"fields": sorted(set(fields)), "contents": digests}
        self._redacted(run_id, actor, reason, content)

    def _check_key(self) -> None:
        if self._trail.seal.key is None:
            raise InboxError(
                "Single fields are redacted only in an inbox that is opened with audit_key=; "
                "without fields= all of the content is removed"
            )

    def _run_over(self, run_id: str) -> SupervisedRun:
        run = runs.get(self._session, run_id, lock=True)
        if run is None:
            raise InboxError(f"No run has the id {run_id!r}")
        if run.status not in OVER:
            raise InboxError(
                f"The thread {run.thread_id!r} is {run.status}, and what was said of it may still "
                f"be needed; it can be removed when it is {', '.join(OVER)}. inbox.stop ends it"
            )
        if run.steers:
            raise InboxError(
                f"The thread {run.thread_id!r} has not gone on with what a supervisor has changed; "
                "run it, or end it with inbox.stop"
            )
        return run

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
