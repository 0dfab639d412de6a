"""What the model is compared with: two processes on one inbox, which can die at any moment.

A process that dies here is an exception at one of its moments (a fail point of the inbox, a write
of the saver, an effect), after which nothing of it can write any more; its locks and connections
end. `tests/inbox/test_kill.py` does it with real processes.
"""

from __future__ import annotations

import functools
import operator
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeAlias

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from psycopg.rows import dict_row

from langgraph_hitl import ReviewState, add_review, human_approval
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.inbox.review import STATUSES
from langgraph_hitl.panels import quorum
from tests.inbox.lock_places import url_of
from tests.inbox.model import MAX_REVISIONS, SHAPES, THREADS, Key

MIDNIGHT = datetime(2026, 1, 2, tzinfo=UTC)


Effect: TypeAlias = tuple[str, str]
"""The thread, and `run:node`."""


class Died(BaseException):
    """The process is dead."""


class Place(Protocol):
    """Where the inbox and the threads are kept, for one example."""

    @property
    def url(self) -> str: ...

    def empty(self) -> None: ...

    def saver(self) -> tuple[Any, Callable[[], None]]:
        """A saver of its own for a process, and what closes it."""
        ...


class Files:
    """SQLite. The tables are created once and copied."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._examples = folder, 0
        self._template = folder / "template.db"
        Inbox.open(f"sqlite:///{self._template}").close()

    @property
    def _here(self) -> Path:
        return self._folder / str(self._examples)

    @property
    def url(self) -> str:
        return f"sqlite:///{self._here / 'reviews.db'}"

    def empty(self) -> None:
        shutil.rmtree(self._here, ignore_errors=True)
        self._examples += 1
        self._here.mkdir()
        shutil.copy(self._template, self._here / "reviews.db")

    def saver(self) -> tuple[Any, Callable[[], None]]:
        connection = sqlite3.connect(self._here / "threads.db", check_same_thread=False)
        return SqliteSaver(connection), connection.close


class Server:
    """PostgreSQL: one database, emptied for each example."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self.url = url_of(uri)
        Inbox.open(self.url).close()

    def empty(self) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(
                "TRUNCATE hitl_reviews, hitl_versions, hitl_votes, hitl_settlements, hitl_eligible,"
                " hitl_audit, checkpoints, checkpoint_blobs, checkpoint_writes"
            )

    def saver(self) -> tuple[Any, Callable[[], None]]:
        connection = psycopg.connect(
            self._uri, autocommit=True, prepare_threshold=0, row_factory=dict_row
        )
        return PostgresSaver(connection), connection.close


class State(ReviewState, total=False):
    n: int
    gate: str
    left: str
    right: str
    ran: Annotated[list[str], operator.add]


SUBJECTS = {"gate": "gate", "left": "left", "right": "right", "first": "gate", "second": "gate"}


class Process:
    """One process: its inbox, its graphs, its clock, and how long it has to live."""

    def __init__(
        self,
        place: Place,
        effects: list[Effect],
        known: dict[str, Key],
        used: set[str],
        clock: Clock,
    ) -> None:
        self.effects = effects
        self.known = known
        self._used = used
        self.unsaved: list[Effect] = []
        self.fuse: int | None = None
        self.died_at: str | None = None
        self._saver, self._close_saver = place.saver()
        for name in ("put", "put_writes"):
            setattr(self._saver, name, self._mortal(getattr(self._saver, name), name))
        self._clock = clock
        self._inbox = Inbox.open(place.url, clock=clock, point=self.point, patience=0.1)
        self._apps: dict[str, Any] = {}

    @property
    def inbox(self) -> Inbox:
        """With every graph registered that some process has used."""
        for name in sorted(self._used - self._apps.keys()):
            self._apps[name] = self._app(name, self._clock)
        return self._inbox

    @property
    def dead(self) -> bool:
        return self.died_at is not None

    def point(self, name: str) -> None:
        """A moment at which the process may die; the dead do nothing."""
        if self.dead:
            raise Died(self.died_at)
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse == 0:
                self.died_at = name
                raise Died(name)

    def end(self) -> None:
        """What the kernel does."""
        self.died_at = self.died_at or "the end"
        with suppress(Died):
            self._inbox.close()
        self._close_saver()

    def app(self, thread: str) -> Any:
        self._used.add(THREADS[thread])
        assert self.inbox is self._inbox
        return self._apps[THREADS[thread]]

    def state(self, thread: str) -> Any:
        return self.app(thread).get_state(config_of(thread))

    def run(self, thread: str, given: Any) -> Any:
        return self.app(thread).invoke(given, config_of(thread))

    def _mortal(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(method)
        def write(config: Any, written: Any, *args: Any, **options: Any) -> Any:
            self.point(name)
            result = method(config, written, *args, **options)
            if name == "put_writes":
                thread = config["configurable"]["thread_id"]
                for channel, value in written:
                    if channel == "ran":
                        self.unsaved.remove((thread, value[0]))
            return result

        return write

    def _app(self, name: str, clock: Clock) -> Any:
        builder: Any = StateGraph(State)
        shape = SHAPES[name]
        for number, gates in enumerate(shape.phases):
            after = shape.phases[number + 1 : number + 2]
            for gate in gates:
                self._add_gate(builder, gate, clock, panel=shape.panel)
                if number == 0:
                    builder.add_edge(START, gate)
                for following in after:
                    builder.add_edge(f"{gate}_yes", following[0])
        return self._inbox.register(builder.compile(checkpointer=self._saver), name)

    def _add_gate(self, builder: Any, gate: str, clock: Clock, *, panel: bool) -> None:
        subject = SUBJECTS[gate]
        options: dict[str, Any] = {}
        if panel:
            options = {
                "reviewers": quorum(2, of="editors"),
                "allowed_decisions": ["approve", "reject", "revise"],
            }
        made = human_approval(
            subject,
            name=gate,
            inbox=self._inbox,
            clock=clock,
            revise=lambda state: {subject: state[subject] + "!"},
            reads=(subject,),
            max_revisions=MAX_REVISIONS,
            **options,
        )
        add_review(builder, gate, made, approved=f"{gate}_yes", rejected=f"{gate}_no")
        for way in ("yes", "no"):
            builder.add_node(f"{gate}_{way}", self._effect(f"{gate}_{way}"))

    def _effect(self, node: str) -> Callable[..., Any]:
        def run(state: State, config: RunnableConfig) -> Any:
            self.point("before an effect")
            effect = (config["configurable"]["thread_id"], f"{state['n']}:{node}")
            self.effects.append(effect)
            self.unsaved.append(effect)
            self.point("after an effect")
            return {"ran": [effect[1]]}

        return run


class Clock:
    """The clock of one process: every look takes a second, and it can jump."""

    def __init__(self) -> None:
        self.now = MIDNIGHT

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class World:
    """Two processes on one place, and every effect that the graphs had."""

    def __init__(self, place: Place) -> None:
        self._place = place
        place.empty()
        self.effects: list[Effect] = []
        self.excused: Counter[Effect] = Counter()
        self.known: dict[str, Key] = {}
        self._used: set[str] = set()
        self.clocks = (Clock(), Clock())
        self.processes = [self._new(0), self._new(1)]

    def reopen(self, number: int) -> None:
        """The process ends, and another one takes its place."""
        ended = self.processes[number]
        self.excused.update(ended.unsaved)
        ended.end()
        self.processes[number] = self._new(number)

    def close(self) -> None:
        for process in self.processes:
            process.end()

    def reviews(self) -> dict[Key, Review]:
        """Every review of the ledger."""
        with self.processes[0].inbox._office.ledger.reading() as rx:
            found = [
                review
                for status in STATUSES
                for review in rx.pending(status=status, limit=10_000, content=False)
            ]
            for review in found:
                if review.id not in self.known:
                    whole = rx.get(review.id)
                    assert whole is not None
                    self.known[review.id] = key_of(whole)
        return {self.known[review.id]: review for review in found}

    def _new(self, number: int) -> Process:
        return Process(self._place, self.effects, self.known, self._used, self.clocks[number])


def config_of(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


def key_of(review: Review) -> Key:
    """Which review of the model this is: the subject begins with the number of the run."""
    return Key(review.thread_id, run_in(review.request), review.gate)


def run_in(request: dict[str, Any]) -> int:
    return int(request["subject"].partition(":")[0])


def input_of(thread: str, run: int) -> dict[str, Any]:
    gates = SHAPES[THREADS[thread]].phases[0]
    return {"n": run, **{SUBJECTS[gate]: f"{run}:{thread}" for gate in gates}}
