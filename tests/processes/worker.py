"""What runs in the other process: one call on one thread, and where it is to die.

`python -m tests.processes.worker '{...}'` prints the answer of `perform` as JSON.
"""

from __future__ import annotations

import functools
import json
import operator
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from langgraph_hitl import ReviewState, resume, route
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.review.decision import parse
from tests.apps import act, noting, one_gate
from tests.drivers import App, Build, Builder, Driver
from tests.savers import Row, Saver
from tests.subject_presets import SUBJECT_PRESETS

HUMANS = ("human_approval", "human_approval")


@dataclass(frozen=True)
class Job:
    """One call. `send` is `{"input": ...}`, `{"plain": ...}`, `{"decision": ...}`, `{}` to go on,
    or `{"start": ...}` to go on and to begin where nothing was stored before the process died.

    `presets` are those of the graph's gates. `die` names the moment: `record` (the so-manieth look
    at the clock of the first gate), `revise` or `note` (the so-manieth call), `look` (the
    so-manieth evaluation of a trigger) or `saver` (before its so-manieth write in this process).
    """

    row: Row
    place: str
    thread: str
    graph: str = "one"
    presets: tuple[str, ...] = HUMANS
    send: dict[str, Any] = field(default_factory=dict)
    die: tuple[str, int] | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        fields = json.loads(text)
        die = fields.pop("die")
        row, presets = Row(**fields.pop("row")), tuple(fields.pop("presets"))
        return cls(row=row, presets=presets, die=(die[0], die[1]) if die else None, **fields)


class Answer(TypedDict):
    """What the thread looks like after the call; `writes` and `looks` count those of the call."""

    pending: list[dict[str, Any]]
    ran: list[str]
    reviews: list[dict[str, Any]]
    draft: Any
    next: list[str]
    writes: int
    looks: int


class Mortal:
    """Kills this process, as the kernel would, at the moment that the job names."""

    def __init__(self, die: tuple[str, int] | None) -> None:
        self.die = die
        self.counts: dict[str, int] = {}

    def __call__(self, moment: str) -> None:
        self.counts[moment] = self.counts.get(moment, 0) + 1
        if self.die == (moment, self.counts[moment]):
            os.kill(os.getpid(), signal.SIGKILL)

    def at(self, moment: str) -> Callable[[], None]:
        return lambda: self(moment)

    def clock(self, moment: str) -> Callable[[], datetime]:
        def now() -> datetime:
            self(moment)
            return datetime.now(UTC)

        return now


class MortalDriver(Driver):
    """A driver whose saver may die before a write."""

    def __init__(self, row: Row, place: Any, mortal: Mortal) -> None:
        super().__init__(row, place)
        self.mortal = mortal

    def compiled(self, build: Build, saver: Saver, inbox: Inbox | None = None) -> App:
        for name in ("put", "put_writes", "aput", "aput_writes"):
            if name.startswith("a") is self.asynchronous:
                setattr(saver, name, self._counted(getattr(saver, name)))
        return super().compiled(build, saver, inbox)

    def _counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def write(*args: Any, **kwargs: Any) -> Any:
            self.mortal("saver")
            return method(*args, **kwargs)

        return write


class Desk(ReviewState, total=False):
    draft: str
    ran: Annotated[list[str], operator.add]


def one(job: Job, mortal: Mortal) -> Builder:
    """A gate with a reviser, and what it lets run."""

    def rewrite(state: Desk) -> dict[str, Any]:
        mortal("revise")
        return {"draft": state["draft"] + "!"}

    options: Any = {"looked": mortal.at("look"), "clock": mortal.clock("record")}
    return one_gate(SUBJECT_PRESETS[job.presets[0]]("draft", revise=rewrite, **options))()


def two(job: Job, mortal: Mortal) -> Builder:
    """Two gates in one subgraph of the user, and a node of the user between them."""
    first, second = (SUBJECT_PRESETS[name] for name in job.presets)
    look = mortal.at("look")
    manager = first("draft", name="manager", looked=look, clock=mortal.clock("record"))
    inner: Builder = StateGraph(Desk)
    inner.add_node("manager", manager)
    inner.add_node("note", noting("note", mortal.at("note")))
    inner.add_node("director", second("draft", name="director", looked=look))
    inner.add_node("act", act)
    inner.add_edge(START, "manager")
    inner.add_conditional_edges("manager", route(approved="note", rejected=END))
    inner.add_edge("note", "director")
    inner.add_conditional_edges("director", route(approved="act", rejected=END))
    builder: Builder = StateGraph(Desk)
    builder.add_node("desk", inner.compile())
    builder.add_edge(START, "desk")
    return builder


GRAPHS: dict[str, Callable[[Job, Mortal], Builder]] = {"one": one, "two": two}


def perform(job: Job) -> Answer:
    """Do the call and say what the thread looks like; or die."""
    mortal = Mortal(job.die)
    with MortalDriver(job.row, job.place, mortal) as driver:
        thread = driver.thread(lambda: GRAPHS[job.graph](job, mortal), job.thread)
        send: Any = None
        if "input" in job.send:
            send = job.send["input"]
        elif "start" in job.send and not thread.state().tasks:
            send = job.send["start"]
        elif "plain" in job.send:
            send = Command(resume=job.send["plain"])
        elif "decision" in job.send:
            send = resume(thread.request, parse(job.send["decision"]), job.send.get("by"))
        thread.send(send)
        counts = dict(mortal.counts)
        values = thread.values
        return {
            "pending": [asdict(request) for request in thread.pending()],
            "ran": thread.ran,
            "reviews": values.get("reviews", []),
            "draft": values.get("draft"),
            "next": list(thread.state().next),
            "writes": counts.get("saver", 0),
            "looks": counts.get("look", 0),
        }


def serve(job: Job, connection: Any) -> None:
    """`perform` in a child process."""
    connection.send(perform(job))
    connection.close()


if __name__ == "__main__":
    print(json.dumps(perform(Job.from_json(sys.argv[1]))))
