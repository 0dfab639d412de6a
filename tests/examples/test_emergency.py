"""The majority of two teams, or after 30 minutes the commander; never the clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Reject, Reviewer
from langgraph_hitl.errors import AlreadyDecided, Expired, NotAuthorised
from langgraph_hitl.testing import FixedClock
from tests.examples.conftest import Elsewhere, printed_by

THREAD = {"configurable": {"thread_id": "fire"}}
PLAN = "Clear the east wing"


@pytest.fixture
def example(imported: Callable[[str], Any]) -> Any:
    return imported("emergency")


class Emergency:
    """A plan that waits; every call opens graph and inbox anew."""

    def __init__(self, example: Any, folder: Path, alarms: list[str]) -> None:
        self.example = example
        self.folder = folder
        self.alarms = alarms
        self.clock = FixedClock()
        with self.opened() as (app, _):
            app.invoke({"plan": PLAN}, THREAD)

    def opened(self) -> Any:
        return self.example.opened(self.folder, self.clock)

    def say(self, decision: Any, *people: Reviewer) -> None:
        for person in people:
            with self.opened() as (_, inbox):
                (review,) = inbox.pending(thread="fire")
                inbox.decide(review, decision, by=person)

    def wait(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass, and a worker come by."""
        self.clock.advance(minutes=minutes, seconds=seconds)
        with self.opened() as (_, inbox):
            inbox.work()

    @property
    def done(self) -> str | None:
        with self.opened() as (app, _):
            found: str | None = app.get_state(THREAD).values.get("done")
        return found


@pytest.fixture
def emergency(example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Emergency:
    alarms: list[str] = []
    monkeypatch.setattr(example, "alarm", lambda plan, *, key: alarms.append(plan))
    return Emergency(example, tmp_path, alarms)


@pytest.mark.parametrize("first", ["fire", "medics"])
def test_the_majority_of_each_team_and_not_one_less(
    example: Any, emergency: Emergency, first: str
) -> None:
    votes = [*example.FIRE[:3], *example.MEDICS[:2]]
    *others, last = votes if first == "fire" else votes[::-1]
    emergency.say(Approve(), *others)
    assert (emergency.alarms, emergency.done) == ([], None)
    emergency.say(Approve(), last)
    assert emergency.alarms == [PLAN]
    assert emergency.done == f"{PLAN}, by teams"
    with emergency.opened() as (_, inbox):
        (review,) = inbox.decided()
        with pytest.raises(AlreadyDecided):
            inbox.decide(review.id, Reject(), by=example.FIRE[4])
    emergency.wait(minutes=60)
    assert emergency.alarms == [PLAN]


def test_one_team_alone_is_not_enough(example: Any, emergency: Emergency) -> None:
    emergency.say(Approve(), *example.FIRE)
    assert (emergency.alarms, emergency.done) == ([], None)


def test_one_team_against_it_ends_it_at_once(example: Any, emergency: Emergency) -> None:
    emergency.say(Approve(), *example.FIRE[:3])
    emergency.say(Reject("no beds"), *example.MEDICS[:2])
    assert (emergency.alarms, emergency.done) == ([], "stood down: rejected")


def test_the_commander_has_no_say_before_the_time(example: Any, emergency: Emergency) -> None:
    with emergency.opened() as (_, inbox):
        assert inbox.pending(reviewer=example.CHIEF) == []
    with pytest.raises(NotAuthorised):
        emergency.say(Approve(), example.CHIEF)


@pytest.fixture
def passed_up(example: Any, emergency: Emergency) -> Emergency:
    """One medic is missing when the time is up."""
    emergency.say(Approve(), *example.FIRE[:3], example.MEDICS[0])
    emergency.wait(minutes=29, seconds=59)
    with emergency.opened() as (_, inbox):
        (review,) = inbox.pending()
        assert review.gate == "teams"
        assert [row.event for row in inbox.history(review.id)].count("reminded") == 1
    emergency.wait(seconds=1)
    assert (emergency.alarms, emergency.done) == ([], None)
    return emergency


def test_after_half_an_hour_it_is_the_commanders(example: Any, passed_up: Emergency) -> None:
    with passed_up.opened() as (_, inbox):
        (review,) = inbox.pending()
        assert (review.gate, review.priority) == ("command", "critical")
        assert review.request["context"]["votes"] == [
            "fire-1: approve",
            "fire-2: approve",
            "fire-3: approve",
            "medic-1: approve",
        ]
        (late,) = inbox.decided()
        with pytest.raises(Expired):
            inbox.decide(late.id, Approve(), by=example.MEDICS[1])
    with pytest.raises(NotAuthorised):
        passed_up.say(Approve(), example.MEDICS[1])
    assert passed_up.alarms == []
    passed_up.say(Approve(), example.CHIEF)
    assert passed_up.alarms == [PLAN]
    assert passed_up.done == f"{PLAN}, by command"


def test_the_commander_may_refuse(example: Any, passed_up: Emergency) -> None:
    passed_up.say(Reject("there are patients on it"), example.CHIEF)
    assert (passed_up.alarms, passed_up.done) == ([], "stood down: rejected")


def test_where_the_commander_says_nothing_nothing_happens(passed_up: Emergency) -> None:
    passed_up.wait(minutes=10)
    assert (passed_up.alarms, passed_up.done) == ([], "stood down: timed_out")


STEP = """
clock = FixedClock()
clock.advance(minutes={minutes})
with opened(folder, clock) as (app, inbox):
    {does}
"""


def test_teams_worker_and_commander_in_processes_of_their_own(
    emergency: Emergency, elsewhere: Elsewhere
) -> None:
    def step(does: str, *, minutes: int) -> list[str]:
        return elsewhere("emergency", STEP.format(minutes=minutes, does=does))

    (review_id,) = step("print(inbox.pending()[0].id)", minutes=0)
    vote = f"[inbox.decide({review_id!r}, Approve(), by=each) for each in FIRE + MEDICS[:1]]"
    assert step(vote, minutes=1) == []
    assert step("inbox.work()", minutes=30) == []
    decide = "inbox.decide(inbox.pending(reviewer=CHIEF)[0], Approve(), by=CHIEF)"
    assert step(decide, minutes=31) == [f"  ALARM: {PLAN}"]
    assert emergency.done == f"{PLAN}, by command"


def test_run_as_a_script() -> None:
    assert printed_by("emergency") == [
        "  ALARM: Clear the east wing",
        "Clear the east wing: applied",
        "Clear the east wing, by teams",
        "Cut the power: pending a majority of 3 by medical: more than half of 3, 1 so far",
        "after 30 minutes the chief sees: fire-1: approve fire-2: approve fire-3: approve"
        " medic-1: approve",
        "stood down: rejected",
    ]
