"""Inboxes and threads in memory."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Inbox, Reviewer
from langgraph_hitl.inbox import Review
from langgraph_hitl.testing import FixedClock

OPS = Reviewer("olga", roles=("ops",))
EVE = Reviewer("eve")


class Watched:
    """An inbox in memory, and graphs that it watches."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.inbox = Inbox.open("sqlite:///:memory:", clock=self.clock)
        self.saver = InMemorySaver()

    def watch(self, builder: Any, name: str = "graph", **options: Any) -> Any:
        return self.inbox.watch(builder.compile(checkpointer=self.saver), name, **options)

    def pending(self) -> dict[Any, Review]:
        """What waits, by a text of its subject."""
        return {str(review.request["subject"]): review for review in self.inbox.pending()}

    def events(self, review: Review) -> list[str]:
        return [row.event for row in self.inbox.history(review.id)]


def thread() -> RunnableConfig:
    return {"configurable": {"thread_id": uuid.uuid4().hex}}


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    yield made
    assert made.inbox.verify()
    made.inbox.close()


@pytest.fixture
def postgres_uri(postgres_uri: str) -> str:
    """The database of this worker, without threads of other tests."""
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        for table in ("checkpoints", "checkpoint_writes", "checkpoint_blobs"):
            if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,):
                connection.execute(f"TRUNCATE {table}".encode())
    return postgres_uri


@pytest.fixture
def ran() -> Callable[[Any, RunnableConfig], list[Any]]:
    def values(app: Any, config: RunnableConfig) -> list[Any]:
        return list(app.get_state(config).values.get("ran", ()))

    return values
