"""Eight processes decide the same reviews at once: each is decided once, what follows runs once.

Half of them approve and half reject; half go through `inbox.decide` and half resume the graph
directly. Beside it the same with LangGraph alone.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.inbox.races.journal import Line
from tests.inbox.races.place import Place
from tests.inbox.races.play import Play
from tests.inbox.races.processes import CONTEXT, Child
from tests.inbox.races.racer import Door, Racer, Told, race, race_bare, start, start_bare
from tests.inbox.races.survey import standings, survey
from tests.inbox.races.world import opened_world
from tests.scale import scale

OUTCOMES = {"approve": "approved", "reject": "rejected"}
NODES = {"approved": "act", "rejected": "refuse"}
DOORS: tuple[Door, ...] = ("decide", "raw", "decide", "raw by id")


def racers(place: Place, threads: tuple[str, ...]) -> list[Racer]:
    """Eight; every pair of decision and door is there twice."""
    return [
        Racer(place, f"racer {n}", "approve" if n % 2 else "reject", DOORS[n // 2], threads)
        for n in range(8)
    ]


@pytest.mark.timeout(600)
def test_decided_once_and_run_once(place: Place) -> None:
    threads = tuple(f"thread {n}" for n in range(scale(200)))
    start(place, threads)
    everybody = racers(place, threads)
    barrier = CONTEXT.Barrier(len(everybody))
    children = [Child(race, racer, barrier) for racer in everybody]
    told: list[dict[str, Told]] = [child.answer() for child in children]
    effects = [line for line in place.journal.lines() if line.what == "effect"]
    assert sorted(line.thread for line in effects) == sorted(threads)
    ran = {line.thread: line.node for line in effects}
    with opened_world(place) as world:
        assert world.inbox.work().idle
        assert world.inbox.verify()
        settled = 0
        for thread in threads:
            (review,) = standings(world, thread)
            assert (review.status, review.attempts, review.error) == ("applied", 0, None)
            assert survey(world, Play("one", "raw"), thread).ran == (ran[thread],)
            heard = [of_one[thread] for of_one in told]
            check_one(everybody, heard, outcome=str(review.outcome), node=ran[thread])
            settled += sum(row.event == "settled" for row in world.inbox.history(review.id))
        assert settled == len(threads)


def check_one(everybody: list[Racer], heard: list[Told], *, outcome: str, node: str) -> None:
    """One winner, whom everybody names; and the node that its decision lets run."""
    assert NODES[outcome] == node
    assert len({(told.by, told.outcome) for told in heard}) == 1, heard
    assert heard[0].outcome == outcome
    winner = heard[0].by
    winners = [racer.name for racer, told in zip(everybody, heard, strict=True) if told.won]
    if winner == "direct":
        assert winners == []
    else:
        assert winners == [winner]
        (decision,) = (racer.decision for racer in everybody if racer.name == winner)
        assert OUTCOMES[decision] == outcome


@pytest.mark.timeout(600)
def test_with_langgraph_alone_both_run(place: Place) -> None:
    """The race that the inbox decides: here one thread runs what was approved and what was not."""
    threads = tuple(f"bare {place.folder} {n}" for n in range(scale(200)))
    start_bare(place, threads)
    everybody = racers(place, threads)
    barrier = CONTEXT.Barrier(len(everybody))
    for child in [Child(race_bare, racer, barrier) for racer in everybody]:
        child.answer()
    ran = Counter(_key(line) for line in place.journal.lines())
    both = [t for t in threads if ran[t, "act"] and ran[t, "refuse"]]
    assert both, "LangGraph decides such races by now; the README says that it does not"


def _key(line: Line) -> tuple[str, str]:
    return line.thread, line.node
