"""`matching`: the reviews whose id begins in one way."""

from __future__ import annotations

from langgraph_hitl.inbox.inbox import Inbox

_SHOWN = 10


def matching(inbox: Inbox, beginning: str) -> list[str]:
    """At most ten ids, in order; the id itself alone, where it is one."""
    with inbox._office.ledger.reading() as rx:
        found = rx.ids(beginning, limit=_SHOWN)
    return [beginning] if beginning in found else found
