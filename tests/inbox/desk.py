"""`Desk`: an inbox and a saver on one kind of database, for tests of what people and graphs do."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl import Inbox, Reviewer
from langgraph_hitl.inbox import Review
from tests.drivers import App, Build
from tests.savers import Saver, SaverName, opened

MARIA = Reviewer("maria", roles=("editors", "security"))
JO = Reviewer("jo", roles=("editors", "security"))
EVE = Reviewer("eve")


class Desk:
    """Opens inbox and saver again and again on the same place; every graph object is fresh."""

    def __init__(self, saver: SaverName, place: Any, url: str) -> None:
        self._saver_name: SaverName = saver
        self._place = place
        self._url = url
        self._stack = ExitStack()
        self.inbox: Inbox
        self.saver: Saver
        self.open()

    def open(self) -> None:
        """Inbox and saver on new connections, as a new process has them."""
        self._stack.close()
        self._stack = ExitStack()
        self.inbox = self._stack.enter_context(Inbox.open(self._url))
        self.saver = self._stack.enter_context(opened(self._saver_name, self._place))

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def bare(self, build: Build) -> App:
        """The compiled graph, not registered."""
        return build().compile(checkpointer=self.saver)

    def app(self, build: Build, name: str = "graph") -> App:
        """The compiled graph, registered."""
        return self.inbox.register(self.bare(build), name)

    def ask(self, app: App, given: dict[str, Any] | None = None) -> Question:
        """Run a new thread until it waits."""
        thread = uuid.uuid4().hex
        config: RunnableConfig = {"configurable": {"thread_id": thread}}
        app.invoke(given or {"draft": "Hello"}, config)
        return Question(self, app, config, thread)


class Question:
    """A thread that waits."""

    def __init__(self, desk: Desk, app: App, config: RunnableConfig, thread: str) -> None:
        self.desk = desk
        self.app = app
        self.config = config
        self.thread = thread

    @property
    def reviews(self) -> list[Review]:
        """What waits on the thread."""
        return self.desk.inbox.pending(thread=self.thread)

    @property
    def review(self) -> Review:
        """The one review that waits."""
        (review,) = self.reviews
        return review

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = self.app.get_state(self.config).values
        return values

    @property
    def ran(self) -> list[str]:
        """What the graph's own nodes noted."""
        return list(self.values.get("ran", ()))

    @property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = self.values["review"]
        return record

    def events(self, review_id: str) -> list[str]:
        """What the audit has of a review."""
        return [row.event for row in self.desk.inbox.history(review_id)]


def on_sqlite(folder: Path) -> Desk:
    """Two files."""
    return Desk("sqlite", str(folder / "threads.db"), f"sqlite:///{folder / 'reviews.db'}")


def on_postgres(saver_uri: str, ledger_url: str) -> Desk:
    """Two databases of one server."""
    return Desk("postgres", saver_uri, ledger_url)
