"""What is said when a gate is built, as the times of each of its reviews."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from langgraph_hitl.deadlines import Limit, Timetable
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, anyone, chain, quorum

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMED = chain("member", "lead", "director", within={"member": HOUR, "lead": 2 * HOUR})


def spans(limit: Limit, panel: Panel) -> list[tuple[str | None, float | None]]:
    """Each level, with the hours after which its time is over."""
    times = limit.timetable(MONDAY, panel)
    assert isinstance(times, Timetable)
    return [
        (span.stage.level, None if span.ends is None else (span.ends - MONDAY) / HOUR)
        for span in times.spans
    ]


def test_a_timeout_is_the_time_of_the_review() -> None:
    assert spans(Limit("24h"), quorum(2, of="editors")) == [(None, 24)]
    assert spans(Limit("90m"), anyone()) == [(None, 1.5)]


def test_without_one_there_is_all_the_time() -> None:
    assert Limit().timetable(MONDAY, anyone()) is None
    assert Limit().timetable(MONDAY, chain("member", "lead")) is None


def test_each_level_of_a_chain_has_its_own_time() -> None:
    assert spans(Limit(), TIMED) == [("member", 1), ("lead", 3), ("director", None)]
    assert spans(Limit("5h", on_timeout="escalate"), TIMED) == [
        ("member", 1),
        ("lead", 3),
        ("director", 8),
    ]


def test_a_timeout_that_rejects_ends_the_whole_chain() -> None:
    assert spans(Limit("2h"), TIMED) == [("member", 1), ("lead", 2)]
    assert spans(Limit("5h"), TIMED) == [("member", 1), ("lead", 3), ("director", 5)]
    assert spans(Limit("2h"), chain("member", "lead")) == [("member", 2)]


def test_a_chain_begins_at_the_level_that_it_stands_at() -> None:
    assert spans(Limit("5h", on_timeout="escalate"), TIMED.raised()) == [
        ("lead", 2),
        ("director", 7),
    ]


def test_everybody_is_reminded_before_their_own_time_is_over() -> None:
    times = Limit(remind="30m").timetable(MONDAY, TIMED)
    assert times is not None
    reminded = [event for event in times.events(MONDAY) if event.kind == "reminder"]
    assert [(event.level, event.at - MONDAY) for event in reminded] == [
        ("member", HOUR / 2),
        ("lead", 2.5 * HOUR),
    ]


@pytest.mark.parametrize(
    ("options", "panel", "told"),
    [
        ({"timeout": "soon"}, anyone(), "must be a duration"),
        ({"timeout": "1h", "on_timeout": "approve"}, anyone(), "reject or escalate"),
        ({"on_timeout": "escalate"}, TIMED, "without a timeout"),
        ({"timeout": "1h", "on_timeout": "escalate"}, anyone(), r"reviewers=chain\(\.\.\.\)"),
        ({"remind": "1h"}, anyone(), "remind has no effect"),
        ({"remind": "1h"}, chain("member", "lead"), "remind has no effect"),
        ({"timeout": "1h", "remind": "1h"}, anyone(), "has begun"),
        ({"timeout": "1h", "remind": ["30m", "2h"]}, anyone(), "2h before the end"),
        ({"remind": "1h"}, TIMED, "of 'member'"),
        ({"timeout": "30m", "remind": "45m"}, TIMED, "has begun"),
        ({"remind": "never"}, TIMED, "remind must be a duration"),
    ],
)
def test_what_could_have_no_effect_is_told(options: Any, panel: Panel, told: str) -> None:
    with pytest.raises(GateError, match=told):
        Limit(**options).check(panel)
