"""One call on a graph that files with an inbox, here or in another process.

Every call opens the saver and the inbox, builds a new graph, registers it, and closes all of it
again. What the graph and the hooks of the user do is noted in a file, which outlives a killed
process.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import signal
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.testing import FailPoints
from tests.drivers import App, Builder
from tests.inboxed import url_of
from tests.savers import Row, Saver, aopened, opened

ROWS = (
    Row("sqlite", asynchronous=False, durability="sync"),
    Row("aiosqlite", asynchronous=True, durability="sync"),
    Row("postgres", asynchronous=False, durability="sync"),
    Row("aiopostgres", asynchronous=True, durability="sync"),
)
TWO_ROWS = (ROWS[0], ROWS[3])


@dataclass(frozen=True)
class World:
    """What the graphs of a test are built with: where to note what was done, where to die."""

    inbox: Inbox
    points: FailPoints
    file: Path
    name: str

    def note(self, text: str) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def notes(self) -> list[str]:
        """What was noted so far."""
        return self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []

    def noting(self, name: str) -> Any:
        """A node that notes that it ran, in the file and in the state."""

        def node(state: Any) -> dict[str, Any]:
            self.points("node")
            self.note(name)
            return {"ran": [name]}

        return node


Build = Callable[[World], Builder]


@dataclass(frozen=True)
class Job:
    """One call. `build` is a function of a module; `kill` the point and the passage to die at."""

    row: Row
    place: Any
    notes: str
    build: Build
    name: str
    thread: str
    call: tuple[Any, ...] = ("look",)
    kill: tuple[str, int] | None = None

    @property
    def config(self) -> RunnableConfig:
        return {"configurable": {"thread_id": self.thread}}


@dataclass(frozen=True)
class Answer:
    """What the call gave, and what the thread looks like afterwards."""

    result: Any
    reviews: list[Review]
    values: dict[str, Any]
    next: tuple[str, ...]
    unfinished: bool
    checkpoint: str
    asked: list[str]
    passed: dict[str, int]

    @property
    def pending(self) -> list[Review]:
        return [review for review in self.reviews if review.status == "pending"]

    @property
    def ran(self) -> list[str]:
        return list(self.values.get("ran", ()))


def perform(job: Job) -> Answer:
    """Do the call; or die."""
    points = FailPoints("saver", "node", "hook")
    if job.kill is not None:
        points.kill_at(job.kill[0], nth=job.kill[1])

    with Inbox.open(url_of(job.row, job.place), point=points) as inbox:
        world = World(inbox, points, Path(job.notes), job.name)
        if job.row.asynchronous:
            return asyncio.run(_aperform(job, world))
        with opened(job.row.saver, job.place) as saver:
            app = _registered(job, world, saver)
            result = _call(job, app, inbox)
            return _answer(job, inbox, points, result, app.get_state(job.config))


async def _aperform(job: Job, world: World) -> Answer:
    async with aopened(job.row.saver, job.place) as saver:
        app = _registered(job, world, saver)
        result = await _acall(job, app, world.inbox)
        state = await app.aget_state(job.config)
        return _answer(job, world.inbox, world.points, result, state)


def _registered(job: Job, world: World, saver: Saver) -> App:
    for name in ("put", "put_writes", "aput", "aput_writes"):
        if name.startswith("a") is job.row.asynchronous:
            setattr(saver, name, _counted(getattr(saver, name), world.points))
    return world.inbox.register(job.build(world).compile(checkpointer=saver), job.name)


def _counted(method: Callable[..., Any], points: FailPoints) -> Callable[..., Any]:
    @functools.wraps(method)
    def write(*args: Any, **kwargs: Any) -> Any:
        points("saver")
        return method(*args, **kwargs)

    return write


def _call(job: Job, app: App, inbox: Inbox) -> Any:
    match job.call:
        case ("send", given, options):
            app.invoke(given, job.config, **options)
        case ("update", values, node):
            app.update_state(job.config, values, as_node=node)
        case ("replay", checkpoint):
            app.invoke(None, _at(job, checkpoint))
        case ("decide", review_id, decision, options):
            return inbox.decide(review_id, decision, **options)
        case ("cancel", review_id, options):
            return inbox.cancel(review_id, **options)
        case ("work",):
            return inbox.work()
        case ("look",):
            return None
        case other:
            raise ValueError(other)
    return None


async def _acall(job: Job, app: App, inbox: Inbox) -> Any:
    match job.call:
        case ("send", given, options):
            await app.ainvoke(given, job.config, **options)
        case ("update", values, node):
            await app.aupdate_state(job.config, values, as_node=node)
        case ("replay", checkpoint):
            await app.ainvoke(None, _at(job, checkpoint))
        case ("decide", review_id, decision, options):
            return await inbox.adecide(review_id, decision, **options)
        case ("cancel", review_id, options):
            return await inbox.acancel(review_id, **options)
        case ("work",):
            return await inbox.awork()
        case ("look",):
            return None
        case other:
            raise ValueError(other)
    return None


def _at(job: Job, checkpoint: str) -> RunnableConfig:
    return {"configurable": {"thread_id": job.thread, "checkpoint_id": checkpoint}}


def _answer(job: Job, inbox: Inbox, points: FailPoints, result: Any, state: Any) -> Answer:
    return Answer(
        result=result,
        reviews=_reviews(inbox, job.thread),
        values=state.values,
        next=state.next,
        unfinished=bool(state.tasks),  # also where each has finished, and the step has not
        checkpoint=state.config["configurable"].get("checkpoint_id", ""),
        asked=[interrupt.value["review_id"] for interrupt in state.interrupts],
        passed=dict(points.passed),
    )


def _reviews(inbox: Inbox, thread: str) -> list[Review]:
    """Those of the thread, the oldest first."""
    with inbox._office.ledger.reading() as rx:
        found = [
            review
            for status in ("pending", "settled", "applied", "superseded", "cancelled")
            for review in rx.pending(thread=thread, status=status, order="oldest", limit=1000)
        ]
    return sorted(found, key=lambda review: review.created_at)


def serve(job: Job, connection: Any) -> None:
    """`perform` in a child process."""
    connection.send(perform(job))
    connection.close()


def in_a_new_process(job: Job) -> Answer | None:
    """`perform(job)` in a process of its own; None if it was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes.worker", "tests.inbox.nonblocking.calls"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(job, sender))
    process.start()
    sender.close()
    try:
        answer: Answer | None = receiver.recv()
    except EOFError:
        answer = None
    finally:
        receiver.close()
        process.join()
    expected = 0 if answer is not None else -signal.SIGKILL
    assert process.exitcode == expected, process.exitcode
    process.close()
    return answer


@dataclass
class Shop:
    """One thread of one graph; every call is made on fresh objects, or in a fresh process."""

    job: Job
    run: Callable[[Job], Answer | None] = perform

    @property
    def notes(self) -> list[str]:
        """What was done, in order."""
        path = Path(self.job.notes)
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def call(self, *call: Any) -> Answer:
        answer = self.run(replace(self.job, call=call))
        assert answer is not None
        return answer

    def send(self, given: Any, **options: Any) -> Answer:
        return self.call("send", given, options)

    def answer(self, value: Any) -> Answer:
        """Directly, as a client of the graph does."""
        return self.send(Command(resume=value))

    def replay(self, checkpoint: str) -> Answer:
        """Go on from an earlier checkpoint."""
        return self.call("replay", checkpoint)

    def look(self) -> Answer:
        return self.call("look")

    def work(self) -> Answer:
        return self.call("work")

    def decide(self, decision: Any, review: Review | None = None, **options: Any) -> Answer:
        """Decide the one review that waits, or another."""
        if review is None:
            (review,) = self.look().pending
        return self.call("decide", review.id, decision, {"by": "maria", **options})

    def cancel(self, review: Review | None = None) -> Answer:
        if review is None:
            (review,) = self.look().pending
        return self.call("cancel", review.id, {"by": "maria"})

    def events(self, review: Review) -> list[str]:
        """What the audit says about a review, but for the hooks that were called."""
        with Inbox.open(url_of(self.job.row, self.job.place)) as inbox:
            rows = inbox.history(review.id)
        return [row.event for row in rows if row.event != "hook_ran"]

    def holds(self) -> bool:
        """Whether the audit is whole and the tables agree with it."""
        with Inbox.open(url_of(self.job.row, self.job.place)) as inbox:
            found = inbox.verify()
        assert found, found.problem
        return True

    def dies(self, point: str, passage: int, *call: Any) -> bool:
        """Whether a process that makes this call dies there."""
        return in_a_new_process(replace(self.job, call=call, kill=(point, passage))) is None

    def elsewhere(self) -> Shop:
        """The same thread, every call in a process of its own."""
        return replace(self, run=in_a_new_process)

    def another(self) -> Shop:
        """Another thread of the same graph."""
        thread = uuid.uuid4().hex
        return replace(
            self, job=replace(self.job, thread=thread, notes=f"{self.job.notes}-{thread}")
        )
