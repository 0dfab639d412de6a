"""`kill -9` around `notify=`: what was not told is told by the next one, and nothing else again."""

from __future__ import annotations

import json
import os
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from langgraph_hitl.inbox import Inbox, Notice
from langgraph_hitl.testing import FailPoints
from tests.inbox.ledgers import filing
from tests.inbox.races.place import Place
from tests.inbox.races.processes import answer_of
from tests.scale import scale


class Diary:
    """Whom `notify` has told, in a file that survives every kill."""

    def __init__(self, place: Place) -> None:
        self.path = Path(place.folder) / "diary"

    def __call__(self, notice: Notice) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, json.dumps([notice.seq, notice.event]).encode() + b"\n")
        finally:
            os.close(descriptor)

    def read(self) -> list[tuple[int, str]]:
        return [tuple(json.loads(line)) for line in self.path.read_text().splitlines()]


def work(place: Place, die: tuple[str, int] | None, connection: Connection) -> None:
    """One pass, or a part of it."""
    points = FailPoints()
    with Inbox.open(place.url, notify=Diary(place), point=points) as inbox:
        if die is not None:
            points.kill_at(die[0], nth=die[1])
        connection.send((inbox.work().notified, bool(inbox.verify())))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("point", "repeats"), [("notifying", 0), ("notified", 1)])
def test_killed_again_and_again(place: Place, point: str, repeats: int) -> None:
    assert answer_of(work, place, None) == (0, True)
    deaths = [1 + number % 3 for number in range(scale(20))]
    events = sum(deaths) + 3
    with Inbox.open(place.url) as inbox:
        for number in range(events):
            with inbox._office.ledger.transaction() as tx:
                tx.file(filing(f"r{number}"), wake=False)
        for nth in deaths:
            assert answer_of(work, place, (point, nth)) is None
        told = sum(nth - 1 for nth in deaths)
        assert answer_of(work, place, None) == (events - told, True)
        expected = [(notice.seq, notice.event) for notice in inbox.notices(limit=1000)]
    heard = Diary(place).read()
    assert list(dict.fromkeys(heard)) == expected
    assert heard == sorted(heard)
    assert len(heard) == len(expected) + repeats * len(deaths)
