"""`kill -9` at every moment of an override: it happens as a whole, or not at all.

Nothing runs that the decision which stands does not allow, and what has to be called back is.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import pytest
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.graph import START, StateGraph

from langgraph_hitl import Approve, Reject, Reviewer, ReviewState, add_review, human_approval
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.panels import quorum
from langgraph_hitl.testing import FailPoints
from tests.drivers import App, Builder
from tests.inbox.races.place import Place
from tests.inbox.races.processes import answer_of
from tests.scale import scale

CEO = Reviewer("ceo", roles=("board",))
FULL = scale(2) == 2

Stage = Literal["pending", "settled", "cancelled", "applied"]
STAGES: tuple[Stage, ...] = ("pending", "settled", "cancelled", "applied")

PASSED: dict[Stage, set[str]] = {
    "pending": {"settling", "auditing", "committed", "locking", "resuming", "recording"},
    "settled": {"settling", "auditing", "committed", "locking", "releasing", "resuming"},
    "cancelled": {"settling", "auditing", "committed", "locking", "releasing", "resuming"},
    "applied": {"settling", "auditing", "committed", "locking", "telling", "recall", "applying"},
}
"""Points that an override passes, among others."""


class Flow(ReviewState, total=False):
    draft: str


@dataclass(frozen=True)
class Desk:
    """What one process opens."""

    inbox: Inbox
    app: App
    points: FailPoints

    def review(self, thread: str) -> Review:
        with self.inbox._office.ledger.reading() as rx:
            [found] = [
                review
                for status in ("pending", "settled", "applied", "cancelled")
                for review in rx.pending(thread=thread, status=status)
            ]
        return found


def note(place: Place, thread: str, word: str) -> None:
    """What was done to the world, in a file that survives every kill."""
    path = Path(place.folder) / f"{thread}.done"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{word}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def done(place: Place, thread: str) -> list[str]:
    path = Path(place.folder) / f"{thread}.done"
    return path.read_text().split() if path.exists() else []


@contextmanager
def opened(place: Place) -> Iterator[Desk]:
    points = FailPoints("save", "effect", "recall")
    with place.saver() as saver, Inbox.open(place.url, overrides="board", point=points) as inbox:
        for name in ("put", "put_writes"):
            setattr(saver, name, _watched(getattr(saver, name), points))
        app = inbox.register(_flow(place, inbox, points).compile(checkpointer=saver), "flow")
        yield Desk(inbox, app, points)


def _watched(method: Callable[..., Any], points: FailPoints) -> Callable[..., Any]:
    def write(*given: Any, **more: Any) -> Any:
        points("save")
        return method(*given, **more)

    return write


def _flow(place: Place, inbox: Inbox, points: FailPoints) -> Builder:
    def acting(word: str) -> Runnable[Any, Any]:
        def node(_state: Flow, config: RunnableConfig) -> dict[str, Any]:
            note(place, config["configurable"]["thread_id"], word)
            points("effect")
            return {}

        return RunnableLambda(node, name=word)

    def on_recall(request: Any, _decision: Any) -> None:
        note(place, request.thread_id, "recall")
        points("recall")

    gate = human_approval("draft", inbox=inbox, reviewers=quorum(1, of="any"), on_recall=on_recall)
    builder: Builder = StateGraph(Flow)
    add_review(builder, "gate", gate, approved="act", rejected="refuse", cancelled="refuse")
    builder.add_node("act", acting("act"))
    builder.add_node("refuse", acting("refuse"))
    builder.add_edge(START, "gate")
    return builder


def prepare(place: Place, threads: dict[str, Stage], connection: Connection) -> None:
    """Bring each thread as far as its stage."""
    ann = Reviewer("ann", roles=("any",))
    with opened(place) as desk:
        for thread, stage in threads.items():
            desk.app.invoke({"draft": "hello"}, {"configurable": {"thread_id": thread}})
            review = desk.review(thread)
            if stage == "settled":
                desk.inbox.decide(review.id, Approve(), by=ann, resume="worker")
            elif stage == "cancelled":
                desk.inbox.cancel(review.id, by=ann, resume="worker")
            elif stage == "applied":
                desk.inbox.decide(review.id, Approve(), by=ann)
    connection.send(True)


def override(
    place: Place, thread: str, die: tuple[str, int] | None, connection: Connection
) -> None:
    """Override, or a part of it; how often each point was passed."""
    with opened(place) as desk:
        review = desk.review(thread)
        desk.points.passed.clear()
        if die is not None:
            desk.points.kill_at(die[0], nth=die[1])
        decision = Approve() if review.status == "cancelled" else Reject("no")
        desk.inbox.override(review.id, decision, by=CEO, reason="fraud")
        connection.send(desk.points.passed)


@dataclass(frozen=True)
class Found:
    """What a new process finds after `work()`."""

    review: Review
    events: list[str]
    overridden_by: str | None


def recover(place: Place, threads: list[str], connection: Connection) -> None:
    with opened(place) as desk:
        report = desk.inbox.work()
        while report.busy:  # the server has still to notice that somebody died
            report = desk.inbox.work()
        found = {}
        for thread in threads:
            review = desk.review(thread)
            rows = desk.inbox.history(review.id)
            told = [row.actor for row in rows if row.event == "overridden"]
            found[thread] = Found(review, [row.event for row in rows], told[0] if told else None)
        connection.send((found, report.failed, bool(desk.inbox.verify()), desk.inbox.work().idle))


def moments(passed: Counter[str]) -> list[tuple[str, int]]:
    """Every passage of every point in a full run, else the last one of each."""
    return [
        (point, nth)
        for point, times in sorted(passed.items())
        for nth in (range(1, times + 1) if FULL else [times])
    ]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("stage", STAGES)
def test_killed_while_overriding(place: Place, stage: Stage) -> None:
    probe = {f"{stage}-probe": stage}
    assert answer_of(prepare, place, probe)
    passed: Counter[str] = answer_of(override, place, f"{stage}-probe", None)
    assert PASSED[stage] <= set(passed), passed
    victims = {f"{stage}-{point}-{nth}": (point, nth) for point, nth in moments(passed)}
    assert answer_of(prepare, place, dict.fromkeys(victims, stage))
    for thread, die in victims.items():
        assert answer_of(override, place, thread, die) is None, f"nobody died at {die}"
    found, failed, holds, idle = answer_of(recover, place, list(victims))
    assert (failed, holds, idle) == ({}, True, True)
    outcomes = {_checked(stage, found[thread], done(place, thread)) for thread in victims}
    assert outcomes == {True, False}  # some died before it was written, some afterwards


def _checked(stage: Stage, found: Found, acts: list[str]) -> bool:
    """One thread is as it has to be; whether the override was written."""
    review, happened = found.review, found.overridden_by is not None
    assert (review.attempts, review.error, review.wake) == (0, None, False), review
    assert happened == (found.events.count("overridden") == 1)
    match stage:
        case "pending":
            assert review.status == ("applied" if happened else "pending")
            expected = ["refuse"] if happened else []
        case "settled":
            assert (review.status, review.decided_by) == ("applied", "ceo" if happened else "ann")
            expected = ["refuse"] if happened else ["act"]
        case "cancelled":
            assert review.status == ("applied" if happened else "cancelled")
            expected = ["act"] if happened else ["refuse"]
        case "applied":
            assert (review.status, review.outcome) == ("applied", "approved")
            assert review.hooks == (("overruled", "recall") if happened else ())
            expected = ["act", "recall"] if happened else ["act"]
    assert list(dict.fromkeys(acts)) == expected, found
    # The last act of whoever was killed is repeated, if that was not noted.
    assert len(acts) <= len(expected) + 1
    return happened
