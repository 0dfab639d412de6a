"""A supervisor in one process, the graph in another, and processes that are killed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from langgraph_hitl import Inbox, Reviewer
from langgraph_hitl.errors import ThreadPaused
from tests.inbox.oversight.runner import ORDER, Runner, aserve, journal_of, serve
from tests.inbox.races.place import Place

MARIA = Reviewer("maria", roles=("operators",))
TIMES = 50


@pytest.fixture
def supervisor(place: Place) -> Iterator[Inbox]:
    """The inbox, in a process that has no graph."""
    with Inbox.open(place.url) as inbox:
        yield inbox


@pytest.mark.parametrize("target", [serve, aserve])
def test_fifty_of_fifty_pauses_take_effect_at_the_next_step(
    place: Place, supervisor: Inbox, target: Callable[..., None]
) -> None:
    """What was committed while a node ran lets no other node begin."""
    draw = random.Random(7)  # noqa: S311  # a test's choice
    runner, journal = Runner(place, target), journal_of(place)
    paused = 0
    for number in range(TIMES):
        thread, node = f"thread-{number}", draw.choice(ORDER[:-1])
        assert runner.do("start", thread=thread, stop_in=node) == ("in", node)
        held = supervisor.pause(thread, by=MARIA, reason=f"odd {number}")
        assert held.status == "pausing"
        runner.go()
        assert runner.hear() == ("paused", "maria")
        assert journal.of(thread) == [*ORDER[: ORDER.index(node) + 1]]
        paused += supervisor.run(thread).status == "paused"
    runner.end()
    assert paused == TIMES
    worker = Runner(place)
    for number in range(TIMES):
        thread = f"thread-{number}"
        supervisor.resume(thread, by=MARIA)
        assert worker.do("work", thread=thread) == {}
        assert supervisor.run(thread).status == "finished"
        assert Counter(journal.of(thread)) == Counter(ORDER)
    worker.end()
    assert supervisor.verify()


def test_a_pause_in_the_last_step_holds_what_comes_next(place: Place, supervisor: Inbox) -> None:
    runner = Runner(place)
    assert runner.do("start", thread="t", stop_in=ORDER[-1]) == ("in", ORDER[-1])
    supervisor.pause("t", by=MARIA, reason="late")
    runner.go()
    assert runner.hear() == ("finished", None)
    run = supervisor.run("t")
    assert (run.status, run.state) == ("paused", "finished")
    assert runner.do("start", thread="t") == ("paused", "maria")
    supervisor.resume("t", by=MARIA)
    assert supervisor.run("t").status == "finished"
    assert runner.do("start", thread="t") == ("finished", None)
    runner.end()
    assert Counter(journal_of(place).of("t")) == Counter([*ORDER, *ORDER])


def test_what_is_done_is_listed_while_the_graph_runs(place: Place, supervisor: Inbox) -> None:
    runner = Runner(place)
    runner.do("start", thread="t", stop_in="n2_0")
    (run,) = supervisor.runs()
    assert (run.thread_id, run.graph, run.status) == ("t", "line", "running")
    assert [step.nodes for step in run.steps][:2] == [("n0_0",), ("n1_0|i0",)]
    assert {name for step in run.steps for name in step.nodes} >= {*ORDER[:3]}
    assert run.steps[0].at <= run.steps[-1].at
    runner.go()
    runner.hear()
    runner.end()


@pytest.mark.parametrize("node", ORDER)
def test_a_pause_outlives_the_process_that_was_to_follow_it(
    place: Place, supervisor: Inbox, node: str
) -> None:
    runner, journal = Runner(place), journal_of(place)
    assert runner.do("start", thread="t", stop_in=node) == ("in", node)
    supervisor.pause("t", by=MARIA, reason="odd")
    runner.kill()
    other = Runner(place)
    before = journal.of("t")
    assert other.do("start", thread="t") == ("paused", "maria")
    assert other.do("start", thread="t", again=True) == ("paused", "maria")
    assert other.do("work", thread="t") == {}
    assert supervisor.run("t").status == "paused"
    assert journal.of("t") == before == [*ORDER[: ORDER.index(node) + 1]]
    with pytest.raises(ThreadPaused):
        supervisor.pause("t", by=MARIA, reason="odd")
    supervisor.resume("t", by=MARIA)
    assert other.do("work", thread="t") == {}
    assert supervisor.run("t").status == "finished"
    # The node that was killed in its middle had not finished.
    assert Counter(journal.of("t")) == Counter([*ORDER, node])
    other.end()


@pytest.mark.parametrize("at", ["resuming", "beginning", "ending", "releasing"])
def test_who_is_killed_while_going_on_is_followed_by_another(
    place: Place, supervisor: Inbox, at: str
) -> None:
    runner, journal = Runner(place), journal_of(place)
    runner.do("start", thread="t", stop_in="n0_0")
    supervisor.pause("t", by=MARIA, reason="odd")
    runner.go()
    assert runner.hear() == ("paused", "maria")
    supervisor.resume("t", by=MARIA)
    runner.do("die", at=at)
    assert runner.do("work", thread="t") is None
    runner.died()
    runner = Runner(place)
    runner.do("work", thread="t")
    runner.end()
    assert Counter(journal.of("t")) == Counter(ORDER)
    assert supervisor.run("t").status == "finished"


def test_who_is_killed_before_the_pause_is_on_record_leaves_it_in_force(
    place: Place, supervisor: Inbox
) -> None:
    runner, journal = Runner(place), journal_of(place)
    runner.do("die", at="ending")
    runner.do("start", thread="t", stop_in="n0_0")
    supervisor.pause("t", by=MARIA, reason="odd")
    runner.go()
    assert runner.hear() is None
    runner.died()
    assert supervisor.run("t").status == "pausing"
    other = Runner(place)
    other.do("work", thread="t")
    assert supervisor.run("t").status == "paused"
    supervisor.steer("t", {"tone": "kind"}, by=MARIA)
    supervisor.resume("t", by=MARIA)
    other.do("work", thread="t")
    other.end()
    assert Counter(journal.of("t")) == Counter(ORDER)


def test_everything_is_on_record(place: Place, supervisor: Inbox) -> None:
    runner = Runner(place)
    runner.do("start", thread="t", stop_in="n0_0")
    supervisor.pause("t", by=MARIA, reason="odd")
    runner.go()
    runner.hear()
    supervisor.steer("t", {"tone": "kind"}, by=MARIA, reason="too rude")
    supervisor.resume("t", by=MARIA, reason="better")
    runner.do("work", thread="t")
    supervisor.stop("t", by=MARIA, reason="over")
    runner.do("work", thread="t")
    runner.end()
    rows = supervisor.history(supervisor.run("t").id)
    assert [(row.event, row.actor, row.reason) for row in rows] == [
        ("supervised", "system:graph", None),
        ("paused", "maria", "odd"),
        ("halted", "system:graph", None),
        ("steered", "maria", "too rude"),
        ("resumed", "maria", "better"),
        ("stopped", "maria", "over"),
        ("ended", "system:graph", None),
    ]
