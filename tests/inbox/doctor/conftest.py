"""A clinic: an inbox, a saver, a graph, and processes that die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Inbox, add_review, human_approval
from langgraph_hitl.inbox import Review
from langgraph_hitl.inbox._doctor.finding import DoctorReport, Finding
from langgraph_hitl.testing import FailPoints
from tests import postgres
from tests.apps import State, noting
from tests.drivers import App, Builder
from tests.savers import Saver, SaverName, opened


class Dead(BaseException):
    """What a process that dies raises here."""


class ShiftedClock:
    """The clock of this machine, and so of the database, unless it is shifted."""

    shift = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


def nothing() -> None:
    """A node that does no harm."""


class Clinic:
    """Opens inbox and saver again and again on one place, as new processes do."""

    def __init__(self, saver: SaverName, place: Any, url: str) -> None:
        self._saver_name: SaverName = saver
        self._place = place
        self._url = url
        self._stack = ExitStack()
        self.clock = ShiftedClock()
        self.open()

    def open(self) -> None:
        """A new process."""
        self.close()
        self.points = FailPoints()
        self.inbox = Inbox.open(self._url, clock=self.clock, point=self.points, patience=0.05)
        self._stack.callback(self.inbox.close)
        self.saver: Saver = self._stack.enter_context(opened(self._saver_name, self._place))

    def close(self) -> None:
        self._stack.close()

    def graph(self, name: str = "graph", act: Callable[[], None] = nothing) -> App:
        """A gate, and what it lets run."""
        return gated(self.inbox, self.saver, name, act)

    def waiting(self, thread: str = "t", **options: Any) -> tuple[App, Review]:
        """A graph with a thread that waits."""
        app = self.graph(**options)
        app.invoke({"draft": "Hello"}, at(thread))
        return app, self.inbox.pending(thread=thread)[0]

    def dies(self, point: str, call: Callable[[], object]) -> None:
        """The process dies at a point of the call; the next one has registered nothing."""
        self.points.fail_at(point, error=Dead())
        with suppress(Dead):
            call()
        self.open()

    def found(self, *, repair: bool = False) -> list[Finding]:
        """What needs a cure."""
        report = self.inbox.doctor(repair=repair)
        return wrong(report)

    def only(self, *, repair: bool = False) -> Finding:
        """The one thing that needs a cure."""
        (finding,) = self.found(repair=repair)
        return finding

    def about(self, review: Review, *, repair: bool = False) -> Finding:
        """The one thing that is told of a review, also where it needs no cure."""
        report = self.inbox.doctor(repair=repair)
        (finding,) = [one for one in report.findings if one.review_id == review.id]
        return finding

    def is_healthy(self) -> bool:
        return self.inbox.doctor().healthy


def gated(
    inbox: Inbox, saver: Saver, name: str = "graph", act: Callable[[], None] = nothing
) -> App:
    """A gate, and what it lets run, registered."""
    builder: Builder = StateGraph(State)
    add_review(builder, "gate", human_approval("draft", inbox=inbox), approved="act", rejected=END)
    builder.add_node("act", noting("act", act))
    builder.add_edge(START, "gate")
    return inbox.register(builder.compile(checkpointer=saver), name)


def wrong(report: DoctorReport) -> list[Finding]:
    return [finding for finding in report.findings if not finding.informational]


def at(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


@pytest.fixture(scope="session")
def doctor_uri(worker_id: str) -> Iterator[str]:
    """A database of its own: the doctor reads every thread that it finds."""
    with postgres.database(f"{worker_id}_doctor") as uri:
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    if request.param == "sqlite":
        place, url = str(tmp_path / "threads.db"), f"sqlite:///{tmp_path / 'reviews.db'}"
        made = Clinic("sqlite", place, url)
    else:
        place, url = (
            request.getfixturevalue("doctor_uri"),
            request.getfixturevalue("postgres_url"),
        )
        made = Clinic("postgres", place, url)
        for thread in list_of_threads(made.saver):
            made.saver.delete_thread(thread)
    yield made
    made.close()


def list_of_threads(saver: Saver) -> set[str]:
    return {one.config["configurable"]["thread_id"] for one in saver.list(None)}
