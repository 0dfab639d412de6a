"""A model that says what it is told to, and a thread of its rounds with people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import pending, resume
from langgraph_hitl.review import Decision, ReviewRequest
from tests.drivers import App, Builder
from tests.paused import new_thread


class Told:
    """Says what it is told to, round by round; the last one again and again."""

    def __init__(self, *rounds: Any) -> None:
        self.rounds = rounds
        self.asked: list[dict[str, Any]] = []

    def __call__(self, given: dict[str, Any]) -> Any:
        self.asked.append(given)
        return self.rounds[min(given["round"], len(self.rounds)) - 1]


class Thread:
    """A thread on SQLite, of which every call has a graph of its own."""

    def __init__(self, folder: Path, build: Callable[[], Builder]) -> None:
        self.place, self.config = str(folder / "threads.db"), new_thread()
        self.build = build

    def run(self, work: Callable[[App], Any]) -> Any:
        with SqliteSaver.from_conn_string(self.place) as saver:
            return work(self.build().compile(checkpointer=saver))

    def send(self, given: Any) -> dict[str, Any]:
        return dict(self.run(lambda app: app.invoke(given, self.config)))

    def say(self, decision: Decision, by: str = "maria") -> dict[str, Any]:
        return self.send(resume(self.request, decision, by=by))

    @property
    def requests(self) -> list[ReviewRequest]:
        return list(self.run(lambda app: pending(app, self.config)))

    @property
    def request(self) -> ReviewRequest:
        (request,) = self.requests
        return request

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.run(lambda app: app.get_state(self.config).values))


def noting(name: str) -> Any:
    """A node that says that it ran."""
    return lambda _: {"went": name}
