"""`kill -9` while a list is decided item by item: each approved item runs once, and no other."""

from __future__ import annotations

import uuid
from collections import Counter
from itertools import islice

import pytest

from tests.inbox.races.place import Place
from tests.inbox.races.processes import answer_of
from tests.inbox.races.rehearsals import KILLED_AT, Rehearsals
from tests.inbox.races.sittings import BATCHES, RUNS, Sitter, Told, sit
from tests.scale import scale


def rehearse(place: Place, batch: str) -> Told:
    told: Told = answer_of(sit, Sitter(place, "rehearsal", batch, "rehearsal"))
    return told


@pytest.fixture(scope="module")
def rehearsals(tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
    return Rehearsals(tmp_path_factory.mktemp("rehearsals"), BATCHES, rehearse)


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
