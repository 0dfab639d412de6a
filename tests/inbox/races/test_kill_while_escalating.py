"""`kill -9` while a review is passed on: its handler is called once, and never left out."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import pytest

from langgraph_hitl import Approve, Escalate, Reviewer
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.testing import POINTS
from tests.inbox.races.place import Place, sqlite_place
from tests.inbox.races.play import config_of, input_of
from tests.inbox.races.processes import answer_of
from tests.inbox.races.world import OVERSIGHT, World, opened_world
from tests.scale import scale

ED, LARS = Reviewer("ed", roles="editors"), Reviewer("lars", roles="lawyer")
MANNERS = ("here", "from afar")
"""Who passes it on has the graph, or only the inbox."""

ELSEWHERE = {"migrating", "notifying", "notified", "voting", "reopening", "superseding", *OVERSIGHT}
"""What no escalation passes."""

KILLED_AT = tuple(sorted({*POINTS, "effect", "save"} - ELSEWHERE))
KILLS = {"advancing": 40, "telling": 60, "effect": 60, "auditing": 60, "committed": 60}
"""How many in a full run; 20 at every other point."""


@dataclass(frozen=True)
class Passing:
    """One process goes on with a review. `die` is a fail point and a passage of it."""

    place: Place
    process: str
    manner: str
    thread: str
    die: tuple[str, int] | None = None


class Told(NamedTuple):
    """What is known of a review in the end."""

    events: list[tuple[str, str]]
    outcome: str | None
    queue: str
    holds: bool
    passed: Counter[str]


def go_on(passing: Passing, connection: Connection) -> None:
    """Go on to the end, and tell what came of it; or die."""
    with opened_world(passing.place, passing.process) as world:
        app = world.app("escalated")
        world.points.passed.clear()
        if passing.die is not None:
            world.points.kill_at(passing.die[0], nth=passing.die[1])
        if not world.reviews(passing.thread):
            app.invoke(input_of(passing.thread), config_of(passing.thread))
        while take_step(world, passing):
            pass
        passed = Counter(world.points.passed)
        (review,) = world.reviews(passing.thread)
        told = {"escalated", "settled", "applied", "hook_ran"}
        events = [
            (row.event, row.actor) for row in world.inbox.history(review.id) if row.event in told
        ]
        connection.send(
            Told(
                events=sorted(events),
                outcome=review.outcome,
                queue=review.queue,
                holds=bool(world.inbox.verify()),
                passed=passed,
            )
        )


def take_step(world: World, passing: Passing) -> bool:
    """Do what comes next; False where nothing is left to do."""
    (review,) = world.reviews(passing.thread)
    if review.status != "pending":
        return not world.inbox.work().idle
    if review.escalated_to is not None:
        world.inbox.decide(review.id, Approve(), by=LARS)
    elif passing.manner == "here":
        world.inbox.decide(review.id, Escalate("a gift?", to="legal"), by=ED)
    else:
        with Inbox.open(passing.place.url, point=world.points) as stranger:
            stranger.escalate(review.id, by=ED, reason="a gift?", to="legal")
    return True


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """What comes of it when nobody dies."""

    def rehearse(folder: Path, manner: str) -> Told:
        found: Told = answer_of(go_on, Passing(sqlite_place(folder), "r", manner, "rehearsal"))
        return found

    return {manner: rehearse(tmp_path_factory.mktemp("it"), manner) for manner in MANNERS}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", KILLED_AT)
def test_killed_at(place: Place, rehearsed: dict[str, Told], point: str) -> None:
    """The next process goes on, and all is as if nobody had been killed."""
    killed: list[str] = []
    for number in range(scale(KILLS.get(point, 20))):
        manner = MANNERS[number % len(MANNERS)]
        expected = rehearsed[manner]
        nth = 1 + (number // len(MANNERS)) % expected.passed[point]
        thread, process = uuid.uuid4().hex, uuid.uuid4().hex
        dying = Passing(place, process, manner, thread, (point, nth))
        assert answer_of(go_on, dying) is None, f"{manner}: no passage {nth} of {point}"
        found: Told = answer_of(go_on, Passing(place, "next", manner, thread))
        assert found._replace(passed=expected.passed) == expected, (manner, nth)
        assert sorted(place.journal.effects(thread)) == ["act", "page"], (manner, nth)
        killed.append(process)
    assert place.journal.unexcused(killed) == []


def test_nobody_dies(rehearsed: dict[str, Told]) -> None:
    for told in rehearsed.values():
        assert (told.outcome, told.queue, told.holds) == ("approved", "legal", True)
        assert told.events == [
            ("applied", "system:graph"),
            ("escalated", "ed"),
            ("hook_ran", "system:graph"),
            ("settled", "lars"),
        ]
        assert {point for point in KILLED_AT if not told.passed[point]} == set()
