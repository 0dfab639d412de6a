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


def death(place: Place, rehearsals: Rehearsals, case: str, point: str, nth: int) -> str:
    """One process dies, and the next one goes on to the same end; gives the name of the first."""
    thread, process = uuid.uuid4().hex, uuid.uuid4().hex
    dying = Fixer(place, process, case, thread, (point, nth))
    assert answer_of(fix, dying) is None, f"{case}: no passage {nth} of {point}"
    found: Told = answer_of(fix, Fixer(place, "next", case, thread))
    expected = rehearsals.of(case)
    assert found._replace(passed=Counter()) == expected._replace(passed=Counter()), (case, nth)
    assert place.journal.effects(thread) == ACTS[case]
    return process


@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", KILLED_AT)
def test_killed_at(place: Place, rehearsals: Rehearsals, point: str) -> None:
    moments = islice(rehearsals.moments(point), scale(20))
    killed = [death(place, rehearsals, case, point, nth) for case, nth in moments]
    assert place.journal.unexcused(killed) == []


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_killed_between_the_error_and_its_handler(
    place: Place, rehearsals: Rehearsals, nth: int
) -> None:
    """The node that has failed does not run again, and a worker goes on to the question."""
    killed = death(place, rehearsals, "mended", "failure saved", nth)
    assert place.journal.unexcused([killed]) == []
