"""`seal_audit`: an audit that was begun without a key, from now on with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl.errors import InboxError, MissingExtra
from langgraph_hitl.inbox._ledger.seal import AuditKey, keys_of
from langgraph_hitl.inbox._person import person

if TYPE_CHECKING:
    from langgraph_hitl.review.reviewer import Reviewer


def seal_audit(
    url: str, *, audit_key: AuditKey, by: Reviewer | str, clock: Clock = system_clock
) -> str:
    """Let a key hold in an inbox that has none yet; gives the head of its audit, to be kept.

    The key protects what is written from now on, and that nothing before it is changed any more. It
    cannot tell whether somebody wrote that anew earlier: look at it before. Every process opens the
    inbox again afterwards, with `audit_key=`.

    Args:
        url: Of the inbox, as in `Inbox.open`.
        audit_key: As in `Inbox.open`.
        by: Who answers for what is there.

    Raises:
        InboxError: The audit is not whole, or is kept with another key; or there is no key.

    ```python
    seal_audit("sqlite:///reviews.db", audit_key=os.environ["HITL_AUDIT_KEY"], by="maria")
    ```
    """
    try:
        from langgraph_hitl.inbox._ledger.ledger import Ledger
    except ModuleNotFoundError as error:
        raise MissingExtra("An inbox", extra="inbox") from error
    keys, who = keys_of(audit_key), person(by, "by=").id
    if not keys:
        raise InboxError("audit_key= is missing; secrets.token_hex(32) makes one")
    ledger = Ledger.open(url, clock=clock)
    try:
        with ledger.reading() as rx:
            found = rx.verify()
        if not found:
            raise InboxError(f"The audit is not whole, and cannot be sealed: {found.problem}")
        ledger.seal(keys, by=who)
        with ledger.looking() as rx:
            return str(rx.head())
    finally:
        ledger.close()
