"""Time: what becomes of a review is a function of the moments at which people answered, alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings

from langgraph_hitl import Inbox
from langgraph_hitl.deadlines import Limit, Pause
from langgraph_hitl.inbox._course import begun, continued
from langgraph_hitl.panels import anyone, chain, quorum
from langgraph_hitl.testing import FixedClock
from tests.inbox.schedules import PEOPLE, WATCHES, Act, Stage, Terms, Told, acts, moments, terms
from tests.scale import scale

few = settings(
    max_examples=scale(1_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    clock = FixedClock()
    with Inbox.open("sqlite:///:memory:", clock=clock) as inbox:
        yield Stage(inbox, clock)
        assert inbox.verify()


HOUR = timedelta(hours=1)
SOON = Terms(anyone(), Limit("24s", remind="20s", on_defer="pause"))


@pytest.mark.timeout(900)
@few
@given(given=terms(), schedule=acts(lowest=0))
@example(SOON, [Act(10, "defer", by=0, seconds=1)])  # the reminder is not given again
def test_it_makes_no_difference_when_a_worker_comes_by(
    stage: Stage, given: Terms, schedule: list[Act]
) -> None:
    alone, *watched = [stage.play(given, schedule, watch) for watch in WATCHES]
    for told in watched:
        assert told == alone
    check_sound(alone)


def check_sound(told: Told) -> None:
    """Nothing happens twice by time, and nobody below is asked again."""
    times = [(event, at, str(content)) for event, at, content in told.time]
    assert len(set(times)) == len(times)
    levels = [content["level"] for event, _, _, _, content in told.audit if event == "escalated"]
    assert levels == sorted(set(levels), key=("member", "lead", "director", "executive").index)


@pytest.mark.timeout(900)
@few
@given(given=terms(), schedule=acts(lowest=-20))
@example(SOON, [Act(10, "defer", by=0, seconds=9), Act(-5, "defer", by=0, seconds=2)])
@example(SOON, [Act(10, "claim", by=0, seconds=9), Act(-5, "claim", by=0, seconds=2)])
def test_a_clock_that_is_put_back_undoes_nothing(
    stage: Stage, given: Terms, schedule: list[Act]
) -> None:
    """And makes no difference where time had done nothing in what is lived twice."""
    alone, *watched = [stage.play(given, schedule, watch) for watch in WATCHES]
    for told in (alone, *watched):
        check_sound(told)
        assert "GateError" not in str(told.results)
    twice = list(moments(schedule))
    for told in watched:
        came = [at for _, at, _ in (*alone.time, *told.time)]
        if not any(low < at <= high for low, high in twice for at in came):
            assert told == alone


def test_a_version_that_is_filed_after_its_end_is_over_at_once() -> None:
    """Of what took other people, whose time counts from the first question."""
    asked = FixedClock().now
    before = begun(anyone(), Limit("24h", remind="5h"), asked)
    assert before is not None
    risky = chain("lead", "director", within=dict.fromkeys(("lead", "director"), HOUR))
    made = continued(before.told_until(asked + 19 * HOUR), risky, None, asked + 20 * HOUR)
    assert made is not None
    assert made.deadline == asked + 2 * HOUR
    assert [(one.kind, one.at - asked) for one in made.events()] == [("expired", 20 * HOUR)]
    assert made.next_at == asked + 20 * HOUR


def test_what_a_new_version_would_have_been_reminded_of_is_past() -> None:
    asked = FixedClock().now
    before = begun(anyone(), Limit("24h"), asked)
    assert before is not None
    limit = Limit("24h", remind=["10h", "2h"])
    made = continued(before, quorum(2, of=3), limit, asked + 20 * HOUR)
    assert made is not None
    assert made.deadline == before.deadline
    lead = chain("lead", within={"lead": 30 * HOUR})
    other = continued(before, lead, Limit(remind=["25h", "2h"]), asked + 20 * HOUR)
    assert other is not None
    assert [(one.kind, one.at - asked) for one in other.events()] == [
        ("reminder", 22 * HOUR),
        ("expired", 24 * HOUR),
    ]


LEVELS_IN_TIME = Terms(chain("member", "lead", within={"member": 4 * HOUR}), None)
PAUSED = Terms(anyone(), Limit("24h", on_defer="pause"))


def test_whom_a_deferred_review_reaches_by_time_sees_it(stage: Stage) -> None:
    """A review is put off by those who were asked, and not for those above them."""
    lead = PEOPLE[2]
    review_id = stage.file(LEVELS_IN_TIME)
    stage.inbox.defer(review_id, by=PEOPLE[0], until=stage.clock.now + 72 * HOUR)
    assert stage.inbox.pending(reviewer=lead, thread=review_id) == []
    stage.clock.advance(hours=4)
    assert [found.id for found in stage.inbox.pending(reviewer=lead, thread=review_id)]
    assert stage.inbox.pending(deferred=True, thread=review_id) == []


def test_a_request_shows_the_deadline_as_it_is_now(stage: Stage) -> None:
    review_id = stage.file(PAUSED, request={"deadline": "2026-01-06T09:00:00+00:00"})
    stage.inbox.defer(review_id, by=PEOPLE[0], until=stage.clock.now + 10 * HOUR)
    for found in (
        stage.inbox.get(review_id),
        *stage.inbox.pending(deferred=True, thread=review_id),
    ):
        assert found.due == stage.clock.now + 34 * HOUR
        assert found.request["deadline"] == found.due.isoformat()


def test_the_time_of_those_above_runs_though_it_was_put_off_below() -> None:
    asked = FixedClock().now
    begun_with = begun(chain("member", "lead", within={"lead": 4 * HOUR}), None, asked)
    assert begun_with is not None
    paused = begun_with.paused(Pause(asked + HOUR, asked + 90 * HOUR))
    raised = paused.raised(asked + 2 * HOUR)
    assert raised.deadline == asked + 6 * HOUR
