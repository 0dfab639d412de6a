"""Ledgers of every kind, and what is put into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal, get_args

from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox.review import Ballot, Filing, Settlement

LedgerKind = Literal["file", "memory", "postgresql"]
LEDGER_KINDS: tuple[LedgerKind, ...] = get_args(LedgerKind)

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
APPROVE: dict[str, Any] = {"type": "approve"}


@dataclass
class Ticking:
    """A clock that goes on by one second at every look, or is put to another time."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Salts:
    """Salts that are the same in every run."""

    numbers: Any = field(default_factory=count)

    def __call__(self) -> str:
        return f"{next(self.numbers):064x}"


@dataclass(frozen=True)
class LedgerPlace:
    """Where a ledger is; every `open` is what another process would open."""

    kind: LedgerKind
    url: str

    def open(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        point: Callable[[str], None] = lambda _name: None,
    ) -> Ledger:
        return Ledger.open(self.url, clock=clock or Ticking(), token=Salts(), point=point)


def filing(review_id: str = "r1", **changes: Any) -> Filing:
    """A filing of a post, with what a test says about it."""
    usual: dict[str, Any] = {
        "review_id": review_id,
        "graph": "blog",
        "thread_id": f"thread-{review_id}",
        "gate": "desk|manager",
        "root_checkpoint": "checkpoint-1",
        "kind": "human_approval",
        "action": "publish_post",
        "round": 0,
        "digest": "sha256:aa",
        "request": {"subject": f"The text of {review_id}."},
    }
    return Filing(**usual | changes)


def ballot(review_id: str = "r1", voter: str = "maria", **changes: Any) -> Ballot:
    usual: dict[str, Any] = {
        "review_id": review_id,
        "round": 0,
        "voter": voter,
        "roles": ("editors",),
        "decision": APPROVE,
        "at": MONDAY,
        "channel": "inbox",
    }
    return Ballot(**usual | changes)


def settlement(review_id: str = "r1", **changes: Any) -> Settlement:
    usual: dict[str, Any] = {
        "review_id": review_id,
        "round": 0,
        "digest": "sha256:aa",
        "decision": APPROVE,
        "outcome": "approved",
        "by": "maria",
        "at": MONDAY,
        "channel": "inbox",
    }
    return Settlement(**usual | changes)


def events(ledger: Ledger, review_id: str = "r1") -> list[str]:
    """The events of a review, the oldest first."""
    with ledger.reading() as rx:
        return [row.event for row in rx.history(review_id)]


def pending_ids(ledger: Ledger, **filters: Any) -> list[str]:
    with ledger.reading() as rx:
        return [review.id for review in rx.pending(**filters)]


def holds(ledger: Ledger) -> bool:
    """Whether the audit is whole and the tables agree with it."""
    with ledger.reading() as rx:
        found = rx.verify()
    assert found, found.problem
    return True
