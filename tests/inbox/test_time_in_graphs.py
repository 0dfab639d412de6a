"""Time, through compiled graphs: the same moments of answers give the same record and audit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from langgraph.types import Command

from langgraph_hitl import Approve, Defer, Escalate, Inbox, Reject, Reviewer, human_approval
from langgraph_hitl.errors import HitlError
from langgraph_hitl.panels import chain
from langgraph_hitl.testing import FixedClock
from tests.apps import one_gate
from tests.drivers import App
from tests.inbox.desk import Desk, Question

HOUR = timedelta(hours=1)
CLIMB = chain("member", "lead", "director", within={"member": 4 * HOUR, "lead": 8 * HOUR})
PEOPLE = {level: Reviewer(f"a {level}", level=level) for level in ("member", "lead", "director")}
WATCHES = ("never", "each half hour", "after a week")


class Schedule(NamedTuple):
    """The options of a gate, and what people do after so many hours."""

    options: dict[str, Any]
    acts: tuple[tuple[float, str, str], ...]


SCHEDULES = {
    "nobody": Schedule({"timeout": "5h", "remind": ["1h", "3h"]}, ()),
    "a late answer": Schedule({"timeout": "5h"}, ((5, "approve", "lead"), (6, "raw", ""))),
    "a late raw answer": Schedule({"timeout": "5h"}, ((7, "raw", ""), (8, "reject", "lead"))),
    "a raw answer in time": Schedule({"timeout": "5h"}, ((4.5, "raw", ""),)),
    "unsure": Schedule(
        {"reviewers": CLIMB, "timeout": "20h"},
        ((1, "escalate", "member"), (9.5, "approve", "lead"), (10, "approve", "director")),
    ),
    "levels that were asked too long": Schedule(
        {"reviewers": CLIMB, "remind": "1h"},
        ((5, "approve", "member"), (11, "defer", "lead"), (13, "reject", "director")),
    ),
    "paused": Schedule(
        {"timeout": "5h", "remind": "4h", "on_defer": "pause"},
        ((2, "defer", "lead"), (6, "defer", "lead"), (12, "claim", "lead")),
    ),
}
PAUSE = 3 * HOUR


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_it_makes_no_difference_when_a_worker_comes_by(desk: Desk, schedule: Schedule) -> None:
    clock = FixedClock()
    desk.inbox.close()
    with Inbox.open(desk._url, clock=clock) as inbox:
        desk.inbox = inbox
        gate = human_approval("draft", inbox=inbox, **schedule.options)
        app = desk.app(one_gate(gate))
        alone, *watched = [play(desk, app, clock, schedule, watch) for watch in WATCHES]
        assert watched == [alone] * 2
        assert inbox.verify()


def play(desk: Desk, app: App, clock: FixedClock, schedule: Schedule, watch: str) -> Any:
    """One thread from its start to a week after the last answer."""
    clock.now = begun = FixedClock().now
    question = desk.ask(app)
    review_id = question.review.id
    heard = []
    for hours, what, who in (*schedule.acts, (60, "look", "")):
        while watch == "each half hour" and clock.now + HOUR / 2 <= begun + hours * HOUR:
            clock.advance(HOUR / 2)
            desk.inbox.work()
        clock.now = begun + hours * HOUR
        try:
            act(question, review_id, what, who)
            heard.append("done")
        except HitlError as error:
            heard.append(type(error).__name__)
    clock.advance(days=7)
    if watch == "after a week":
        desk.inbox.work()
    desk.inbox.get(review_id)
    if watch == "never":  # nothing but what drives the graph is left to do
        assert desk.inbox.work().timed == 0
    return heard, outcome(question), told(desk, review_id)


def act(question: Question, review_id: str, what: str, who: str) -> None:
    inbox, by = question.desk.inbox, PEOPLE.get(who, PEOPLE["lead"])
    match what:
        case "raw":
            question.app.invoke(Command(resume={"type": "approve"}), question.config)
        case "claim":
            inbox.claim(review_id, by=by)
        case "look":
            inbox.get(review_id)
        case _:
            until = inbox.clock() + PAUSE
            decisions: dict[str, Any] = {
                "approve": Approve(),
                "reject": Reject(),
                "escalate": Escalate("unsure"),
                "defer": Defer(until),
            }
            inbox.decide(review_id, decisions[what], by=by)


def outcome(question: Question) -> Any:
    record = question.record
    return record["outcome"], record["decided_by"], record["decided_at"], question.ran


def told(desk: Desk, review_id: str) -> list[tuple[str, str, datetime, str | None]]:
    """The audit but for when the graph took the outcome, which is the worker's moment."""
    rows = desk.inbox.history(review_id)
    return [(row.event, row.actor, row.at, row.reason) for row in rows if row.event != "applied"]
