"""A `Driver` runs graphs on one row of saver, face and durability; tests are written once over it.

Every call opens the saver, builds a new graph, runs it, and closes the saver again. So whatever a
test resumes, it resumes with a fresh graph object on a fresh connection.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeAlias, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot

from langgraph_hitl import Reviewer, apending, pending, resume
from langgraph_hitl.errors import RunFailed
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.review import Decision, ReviewRequest
from tests.inboxed import file_with, url_of
from tests.savers import Row, Saver, aopened, opened

Builder: TypeAlias = StateGraph[Any, Any, Any, Any]
App: TypeAlias = CompiledStateGraph[Any, Any, Any, Any]
Build: TypeAlias = Callable[[], Builder]


GRAPH = "graph"
"""The name under which graphs are registered."""


class Driver:
    """Starts threads on one row. `place` is where its saver keeps them."""

    def __init__(self, row: Row, place: Any) -> None:
        self.row = row
        self.place = place
        self._runner = asyncio.Runner() if row.asynchronous else None
        self.current: Inbox | None = None
        self._inbox = self._opened_inbox() if row.inbox and row.saver == "memory" else None

    def __enter__(self) -> Driver:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            self._runner.close()
        if self._inbox is not None:
            self._inbox.close()

    @property
    def at_hand(self) -> Inbox:
        """The inbox of the app that runs."""
        assert self.current is not None
        return self.current

    @contextmanager
    def inbox(self) -> Iterator[Inbox | None]:
        """A freshly opened inbox, where the row has one; in memory it is always the same."""
        if not self.row.inbox:
            yield None
        elif self._inbox is not None:
            yield self._inbox
        else:
            with self._opened_inbox() as inbox:
                yield inbox

    def _opened_inbox(self) -> Inbox:
        return Inbox.open(url_of(self.row, self.place))

    @property
    def asynchronous(self) -> bool:
        return self.row.asynchronous

    def thread(self, build: Build, thread_id: str | None = None) -> Thread:
        """A thread of the graph that `build` builds; a new one unless it is named."""
        return Thread(self, build, thread_id or uuid.uuid4().hex)

    def run(
        self, build: Build, work: Callable[[App], Any], awork: Callable[[App], Awaitable[Any]]
    ) -> Any:
        """`work` or `awork` with a fresh app on a freshly opened saver."""
        if self._runner is None:
            with opened(self.row.saver, self.place) as saver, self.inbox() as inbox:
                return work(self.compiled(build, saver, inbox))
        return self._runner.run(self._arun(build, awork))

    def compiled(self, build: Build, saver: Saver, inbox: Inbox | None = None) -> App:
        builder = build()
        self.current = inbox
        if inbox is None:
            return builder.compile(checkpointer=saver)
        file_with(inbox, builder)
        return inbox.register(builder.compile(checkpointer=saver), GRAPH)

    async def _arun(self, build: Build, awork: Callable[[App], Awaitable[Any]]) -> Any:
        async with aopened(self.row.saver, self.place) as saver:
            with self.inbox() as inbox:
                return await awork(self.compiled(build, saver, inbox))


class Thread:
    """One thread of one graph."""

    def __init__(self, driver: Driver, build: Build, thread_id: str) -> None:
        self.driver = driver
        self.build = build
        self.config: RunnableConfig = {"configurable": {"thread_id": thread_id}}
        self._state: StateSnapshot | None = None

    @property
    def id(self) -> str:
        return str(self.config["configurable"]["thread_id"])

    def send(self, given: Any) -> dict[str, Any]:
        """`invoke` or `ainvoke`: a state, a `Command`, or None to go on."""
        durability = self.driver.row.durability
        self._state = None

        async def awork(app: App) -> Any:
            return await app.ainvoke(given, self.config, durability=durability)

        result: dict[str, Any] = self.driver.run(
            self.build,
            lambda app: app.invoke(given, self.config, durability=durability),
            awork,
        )
        return result

    def stream(self, given: Any, mode: Any = "custom", **options: Any) -> list[Any]:
        """`stream` or `astream`, to its end."""
        self._state = None
        options |= {"stream_mode": mode, "durability": self.driver.row.durability}

        async def awork(app: App) -> Any:
            return [chunk async for chunk in app.astream(given, self.config, **options)]

        chunks: list[Any] = self.driver.run(
            self.build, lambda app: list(app.stream(given, self.config, **options)), awork
        )
        return chunks

    def pending(self) -> list[ReviewRequest]:
        """The reviews that wait."""

        async def awork(app: App) -> Any:
            return await apending(app, self.config)

        waiting: list[ReviewRequest] = self.driver.run(
            self.build, lambda app: pending(app, self.config), awork
        )
        return waiting

    @property
    def request(self) -> ReviewRequest:
        """The one review that waits."""
        waiting = self.pending()
        assert len(waiting) == 1, waiting
        return waiting[0]

    def state(self) -> StateSnapshot:
        """The newest state; read once after every `send`."""
        if self._state is None:
            self._state = self._read_state()
        return self._state

    def _read_state(self) -> StateSnapshot:
        async def awork(app: App) -> Any:
            return await app.aget_state(self.config)

        snapshot: StateSnapshot = self.driver.run(
            self.build, lambda app: app.get_state(self.config), awork
        )
        return snapshot

    @property
    def values(self) -> dict[str, Any]:
        """The state of the thread, as it is stored."""
        values: dict[str, Any] = self.state().values
        return values

    @property
    def record(self) -> dict[str, Any]:
        """The latest review that is over."""
        record: dict[str, Any] = self.values["review"]
        return record

    @property
    def ran(self) -> list[str]:
        """What the graph's own nodes noted."""
        return list(self.values.get("ran", ()))

    @property
    def over(self) -> bool:
        state = self.state()
        return not state.next and not state.tasks

    def decide(self, *decisions: Decision, by: str | Reviewer | None = None) -> dict[str, Any]:
        """Answer the one review that waits, again and again."""
        result: dict[str, Any] = {}
        for decision in decisions:
            if self.driver.row.inbox:
                self._decide(self.request, decision, by or "somebody")
                result = self.values
            else:
                result = self.send(resume(self.request, decision, by))
        return result

    def _decide(self, request: ReviewRequest, decision: Decision, by: str | Reviewer) -> None:
        """Through the inbox that the graph is registered with."""
        self._state = None
        seen = request.digest

        async def awork(app: App) -> Any:
            return await self.driver.at_hand.adecide(request.review_id, decision, by=by, seen=seen)

        try:
            self.driver.run(
                self.build,
                lambda app: self.driver.at_hand.decide(
                    request.review_id, decision, by=by, seen=seen
                ),
                awork,
            )
        except RunFailed as failure:
            raise (failure.__cause__ or failure) from None

    def answer(self, *answers: tuple[ReviewRequest, Decision]) -> dict[str, Any]:
        """Answer several reviews in one command."""
        together: dict[str, Any] = {}
        for request, decision in answers:
            together |= cast("dict[str, Any]", resume(request, decision).resume)
        return self.send(Command(resume=together))

    def plain(self, answer: Any) -> dict[str, Any]:
        """Answer as today's clients do: by a value, without an interrupt id."""
        return self.send(Command(resume=answer))
