"""`World`: what one process opens: an inbox, a saver, graphs, and a journal of what they do."""

from __future__ import annotations

import functools
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.inbox.review import STATUSES
from langgraph_hitl.testing import FailPoints
from tests.drivers import App
from tests.inbox.races.graphs import GRAPHS
from tests.inbox.races.journal import Line
from tests.inbox.races.place import Place
from tests.savers import Saver

OWN_POINTS = ("effect", "save", "failure saved")
"""A node of the user has acted and is not committed; the saver is about to write; it has written
that a node has failed whose error has a handler.
"""

OVERSIGHT = frozenset({"beginning", "holding", "steering", "ending", "cleaning", "cleaned"})
"""Points that only supervised graphs pass."""


class World:
    """One process's view of a place; `process` names it in the journal."""

    def __init__(
        self,
        place: Place,
        saver: Saver,
        *,
        process: str | None = None,
        asynchronous: bool = False,
        clock: Clock = system_clock,
    ) -> None:
        self.place = place
        self.process = process or uuid.uuid4().hex
        self.points = FailPoints(*OWN_POINTS)
        self.inbox = Inbox.open(place.url, point=self.points, clock=clock)
        self._saver = self._watched(saver, asynchronous)
        self._apps: dict[str, App] = {}

    def app(self, name: str) -> App:
        """A graph, registered when it is first asked for."""
        if name not in self._apps:
            builder = GRAPHS[name](self.inbox, self.effect)
            self._apps[name] = self.inbox.register(builder.compile(checkpointer=self._saver), name)
        return self._apps[name]

    def effect(self, thread: str, node: str) -> None:
        self.place.journal.add(Line(self.process, "effect", thread, node))
        self.points("effect")

    def reviews(self, thread: str) -> list[Review]:
        """All reviews of a thread, the oldest first."""
        with self.inbox._office.ledger.reading() as rx:
            found = [r for status in STATUSES for r in rx.pending(thread=thread, status=status)]
        return sorted(found, key=lambda review: (review.created_at, review.id))

    def _watched(self, saver: Saver, asynchronous: bool) -> Saver:
        for name in ("put", "put_writes", "aput", "aput_writes"):
            if name.startswith("a") is asynchronous:
                watch = self._awatched_write if asynchronous else self._watched_write
                setattr(saver, name, watch(getattr(saver, name), name))
        return saver

    def _watched_write(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(method)
        def write(config: Any, *args: Any, **kwargs: Any) -> Any:
            self.points("save")
            with self._noting_loss(config):
                result = method(config, *args, **kwargs)
            self._saved(name, config, args[0])
            return result

        return write

    def _awatched_write(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(method)
        async def write(config: Any, *args: Any, **kwargs: Any) -> Any:
            self.points("save")
            with self._noting_loss(config):
                result = await method(config, *args, **kwargs)
            self._saved(name, config, args[0])
            return result

        return write

    def _saved(self, name: str, config: Any, written: Any) -> None:
        if name.endswith("put_writes"):
            if any(channel == "__error_source_node__" for channel, _ in written):
                self.points("failure saved")
        else:
            thread = config["configurable"]["thread_id"]
            self.place.journal.add(Line(self.process, "saved", thread))

    @contextmanager
    def _noting_loss(self, config: Any) -> Iterator[None]:
        try:
            yield
        except Exception:
            thread = config["configurable"]["thread_id"]
            self.place.journal.add(Line(self.process, "lost", thread))
            raise


@contextmanager
def opened_world(
    place: Place, process: str | None = None, clock: Clock = system_clock
) -> Iterator[World]:
    """A world with a synchronous saver."""
    with place.saver() as saver:
        world = World(place, saver, process=process, clock=clock)
        with world.inbox:
            yield world


@asynccontextmanager
async def aopened_world(place: Place, process: str | None = None) -> AsyncIterator[World]:
    """A world with an asynchronous saver; to be entered inside the loop that uses it."""
    async with place.asaver() as saver:
        world = World(place, saver, process=process, asynchronous=True)
        with world.inbox:
            yield world
