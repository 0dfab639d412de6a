"""`House`: inboxes on one place, and what happens there without any graph."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from langgraph_hitl import Inbox
from langgraph_hitl.inbox import Notice
from tests.inbox.ledgers import LedgerPlace, filing, settlement

DEADLINE = "system:deadline"


class House:
    """Inboxes on one place; `inbox` is one that nobody hears."""

    def __init__(self, place: LedgerPlace) -> None:
        self.place = place
        self._stack = ExitStack()
        self.inbox = self.open()

    def open(self, notify: Any = None, **options: Any) -> Inbox:
        return self._stack.enter_context(Inbox.open(self.place.url, notify=notify, **options))

    def close(self) -> None:
        self._stack.close()

    def file(self, *ids: str, **changes: Any) -> None:
        for review_id in ids:
            with self.inbox._office.ledger.transaction() as tx:
                tx.file(filing(review_id, **changes), wake=False)

    def note(self, event: str, review_id: str = "r1", **more: Any) -> None:
        usual: dict[str, Any] = {"actor": DEADLINE, "channel": "worker"}
        with self.inbox._office.ledger.transaction() as tx:
            tx.note(review_id, event, **usual | more)

    def settle(self, review_id: str = "r1", **changes: Any) -> None:
        with self.inbox._office.ledger.transaction() as tx:
            assert tx.settle(settlement(review_id, **changes))

    def events(self, review_id: str = "r1") -> list[str]:
        return [row.event for row in self.inbox.history(review_id)]


def told(notices: list[Notice]) -> list[tuple[str, str]]:
    return [(notice.event, notice.review_id) for notice in notices]


def asked(*ids: str) -> list[tuple[str, str]]:
    return [("asked", review_id) for review_id in ids]
