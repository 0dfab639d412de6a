"""A batch that is decided in sittings, which another process can take up again."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from langgraph_hitl import Approve, Edit, Items, Reject, RejectRest, Skip
from langgraph_hitl.errors import AlreadyDecided
from langgraph_hitl.review.items import ids_of
from tests.inbox.races.place import Place
from tests.inbox.races.play import config_of
from tests.inbox.races.world import World, opened_world

Batch = tuple[tuple[str, ...], ...]
"""Sittings: of each, words such as `a approve` in the order in which they are said."""

BATCHES: dict[str, Batch] = {
    "one by one": (("a approve",), ("b reject",), ("c edit",), ("d approve",)),
    "at once": (("a approve", "b edit", "c skip", "d approve"),),
    "backwards": (("d approve",), ("c approve", "b skip"), ("a approve",)),
    "stopped": (("a approve",), ("b reject_rest",)),
}
RUNS: dict[str, list[str]] = {
    "one by one": ["a=10", "c=7", "d=40"],
    "at once": ["a=10", "b=7", "d=40"],
    "backwards": ["a=10", "c=30", "d=40"],
    "stopped": ["a=10"],
}


@dataclass(frozen=True)
class Sitter:
    """One process goes on with a batch. `die` is a fail point and a passage of it."""

    place: Place
    process: str
    batch: str
    thread: str
    die: tuple[str, int] | None = None


class Told(NamedTuple):
    """What is known in the end."""

    ran: list[str]
    verdicts: dict[str, str]
    healthy: bool
    holds: bool
    passed: Counter[str]


def sit(sitter: Sitter, connection: Connection) -> None:
    """Go on with a batch to its end, and tell what came of it; or die."""
    with opened_world(sitter.place, sitter.process) as world:
        app = world.app("batch")
        world.points.passed.clear()
        if sitter.die is not None:
            world.points.kill_at(sitter.die[0], nth=sitter.die[1])
        if not world.reviews(sitter.thread):
            app.invoke(_input(sitter.thread), config_of(sitter.thread))
        world.inbox.work()
        for number, sitting in enumerate(BATCHES[sitter.batch]):
            _decide(world, sitter.thread, sitting, how="now" if number % 2 else "worker")
            world.inbox.work()
        passed = Counter(world.points.passed)
        values = app.get_state(config_of(sitter.thread)).values
        connection.send(
            Told(
                ran=sorted(values["ran"]),
                verdicts={one["id"]: one["type"] for one in values["review"]["items"]},
                healthy=world.inbox.doctor().healthy,
                holds=bool(world.inbox.verify()),
                passed=passed,
            )
        )


def _decide(world: World, thread: str, sitting: tuple[str, ...], *, how: Any) -> None:
    """Say what has not been said."""
    (review,) = world.reviews(thread)
    if review.status != "pending":
        return
    left = ids_of(review.request["subject"], "id")
    said = dict(words.split() for words in sitting)
    verdicts = {item: _verdict(kind, item, thread) for item, kind in said.items() if item in left}
    if verdicts:
        with suppress(AlreadyDecided):
            world.inbox.decide(review.id, Items(verdicts), by="maria", resume=how)


def _verdict(kind: str, item: str, thread: str) -> Any:
    match kind:
        case "approve":
            return Approve()
        case "edit":
            return Edit({"id": item, "amount": 7, "thread": thread})
        case "skip":
            return Skip()
        case "reject":
            return Reject()
        case "reject_rest":
            return RejectRest()
        case other:
            raise ValueError(other)


def _input(thread: str) -> dict[str, Any]:
    amounts = {"a": 10, "b": 20, "c": 30, "d": 40}
    items = [{"id": id_, "amount": one, "thread": thread} for id_, one in amounts.items()]
    return {"thread": thread, "items": items}
