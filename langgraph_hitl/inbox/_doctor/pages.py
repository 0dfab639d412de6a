"""Pages of reviews that are open: somebody has to decide them, or a graph to follow."""

from __future__ import annotations

from collections.abc import Iterator

from langgraph_hitl.inbox._ledger.query import cursor
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox.review import Review

SIZE = 500


def pending_pages(office: Office) -> Iterator[list[Review]]:
    """All pending reviews, the oldest first, without their contents."""
    after: str | None = None
    while True:
        with office.ledger.reading() as rx:
            page = rx.pending(order="oldest", limit=SIZE, after=after, content=False)
        if page:
            yield page
        if len(page) < SIZE:
            return
        after = cursor(page[-1], "oldest")


def open_pages(office: Office) -> Iterator[list[Review]]:
    """These, then all others whose graph has still to go on."""
    yield from pending_pages(office)
    after: str | None = None
    while True:
        with office.ledger.reading() as rx:
            page = rx.wakeful(after=after, limit=SIZE)
        if not page:
            return
        yield [review for review in page if review.status != "pending"]
        after = page[-1].id


def read(office: Office, review_id: str) -> Review | None:
    """A review as it is now."""
    with office.ledger.reading() as rx:
        return rx.get(review_id)
