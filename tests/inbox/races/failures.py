"""A node that fails, and people who say how to go on; another process can take it up again."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from langgraph_hitl import Choose, Edit, Respond
from langgraph_hitl.errors import AlreadyDecided
from tests.inbox.races.place import Place
from tests.inbox.races.play import config_of
from tests.inbox.races.world import World, opened_world

CASES: dict[str, tuple[Any, ...]] = {
    "mended": (Choose("retry"), Edit({"draft": "better"}), Edit({"draft": "mended"})),
    "supplied": (Choose("retry"), Respond({"ran": ["by hand"]})),
    "skipped": (Edit({"draft": "better"}), Choose("skip")),
    "aborted": (Choose("retry"), Choose("retry"), Choose("abort")),
}
ACTS: dict[str, list[str]] = {
    "mended": ["Hello after 0", "Hello after 1", "better after 2", "mended after 3", "ship"],
    "supplied": ["Hello after 0", "Hello after 1", "ship"],
    "skipped": ["Hello after 0", "better after 1", "ship"],
    "aborted": ["Hello after 0", "Hello after 1", "Hello after 2", "give_up"],
}


@dataclass(frozen=True)
class Fixer:
    """One process goes on with a case. `die` is a fail point and a passage of it."""

    place: Place
    process: str
    case: str
    thread: str
    die: tuple[str, int] | None = None


class Told(NamedTuple):
    """What is known in the end."""

    ran: list[str]
    outcomes: list[str]
    healthy: bool
    holds: bool
    passed: Counter[str]


def fix(fixer: Fixer, connection: Connection) -> None:
    """Go on with a case to its end, and tell what came of it; or die."""
    with opened_world(fixer.place, fixer.process) as world:
        app = world.app("failing")
        world.points.passed.clear()
        if fixer.die is not None:
            world.points.kill_at(fixer.die[0], nth=fixer.die[1])
        config = config_of(fixer.thread)
        if not world.reviews(fixer.thread):
            begun = app.get_state(config).values
            app.invoke(None if begun else {"thread": fixer.thread, "draft": "Hello"}, config)
        world.inbox.work()
        for number, decision in enumerate(CASES[fixer.case]):
            _decide(world, fixer.thread, number, decision)
            world.inbox.work()
        passed = Counter(world.points.passed)
        values = app.get_state(config).values
        connection.send(
            Told(
                ran=values["ran"],
                outcomes=[one["outcome"] for one in values["reviews"]],
                healthy=world.inbox.doctor().healthy,
                holds=bool(world.inbox.verify()),
                passed=passed,
            )
        )


def _decide(world: World, thread: str, number: int, decision: Any) -> None:
    """Say what to do about failure `number`, if nobody has."""
    reviews = world.reviews(thread)
    if len(reviews) == number + 1 and reviews[number].status == "pending":
        with suppress(AlreadyDecided):
            how: Any = "now" if number % 2 else "worker"
            world.inbox.decide(reviews[number].id, decision, by="maria", resume=how)
