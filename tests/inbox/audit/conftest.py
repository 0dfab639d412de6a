"""An inbox in memory with the books of a week in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from langgraph_hitl.inbox import Inbox
from langgraph_hitl.inbox._ledger.ledger import Ledger
from tests.inbox.ledgers import MONDAY, filing, settlement

DAY = timedelta(days=1)


class Week:
    """A ledger whose clock stands at a moment until it is put to another."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.ledger: Ledger = inbox._office.ledger

    def decide(self, review_id: str, day: int = 0, **decided: object) -> None:
        """File a review on Monday morning, and decide it so many days later."""
        at = MONDAY + day * DAY
        shown = filing(review_id, request={"subject": "a", "context": {}})
        with self.ledger.transaction() as tx:
            tx.file(shown)
        with self.ledger.transaction() as tx:
            tx.settle(settlement(review_id, at=at, **decided))
            tx.apply([(review_id, 0, str(decided.get("outcome", "approved")), None)])


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:", clock=lambda: MONDAY) as opened:
        yield opened


@pytest.fixture
def week(inbox: Inbox) -> Week:
    return Week(inbox)
