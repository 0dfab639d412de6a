"""`kill -9` around a node that fails: it acts as often as people have decided."""

from __future__ import annotations

import uuid
from collections import Counter
from itertools import islice

import pytest

from tests.inbox.races.failures import ACTS, CASES, Fixer, Told, fix
from tests.inbox.races.place import Place
from tests.inbox.races.processes import answer_of
from tests.inbox.races.rehearsals import KILLED_AT, Rehearsals
from tests.scale import scale


def rehearse(place: Place, case: str) -> Told:
    told: Told = answer_of(fix, Fixer(place, "rehearsal", case, "rehearsal"))
    assert place.journal.effects("rehearsal") == ACTS[case]
    return told


@pytest.fixture(scope="module")
def rehearsals(tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
    return Rehearsals(tmp_path_factory.mktemp("rehearsals"), CASES, rehearse)


@pytest.mark.parametrize("case", CASES)
def test_when_nobody_dies(rehearsals: Rehearsals, case: str) -> None:
    told = rehearsals.of(case)
    assert len(told.outcomes) == len(CASES[case])
    assert told.healthy
    assert told.holds


@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", KILLED_AT)
def test_killed_at(place: Place, rehearsals: Rehearsals, point: str) -> None:
    killed: list[str] = []
    for case, nth in islice(rehearsals.moments(point), scale(20)):
        thread, process = uuid.uuid4().hex, uuid.uuid4().hex
        dying = Fixer(place, process, case, thread, (point, nth))
        assert answer_of(fix, dying) is None, f"{case}: no passage {nth} of {point}"
        found: Told = answer_of(fix, Fixer(place, "next", case, thread))
        expected = rehearsals.of(case)
        assert found._replace(passed=Counter()) == expected._replace(passed=Counter()), (case, nth)
        assert place.journal.effects(thread) == ACTS[case]
        killed.append(process)
    assert place.journal.unexcused(killed) == []
