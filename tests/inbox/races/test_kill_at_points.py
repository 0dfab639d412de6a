"""`kill -9` at every fail point. After `work()` in a new process nothing is lost, stuck or wrong.

A play is one thread from its start to its end. It is performed once to see which points it passes;
then processes that perform it are killed there, each with a thread of its own. A new process does
`work()`, and afterwards what people would do: it answers what waits, and starts what had not come
to its first question.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from langgraph_hitl.testing import POINTS
from tests.inbox.races.checks import check
from tests.inbox.races.place import Place, sqlite_place
from tests.inbox.races.play import Play
from tests.inbox.races.processes import answer_of
from tests.inbox.races.worker import Life, live
from tests.inbox.races.world import OVERSIGHT
from tests.scale import scale

REVISED = (Play("revised", "decide"), Play("revised", "raw", "reject"), Play("revised", "worker"))
NESTED = (Play("nested", "raw"), Play("nested", "decide", "reject"), Play("nested", "plain"))
SEVERAL = (Play("parallel", "raw"), Play("sent", "decide"), Play("parallel", "decide"))
SENT = (Play("sent", "raw", "reject"),)
PANEL = (Play("panel", "decide", "reject"), Play("panel", "raw"))
ONE = (Play("one", "decide"), Play("one", "plain", "reject"), Play("one", "cancel"))
ASYNC = (Play("nested", "async"), Play("one", "araw", "reject"), Play("parallel", "araw"))
ALL = (*NESTED, *REVISED, *SEVERAL, *PANEL, *ONE, *ASYNC, *SENT)
TOLD = (Play("told", "decide"), Play("told", "raw", "reject"))
TWICE = (Play("one", "twice"), Play("one", "twice", "reject"))
MISFIT = (Play("fussy", "misfit"),)

PLAYS: dict[str, tuple[Play, ...]] = {
    "filing": ALL,
    "voting": PANEL,
    "settling": ALL,
    "reopening": MISFIT,
    "superseding": TWICE,
    "parking": ALL,
    "applying": ALL,
    "auditing": (*ALL, *MISFIT, *TWICE),
    "committed": (*ALL, *MISFIT, *TWICE),
    "locking": ALL,
    "asking": ALL,
    "resuming": (Play("nested", "decide"), Play("revised", "worker"), *MISFIT),
    "recording": ALL,
    "telling": TOLD,
    "releasing": ALL,
    "looking": ALL,
    "effect": (*ALL, *TOLD),
    "save": ALL,
}
"""For each point, plays that pass it."""

ELSEWHERE = {"advancing", "migrating", "notifying", "notified", *OVERSIGHT}
"""They have tests of their own."""

KILLS = {"save": 100, "effect": 40}
"""How many in a full run; 20 at every other point."""


def test_every_point_is_killed_at() -> None:
    assert set(PLAYS) == {*POINTS, "effect", "save"} - ELSEWHERE


class Rehearsals:
    """How often a play passes each point when nobody dies, and nothing of others is left to do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Play, Counter[str]] = {}

    def passages(self, play: Play, point: str) -> int:
        if play not in self._known:
            folder = self._folder / play.id
            folder.mkdir()
            life = Life(sqlite_place(folder), "rehearsal", play, "rehearsal")
            self._known[play] = answer_of(live, life)
        return self._known[play][point]

    def moments(self, point: str) -> Iterator[tuple[Play, int]]:
        """Plays with a passage to die at: all plays in turn, at early and at late passages."""
        plays = PLAYS[point]
        start = sorted(PLAYS).index(point)
        for number in count():
            play = plays[(start + number) % len(plays)]
            passages = self.passages(play, point)
            assert passages, f"{play.id} does not pass {point}"
            yield play, 1 + (number * 7) % passages


@pytest.fixture(scope="module")
def rehearsals(tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
    return Rehearsals(tmp_path_factory.mktemp("rehearsals"))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", PLAYS)
def test_killed_at(place: Place, rehearsals: Rehearsals, point: str) -> None:
    kills = scale(KILLS.get(point, 20))
    plays: dict[str, Play] = {}
    killed: list[str] = []
    for play, nth in islice(rehearsals.moments(point), kills):
        thread, process = uuid.uuid4().hex, uuid.uuid4().hex
        answer = answer_of(live, Life(place, process, play, thread, (point, nth)))
        assert answer is None, f"{play.id} did not come to passage {nth} of {point}"
        plays[thread] = play
        killed.append(process)
    check(place, plays, killed)
