"""Processes that all want to decide the same reviews, each at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple

from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from langgraph_hitl import Approve, Reject
from langgraph_hitl.errors import AlreadyDecided
from tests.drivers import App, Builder
from tests.inbox.races.graphs import Desk, Effect, acting
from tests.inbox.races.journal import Line
from tests.inbox.races.place import Place
from tests.inbox.races.play import config_of, input_of
from tests.inbox.races.world import World, opened_world

Door = Literal["decide", "raw", "raw by id"]
TOGETHER_SECONDS = 60


@dataclass(frozen=True)
class Racer:
    """One of the processes: what it decides, and by which door."""

    place: Place
    name: str
    decision: Literal["approve", "reject"]
    door: Door
    threads: tuple[str, ...]


class Told(NamedTuple):
    """What a racer heard about one review: whether it decided it itself, who did, and how."""

    won: bool
    by: str
    outcome: str


def race(racer: Racer, barrier: Any, connection: Connection) -> None:
    """Decide every review in turn, each when all the others are there; tell what was heard."""
    with opened_world(racer.place, racer.name) as world:
        app = world.app("one")
        reviews = {review.thread_id: review for review in _all_pending(world)}
        told: dict[str, Told] = {}
        for thread in racer.threads:
            barrier.wait(TOGETHER_SECONDS)
            if racer.door == "decide":
                told[thread] = _decide(world, racer, reviews[thread].id)
            else:
                told[thread] = _resume(app, racer, thread)
        connection.send(told)


def start(place: Place, threads: tuple[str, ...]) -> None:
    """Ask the question of every thread."""
    with opened_world(place, "starter") as world:
        for thread in threads:
            world.app("one").invoke(input_of(thread), config_of(thread))


def _all_pending(world: World) -> list[Any]:
    found: list[Any] = []
    while page := world.inbox.pending(after=found[-1] if found else None):
        found += page
    return found


def _decide(world: World, racer: Racer, review_id: str) -> Told:
    decision = Approve() if racer.decision == "approve" else Reject()
    try:
        review = world.inbox.decide(review_id, decision, by=racer.name)
    except AlreadyDecided as error:
        return Told(won=False, by=error.by, outcome=error.outcome)
    return Told(won=True, by=str(review.decided_by), outcome=str(review.outcome))


def _resume(app: App, racer: Racer, thread: str) -> Told:
    answer: Any = {"type": racer.decision}
    if racer.door == "raw by id":
        asked = app.get_state(config_of(thread)).interrupts
        answer = {item.id: answer for item in asked} or answer
    review = app.invoke(Command(resume=answer), config_of(thread))["review"]
    return Told(won=False, by=review["decided_by"], outcome=review["outcome"])


def bare(effect: Effect) -> Builder:
    """What LangGraph's documentation shows: a question, and what the answer lets run."""

    def gate(state: Desk) -> Command[Any]:
        return Command(goto="act" if interrupt("publish?") == "approve" else "refuse")

    builder: Builder = StateGraph(Desk)
    builder.add_node("gate", gate, destinations=("act", "refuse"))
    builder.add_edge(START, "gate")
    for name in ("act", "refuse"):
        builder.add_node(name, acting(effect, name))
    return builder


def race_bare(racer: Racer, barrier: Any, connection: Connection) -> None:
    """`race` with LangGraph alone."""
    with racer.place.saver() as saver:
        app = bare(_effect(racer.place, racer.name)).compile(checkpointer=saver)
        for thread in racer.threads:
            barrier.wait(TOGETHER_SECONDS)
            app.invoke(Command(resume=racer.decision), config_of(thread))
    connection.send(None)


def start_bare(place: Place, threads: tuple[str, ...]) -> None:
    with place.saver() as saver:
        app = bare(_effect(place, "starter")).compile(checkpointer=saver)
        for thread in threads:
            app.invoke(input_of(thread), config_of(thread))


def _effect(place: Place, process: str) -> Effect:
    return lambda thread, node: place.journal.add(Line(process, "effect", thread, node))
