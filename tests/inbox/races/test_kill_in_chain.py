"""`kill -9` while a review climbs a chain: no level is skipped, comes twice, or ends early."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

import pytest

from langgraph_hitl.testing import POINTS, FixedClock
from tests.inbox.races.climb import CLIMBS, Ascent, Told, ascend
from tests.inbox.races.graphs import LEVELS
from tests.inbox.races.place import Place, sqlite_place
from tests.inbox.races.processes import answer_of
from tests.inbox.races.world import OVERSIGHT
from tests.scale import scale

ELSEWHERE = {
    "migrating",
    "notifying",
    "notified",
    "voting",
    "reopening",
    "superseding",
    "telling",
    *OVERSIGHT,
}
"""What no climb passes."""

KILLED_AT = tuple(sorted({*POINTS, "effect", "save"} - ELSEWHERE))
KILLS = {"advancing": 60, "settling": 30, "auditing": 40, "committed": 40}
"""How many in a full run; 20 at every other point."""


class Rehearsals:
    """What comes of each climb when nobody dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Told] = {}

    def of(self, climb: str) -> Told:
        if climb not in self._known:
            folder = self._folder / climb
            folder.mkdir()
            ascent = Ascent(sqlite_place(folder), "rehearsal", climb, "rehearsal")
            self._known[climb] = answer_of(ascend, ascent)
        return self._known[climb]

    def passed(self, climb: str) -> Counter[str]:
        return self.of(climb).passed

    def moments(self, point: str) -> Iterator[tuple[str, int]]:
        """Climbs with a passage to die at: all in turn, each at all its passages in time."""
        climbs = [climb for climb in CLIMBS if self.passed(climb)[point]]
        assert climbs, f"no climb passes {point}"
        start = KILLED_AT.index(point)
        for number in count():
            climb = climbs[(start + number) % len(climbs)]
            yield climb, 1 + (number * 7) % self.passed(climb)[point]


@pytest.fixture(scope="module")
def rehearsals(tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
    return Rehearsals(tmp_path_factory.mktemp("rehearsals"))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", KILLED_AT)
def test_killed_at(place: Place, rehearsals: Rehearsals, point: str) -> None:
    """The next process goes on, and all is as if nobody had been killed."""
    killed: list[str] = []
    for climb, nth in islice(rehearsals.moments(point), scale(KILLS.get(point, 20))):
        thread, process = uuid.uuid4().hex, uuid.uuid4().hex
        dying = Ascent(place, process, climb, thread, (point, nth))
        assert answer_of(ascend, dying) is None, f"{climb}: no passage {nth} of {point}"
        found: Told = answer_of(ascend, Ascent(place, "next", climb, thread))
        expected = rehearsals.of(climb)
        assert found.rows == expected.rows, (climb, nth)
        assert found._replace(passed=expected.passed) == expected
        killed.append(process)
    assert place.journal.unexcused(killed) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("climb", "levels", "outcome"),
    [
        ("by time", [1, 3, 6], "timed_out"),
        ("unsure", [0.2, 2.2, 2.4], "timed_out"),
        ("rarely looked at", [1, 3, 6], "approved"),
        ("all unsure", [0.1, 0.1, 0.1], "approved"),
        ("too late", [1, 2.9, 5.9], "timed_out"),
    ],
)
def test_every_level_comes_at_its_moment(
    rehearsals: Rehearsals, climb: str, levels: list[float], outcome: str
) -> None:
    told = rehearsals.of(climb)
    begun = FixedClock().now
    climbed = [
        (content["level"], at) for event, _, at, _, content in told.rows if event == "escalated"
    ]
    assert climbed == [
        (level, begun + timedelta(hours=hours))
        for level, hours in zip(LEVELS[1:], levels, strict=True)
    ]
    assert (told.outcome, told.status, told.holds) == (outcome, "applied", True)
    assert told.ran == ["act" if outcome == "approved" else "refuse"]
