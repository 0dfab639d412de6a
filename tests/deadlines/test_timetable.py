"""What became of a review is a function of moments, never of when somebody looked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.deadlines import Event, Expired, Open, Pause, Stage, Timetable
from langgraph_hitl.errors import GateError

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LADDER = [Stage("lead", "4h", remind="1h"), Stage("director", "8h", remind=["2h", "1h"])]


def at(hours: float) -> datetime:
    return MONDAY + hours * HOUR


@pytest.mark.parametrize(
    ("hours", "standing"),
    [
        (0, Open("lead", at(4))),
        (3.999, Open("lead", at(4))),
        (4, Open("director", at(12))),
        (11.999, Open("director", at(12))),
        (12, Expired(at(12))),
        (1_000, Expired(at(12))),
        (-1, Open("lead", at(4))),
    ],
)
def test_a_moment_of_a_deadline_is_over(hours: float, standing: Any) -> None:
    assert Timetable(MONDAY, LADDER).at(at(hours)) == standing


def test_everything_that_happens_by_time_has_its_own_moment() -> None:
    assert Timetable(MONDAY, LADDER).events(MONDAY) == [
        Event("reminder", at(3), "lead"),
        Event("escalated", at(4), "director"),
        Event("reminder", at(10), "director"),
        Event("reminder", at(11), "director"),
        Event("expired", at(12)),
    ]


def test_who_is_unsure_passes_it_up_and_the_next_level_has_all_its_time() -> None:
    times = Timetable(MONDAY, LADDER).raised(at(1))
    assert times.at(at(2)) == Open("director", at(9))
    assert times.events(MONDAY) == [
        Event("escalated", at(1), "director", raised=True),
        Event("reminder", at(7), "director"),
        Event("reminder", at(8), "director"),
        Event("expired", at(9)),
    ]


def test_all_stages_together_end_with_the_time_of_the_review() -> None:
    times = Timetable(MONDAY, LADDER, within="6h")
    assert times.deadline == at(6)
    assert times.events(at(3)) == [
        Event("escalated", at(4), "director"),
        Event("reminder", at(5), "director"),
        Event("expired", at(6)),
    ]
    assert Timetable(MONDAY, LADDER, within="2h").at(at(2)) == Expired(at(2))


def test_a_level_without_a_limit_has_all_the_time_there_is() -> None:
    times = Timetable(MONDAY, [Stage("lead", "4h"), Stage("director")])
    assert times.deadline is None
    assert times.at(at(100_000)) == Open("director", None)
    capped = Timetable(MONDAY, [Stage()], within="1d")
    assert capped.at(at(24)) == Expired(at(24))


def test_a_time_that_does_not_count_moves_what_comes_after_it() -> None:
    times = Timetable(MONDAY, LADDER).paused(Pause(at(2), at(26)))
    assert times.at(at(27)) == Open("lead", at(28))
    assert times.deadline == at(36)
    earlier = Timetable(MONDAY, LADDER).paused(Pause(at(-5), at(-4)))
    assert earlier.deadline == at(12)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: Timetable(MONDAY, []), "needs a stage"),
        (lambda: Timetable(MONDAY, [Stage("lead", "1h"), Stage("lead", "2h")]), "comes twice"),
        (lambda: Timetable(MONDAY.replace(tzinfo=None), LADDER), "time zone"),
        (lambda: Timetable(MONDAY, LADDER, raises=[at(-1)]), "after it was asked for"),
        (lambda: Timetable(MONDAY, LADDER, raises=[at(2), at(1)]), "in order"),
        (lambda: Timetable(MONDAY, LADDER, raises=[at(1), at(2)]), "from its last stage"),
        (lambda: Timetable(MONDAY, LADDER, raises=[at(13)]), "when it is over"),
        (lambda: Timetable(MONDAY, LADDER).raised(at(12)), "was over"),
        (lambda: Timetable(MONDAY, LADDER).raised(at(5)), "nobody is above 'director'"),
        (lambda: Timetable(MONDAY, [Stage(None, "1h")]).raised(at(0)), "nobody is above"),
        (lambda: Stage("lead", "1h", remind="1h"), "before the stage has begun"),
        (lambda: Stage("lead", remind="1h"), "no end"),
        (lambda: Stage("lead", "0h"), "more than nothing"),
        (lambda: Stage("lead", "soon"), "must be a duration"),
        (lambda: Stage(" ", "1h"), "level"),
        (lambda: Pause(at(1), at(1)), "before it has begun"),
        (lambda: Pause(at(1), at(2).replace(tzinfo=None)), "time zone"),
        (lambda: Timetable.from_json({"schema_version": 9}), "version 9"),
    ],
)
def test_what_makes_no_sense_is_told(made: Any, told: str) -> None:
    with pytest.raises(GateError, match=told):
        made()


hours = st.integers(1, 50).map(lambda count: count * HOUR)
moments = st.integers(0, 400).map(lambda quarter: MONDAY + quarter * HOUR / 4)
stages = st.lists(st.one_of(st.none(), hours), min_size=1, max_size=5).map(
    lambda limits: [Stage(f"level {n}", limit) for n, limit in enumerate(limits)]
)
pauses = st.lists(
    st.builds(lambda begins, length: Pause(begins, begins + length), moments, hours), max_size=3
)


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    """Any that can come about: people pass up where they can."""
    times = Timetable(
        MONDAY, draw(stages), within=draw(st.one_of(st.none(), hours)), pauses=draw(pauses)
    )
    for moment in sorted(draw(st.lists(moments, max_size=4))):
        standing = times.at(moment)
        if isinstance(standing, Open) and standing.level != times.stages[-1].level:
            times = times.raised(moment)
    return times


@given(timetables())
def test_the_stages_follow_each_other_without_a_gap(times: Timetable) -> None:
    assert times.spans[0].begins == MONDAY
    for span, following in pairwise(times.spans):
        assert span.ends == following.begins
        assert span.begins <= following.begins
    levels = [span.stage for span in times.spans]
    assert levels == list(times.stages[: len(levels)])


@given(timetables(), moments)
def test_events_and_standings_tell_the_same(times: Timetable, moment: datetime) -> None:
    passed = [event for event in times.events(MONDAY - HOUR, moment) if event.kind != "reminder"]
    match times.at(moment):
        case Expired(at=deadline):
            assert passed[-1] == Event("expired", deadline)
        case Open(level=level):
            assert [event.level for event in passed[-1:]] in ([level], [])
            assert passed or level == times.stages[0].level


@given(timetables(), st.lists(moments, max_size=6))
def test_it_is_the_same_however_often_somebody_looks(
    times: Timetable, looks: list[datetime]
) -> None:
    """A worker that was down for a week tells of the same, once each, with the same moments."""
    last = MONDAY + 1_000 * HOUR
    steps = [MONDAY - HOUR, *sorted(looks), last]
    seen = [event for since, until in pairwise(steps) for event in times.events(since, until)]
    assert seen == times.events(MONDAY - HOUR, last)


@given(timetables(), moments)
def test_the_next_level_begins_at_once_and_has_all_its_time(
    times: Timetable, moment: datetime
) -> None:
    standing = times.at(moment)
    last = max(times.raises, default=MONDAY)
    if isinstance(standing, Expired) or standing.level == times.stages[-1].level or moment < last:
        return
    [following] = [
        span
        for before, span in pairwise(times.raised(moment).spans)
        if before.stage.level == standing.level
    ]
    assert following.begins == moment
    if times.within is None and not times.pauses and following.stage.limit is not None:
        assert following.ends == moment + following.stage.limit


@given(timetables())
def test_it_is_stored_as_plain_json(times: Timetable) -> None:
    stored = json.loads(json.dumps(times.to_json()))
    assert Timetable.from_json(stored) == times
    assert Timetable.from_json(stored).spans == times.spans
