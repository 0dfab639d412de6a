"""Opening an audit with its key, beginning one with a key, and changing the key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger import audit
from langgraph_hitl.inbox._ledger.audit import Entry, Seal
from langgraph_hitl.inbox._ledger.seal import ABOUT, SEALED, Key, Keys

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.transaction import Session, Transactions

_SYSTEM = "system:inbox"


def sealed_with(
    transactions: Transactions,
    keys: Keys,
    *,
    now: Callable[[], datetime],
    token: Callable[[], str],
    by: str | None = None,
) -> Seal:
    """The seal under which rows are written from now on.

    An empty audit begins with the key. One that is kept with an older key of these goes on with the
    newest. One that was begun without a key is refused: whoever can write to the database could
    have written it, with nobody to notice. `by` is who answers for it all the same.

    Raises:
        InboxError: The audit is kept with another key, or without one.
    """
    with transactions.look() as session:
        found = _holding(session, keys)
    if found is not None:
        return found
    with transactions.write() as session:
        audit.lock(session)  # another process may have been first
        found = _holding(session, keys)
        if found is not None:
            return found
        if by is None and audit.last(session).seq > 0 and audit.sealed(session) is None:
            raise InboxError(
                "The audit of this inbox was begun without a key, and rows of it may be anybody's. "
                "Look at them (langgraph-hitl verify), then let the key hold from now on: "
                "langgraph-hitl audit seal"
            )
        return audit.seal(session, _entry(keys[0], by or _SYSTEM, now()), keys[0], salt=token())


def _holding(session: Session, keys: Keys) -> Seal | None:
    """The seal that holds; None where the newest key has still to be put on."""
    row = audit.sealed(session)
    if row is None:
        return None if keys else Seal()
    told = audit.key_in(row)
    if not keys:
        raise InboxError(
            f"The audit of this inbox is kept with a key ({told}); give it as audit_key=, or to "
            "the command line as HITL_AUDIT_KEY"
        )
    holds = next((key for key in keys if key.id == told), None)
    if holds is None or row.hash != audit.hash_of(row, holds):
        raise InboxError(
            f"The audit of this inbox is kept with the key {told}, and audit_key= is another "
            f"({keys[0].id}); the command line has it from HITL_AUDIT_KEY"
        )
    return Seal(holds, row.seq) if holds == keys[0] else None


def _entry(key: Key, by: str, at: datetime) -> Entry:
    return Entry(
        review_id=ABOUT,
        event=SEALED,
        actor=by,
        at=at,
        channel="inbox",
        content={"key": key.id},
    )
