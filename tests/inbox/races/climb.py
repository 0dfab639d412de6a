"""One review on its way up a chain of four levels, by a schedule that can be taken up again.

Every process goes by a clock that the schedule sets. It notes which step it begins, so that another
one goes on there.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from langgraph_hitl import Approve, Escalate, Reviewer
from langgraph_hitl.errors import AlreadyDecided, Expired
from langgraph_hitl.inbox._catch_up import panel_of
from langgraph_hitl.inbox._ledger.audit import AuditRow
from langgraph_hitl.panels.chain import Chain
from langgraph_hitl.testing import FixedClock
from tests.inbox.races.graphs import LEVELS
from tests.inbox.races.place import Place
from tests.inbox.races.play import config_of, input_of
from tests.inbox.races.world import World, opened_world

PEOPLE = {level: Reviewer(f"a {level}", level=level) for level in LEVELS}
ROOM_SECONDS = 60


class Step(NamedTuple):
    """After so many hours a worker passes, somebody reads, or a level is unsure or approves."""

    hours: float
    what: str
    level: str = ""


CLIMBS: dict[str, tuple[Step, ...]] = {
    "by time": tuple(Step(hours, "work") for hours in (0.6, 1, 2, 2.7, 3, 5.5, 6, 9.9, 10)),
    "unsure": (
        Step(0.2, "unsure", "member"),
        Step(1.9, "work"),
        Step(2.3, "work"),
        Step(2.4, "unsure", "director"),
        Step(6.0, "work"),
        Step(6.4, "work"),
    ),
    "rarely looked at": (Step(5, "work"), Step(6.5, "read"), Step(7, "approve", "executive")),
    "all unsure": (
        *(Step(0.1, "unsure", level) for level in LEVELS[:-1]),
        Step(3, "work"),
        Step(4.0, "approve", "executive"),
    ),
    "too late": (Step(2.9, "unsure", "lead"), Step(11, "approve", "executive")),
}


@dataclass(frozen=True)
class Ascent:
    """One process goes on with a climb. `die` is a fail point and a passage of it."""

    place: Place
    process: str
    climb: str
    thread: str
    die: tuple[str, int] | None = None


class Told(NamedTuple):
    """What is known of a review in the end; `rows` is the audit without what the graph took."""

    rows: list[tuple[str, str, datetime, str | None, Any]]
    outcome: str
    status: str
    ran: list[str]
    holds: bool
    passed: Counter[str]


def ascend(ascent: Ascent, connection: Connection) -> None:
    """Go on with a climb to its end, and tell what came of it; or die."""
    clock = FixedClock()
    begun = clock.now
    with opened_world(ascent.place, ascent.process, clock) as world:
        app = world.app("climbing")
        world.points.passed.clear()
        if ascent.die is not None:
            world.points.kill_at(ascent.die[0], nth=ascent.die[1])
        steps = (Step(0, "start"), *CLIMBS[ascent.climb], Step(200, "work"))
        for number in range(_begun_with(ascent), len(steps)):
            _note_begin(ascent, number)
            clock.now = begun
            clock.advance(hours=steps[number].hours)
            take(world, ascent.thread, steps[number])
        passed = Counter(world.points.passed)
        (review,) = world.reviews(ascent.thread)
        connection.send(
            Told(
                rows=[_row(row) for row in world.inbox.history(review.id) if not _is_late(row)],
                outcome=str(review.outcome),
                status=review.status,
                ran=list(app.get_state(config_of(ascent.thread)).values["ran"]),
                holds=bool(world.inbox.verify()),
                passed=passed,
            )
        )


def take(world: World, thread: str, step: Step) -> None:
    """Do what comes next, unless it was done before."""
    if step.what == "start":
        if not world.reviews(thread):
            world.app("climbing").invoke(input_of(thread), config_of(thread))
        return
    (review,) = world.reviews(thread)
    match step.what:
        case "work":
            world.inbox.work()
        case "read":
            world.inbox.get(review.id)
        case "unsure":
            current = world.inbox.get(review.id)
            panel = panel_of(current, world.inbox.clock())
            assert isinstance(panel, Chain)
            if panel.level == step.level:
                world.inbox.decide(review.id, Escalate("unsure"), by=PEOPLE[step.level])
        case "approve":
            with suppress(Expired, AlreadyDecided):
                world.inbox.decide(review.id, Approve(), by=PEOPLE[step.level])
        case other:
            raise ValueError(other)


def _begun_with(ascent: Ascent) -> int:
    path = _progress(ascent)
    return int(path.read_text()) if path.exists() else 0


def _note_begin(ascent: Ascent, number: int) -> None:
    path = _progress(ascent)
    fresh = path.with_suffix(".new")
    fresh.write_text(str(number))
    fresh.rename(path)


def _progress(ascent: Ascent) -> Path:
    return Path(ascent.place.folder) / f"{ascent.thread}.step"


def _is_late(row: AuditRow) -> bool:
    """When the graph took a decision says nothing about the climb."""
    return row.event == "applied"


def _row(row: AuditRow) -> tuple[str, str, datetime, str | None, Any]:
    content = {name: one for name, one in (row.content or {}).items() if name == "level"}
    return row.event, row.actor, row.at, row.reason, content
