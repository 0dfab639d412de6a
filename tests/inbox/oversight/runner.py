"""A process that runs a supervised graph on demand, and stands still within a node."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from langgraph_hitl import Inbox, supervised
from langgraph_hitl.errors import ThreadPaused, ThreadStopped
from langgraph_hitl.testing import FailPoints
from tests.inbox.oversight.layers import Shape, build
from tests.inbox.races.place import Place
from tests.inbox.races.processes import Child

LINE = Shape(((0,), (2,), (0,), (0,)))
ORDER = ("n0_0", "n1_0|i0", "n1_0|i1", "n2_0", "n3_0")
SUPERVISORS = "operators"


@dataclass
class Journal:
    """What nodes have done; a line is there once it was written, whoever is killed."""

    path: Path

    def add(self, line: str) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)

    def of(self, thread: str) -> list[str]:
        """The nodes of a thread, as often as they ran."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [name for own, _, name in (line.partition(" ") for line in lines) if own == thread]


def journal_of(place: Place) -> Journal:
    return Journal(Path(place.folder) / "nodes")


@dataclass
class Still:
    """Notes nodes; within `stop_in` it says so and waits for a word: to go on, or when to die."""

    journal: Journal
    connection: Connection | None
    thread: str = ""
    stop_in: str | None = None
    points: FailPoints = field(default_factory=FailPoints)

    def __call__(self, name: str) -> None:
        self.journal.add(f"{self.thread} {name}")
        if name == self.stop_in and self.connection is not None:
            self.stop_in = None
            self.connection.send(("in", name))
            word = self.connection.recv()
            if word != "go":
                self.points.kill_at(word)


@dataclass(frozen=True)
class Opened:
    """The graph of a process, its inbox, and what its nodes do."""

    app: Any
    inbox: Inbox
    still: Still
    points: FailPoints


@contextmanager
def opened(
    place: Place, connection: Connection | None = None, shape: Shape = LINE
) -> Iterator[Opened]:
    """As every process that runs the graph opens it."""
    still = Still(journal_of(place), connection)
    points = still.points

    def clean_up(stopped: Any) -> None:
        still.journal.add(f"{stopped.thread_id} clean")

    with Inbox.open(place.url, point=points) as inbox, place.saver() as saver:
        app = build(shape, still).compile(checkpointer=saver)
        options: Any = {"supervisors": SUPERVISORS, "on_stop": clean_up}
        yield Opened(supervised(app, inbox=inbox, name="line", **options), inbox, still, points)


def serve(place: Place, connection: Connection) -> None:
    """Do what is asked until the other end has gone; each time tell what came of it."""
    with opened(place, connection) as own:
        while (asked := connection.recv()) is not None:
            word, given = asked
            connection.send(DOES[word](own, **given))


async def _aserve(place: Place, connection: Connection) -> None:
    still = Still(journal_of(place), connection)
    async with place.asaver() as saver:
        with Inbox.open(place.url) as inbox:
            app = build(LINE, still).compile(checkpointer=saver)
            supervised(app, inbox=inbox, name="line", supervisors=SUPERVISORS)
            while (asked := await asyncio.to_thread(connection.recv)) is not None:
                still.thread, still.stop_in = asked[1]["thread"], asked[1].get("stop_in")
                try:
                    await app.ainvoke({"ran": []}, config_of(still.thread))
                except ThreadPaused as paused:
                    connection.send(("paused", paused.by))
                else:
                    connection.send(("finished", None))


def aserve(place: Place, connection: Connection) -> None:
    """`serve` on an event loop: it starts threads."""
    asyncio.run(_aserve(place, connection))


def config_of(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


def start(
    own: Opened, *, thread: str, stop_in: str | None = None, again: bool = False
) -> tuple[str, str | None]:
    """Run a thread, from its beginning or from where it stands."""
    own.still.thread, own.still.stop_in = thread, stop_in
    try:
        own.app.invoke(None if again else {"ran": []}, config_of(thread))
    except (ThreadPaused, ThreadStopped) as held:
        return held.state, held.by
    return "finished", None


def work(own: Opened, *, thread: str, stop_in: str | None = None) -> dict[str, str]:
    """One pass of a worker, and what failed; again as long as a dead process seems to live."""
    own.still.thread, own.still.stop_in = thread, stop_in
    report = own.inbox.work()
    while report.busy:
        report = own.inbox.work()
    return report.failed


def die(own: Opened, *, at: str) -> None:
    """Be killed at the next such moment."""
    own.points.kill_at(at)


def values(own: Opened, *, thread: str) -> dict[str, Any]:
    """The state of a thread."""
    found: dict[str, Any] = own.app.get_state(config_of(thread)).values
    return found


DOES: dict[str, Callable[..., Any]] = {"start": start, "work": work, "die": die, "values": values}


class Runner:
    """The other end."""

    def __init__(self, place: Place, target: Callable[..., None] = serve) -> None:
        self._child = Child(target, place)

    def ask(self, word: str, **given: Any) -> None:
        self._child.connection.send((word, given))

    def hear(self) -> Any:
        """What it says next; None if it was killed."""
        assert self._child.connection.poll(100), "the process neither answers nor dies"
        try:
            return self._child.connection.recv()
        except EOFError:
            return None

    def do(self, word: str, **given: Any) -> Any:
        self.ask(word, **given)
        return self.hear()

    def go(self) -> None:
        self._child.connection.send("go")

    def tell_to_die(self, at: str) -> None:
        """Go on until this moment comes."""
        self._child.connection.send(at)

    def kill(self) -> None:
        """As `kill -9` does."""
        self._child.kill_after(0)

    def end(self) -> None:
        self._child.connection.send(None)
        assert self._child.end() == 0

    def died(self) -> None:
        """It has been killed."""
        assert self._child.end() != 0
