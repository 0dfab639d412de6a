"""`kill -9` while a list is decided item by item: each approved item runs once, and no other."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from langgraph_hitl.testing import POINTS
from tests.inbox.races.place import Place, sqlite_place
from tests.inbox.races.processes import answer_of
from tests.inbox.races.sittings import BATCHES, RUNS, Sitter, Told, sit
from tests.scale import scale

ELSEWHERE = {"advancing", "migrating", "notifying", "notified", "voting", "reopening"} | {
    "superseding",
    "telling",
}
"""What no sitting passes."""

KILLED_AT = tuple(sorted({*POINTS, "effect", "save"} - ELSEWHERE))


class Rehearsals:
    """What comes of each batch when nobody dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Told] = {}

    def of(self, batch: str) -> Told:
        if batch not in self._known:
            folder = self._folder / batch
            folder.mkdir()
            sitter = Sitter(sqlite_place(folder), "rehearsal", batch, "rehearsal")
            self._known[batch] = answer_of(sit, sitter)
        return self._known[batch]

    def moments(self, point: str) -> Iterator[tuple[str, int]]:
        """Batches with a passage to die at: all in turn, each at all its passages in time."""
        batches = [batch for batch in BATCHES if self.of(batch).passed[point]]
        assert batches, f"no batch passes {point}"
        start = KILLED_AT.index(point)
        for number in count():
            batch = batches[(start + number) % len(batches)]
            yield batch, 1 + (number * 7) % self.of(batch).passed[point]


@pytest.fixture(scope="module")
def rehearsals(tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
    return Rehearsals(tmp_path_factory.mktemp("rehearsals"))


@pytest.mark.parametrize("batch", BATCHES)
def test_when_nobody_dies(rehearsals: Rehearsals, batch: str) -> None:
    told = rehearsals.of(batch)
    assert told.ran == RUNS[batch]
    assert told.healthy
    assert told.holds


@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", KILLED_AT)
def test_killed_at(place: Place, rehearsals: Rehearsals, point: str) -> None:
    killed: list[str] = []
    for batch, nth in islice(rehearsals.moments(point), scale(20)):
        thread, process = uuid.uuid4().hex, uuid.uuid4().hex
        dying = Sitter(place, process, batch, thread, (point, nth))
        assert answer_of(sit, dying) is None, f"{batch}: no passage {nth} of {point}"
        found: Told = answer_of(sit, Sitter(place, "next", batch, thread))
        expected = rehearsals.of(batch)
        assert found._replace(passed=Counter()) == expected._replace(passed=Counter()), (batch, nth)
        assert sorted(place.journal.effects(thread)) == RUNS[batch]
        killed.append(process)
    assert place.journal.unexcused(killed, side_by_side=True) == []
