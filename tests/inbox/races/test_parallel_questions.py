"""Several questions of one thread, answered at the same moment by several processes.

With LangGraph alone both answers are stored and nobody goes on. Here no answer is lost and no
thread gets stuck: when the last of them has returned, the thread is over, without `work()`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.inbox.races.answerer import Answerer, Door, answer, start
from tests.inbox.races.graphs import ITEMS
from tests.inbox.races.place import Place
from tests.inbox.races.play import Play
from tests.inbox.races.processes import CONTEXT, Child
from tests.inbox.races.survey import survey
from tests.inbox.races.world import opened_world
from tests.scale import scale

DOORS: dict[str, tuple[Door, ...]] = {
    "decide": ("decide", "decide", "decide"),
    "raw": ("raw", "raw", "raw"),
    "mixed": ("decide", "raw", "decide"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("doors", DOORS)
@pytest.mark.parametrize(("graph", "questions"), [("parallel", 2), ("sent", len(ITEMS))])
def test_answered_at_once(place: Place, graph: str, questions: int, doors: str) -> None:
    threads = tuple(f"{graph} {doors} {n} {place.folder}" for n in range(scale(100)))
    start(place, graph, threads)
    barrier = CONTEXT.Barrier(questions)
    people: list[Any] = [
        Answerer(place, f"person {n}", graph, n, DOORS[doors][n], threads) for n in range(questions)
    ]
    for child in [Child(answer, person, barrier) for person in people]:
        assert child.answer() == len(threads)
    with opened_world(place) as world:
        for thread in threads:
            found = survey(world, Play(graph, "decide"), thread)
            assert found.over, found
            assert {review.status for review in found.reviews} == {"applied"}
            assert found.records == {review.id: "approved" for review in found.reviews}
            assert len(found.records) == questions
            assert found.ran == ("act",)
        assert world.inbox.work().idle
        assert world.inbox.verify()
    acted = [line.thread for line in place.journal.lines() if line.what == "effect"]
    assert sorted(acted) == sorted(threads)
