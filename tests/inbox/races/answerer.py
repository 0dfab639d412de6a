"""Processes that answer different questions of the same threads, each at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

from langgraph_hitl import Approve, pending, resume
from tests.inbox.races.place import Place
from tests.inbox.races.play import config_of, input_of
from tests.inbox.races.world import opened_world

Door = Literal["decide", "raw"]
TOGETHER_SECONDS = 60


@dataclass(frozen=True)
class Answerer:
    """One of the processes: the question that is its own, and by which door it answers."""

    place: Place
    name: str
    graph: str
    question: int
    door: Door
    threads: tuple[str, ...]


def answer(person: Answerer, barrier: Any, connection: Connection) -> None:
    """Answer one question of every thread, when the others are ready; tell how many it were."""
    with opened_world(person.place, person.name) as world:
        app = world.app(person.graph)
        for thread in person.threads:
            requests = sorted(pending(app, config_of(thread)), key=lambda r: r.review_id)
            request = requests[person.question]
            barrier.wait(TOGETHER_SECONDS)
            if person.door == "decide":
                world.inbox.decide(request.review_id, Approve(), by=person.name)
            else:
                app.invoke(resume(request, Approve()), config_of(thread))
            barrier.wait(TOGETHER_SECONDS)
        connection.send(len(person.threads))


def start(place: Place, graph: str, threads: tuple[str, ...]) -> None:
    """Ask all questions of every thread."""
    with opened_world(place, "starter") as world:
        for thread in threads:
            world.app(graph).invoke(input_of(thread), config_of(thread))
