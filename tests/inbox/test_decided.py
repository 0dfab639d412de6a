"""What was decided, listed: the latest first, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Reject, human_approval
from langgraph_hitl.errors import InboxError
from langgraph_hitl.panels import quorum
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import never
from tests.apps import one_gate
from tests.inbox.desk import JO, MARIA, Desk


def ids(desk: Desk, **wanted: Any) -> list[str]:
    return [review.id for review in desk.inbox.decided(**wanted)]


def several(desk: Desk, clock: FixedClock, *decisions: Any, **options: Any) -> list[str]:
    """Reviews that were decided by Maria one hour after another, the first one first."""
    app = desk.app(one_gate(human_approval("draft", inbox=desk.inbox, **options)))
    found = []
    for decision in decisions:
        review = desk.ask(app).review
        clock.advance(hours=1)
        desk.inbox.decide(review.id, decision, by=MARIA)
        found.append(review.id)
    return found


def test_the_latest_decision_comes_first(timed: Desk, clock: FixedClock) -> None:
    one, two = several(timed, clock, Approve(), Reject("no"))
    timed.ask(timed.app(one_gate(human_approval("draft", inbox=timed.inbox)), "other"))
    found = timed.inbox.decided()
    assert [review.id for review in found] == [two, one]
    assert [review.outcome for review in found] == ["rejected", "approved"]
    assert found[0].request["subject"] == "Hello"
    assert ids(timed, outcome="approved") == [one]


def test_since_a_moment(timed: Desk, clock: FixedClock) -> None:
    _, two, three = several(timed, clock, Approve(), Approve(), Approve())
    since = clock.now - timedelta(hours=1)
    assert ids(timed, since="1h") == ids(timed, since=timedelta(hours=1)) == [three, two]
    assert ids(timed, since=since) == [three, two]
    assert ids(timed, since=since + timedelta(microseconds=1)) == [three]


def test_by_whoever_decided_or_voted(timed: Desk, clock: FixedClock) -> None:
    (one,) = several(timed, clock, Edit("Hi"))
    panel = human_approval("draft", inbox=timed.inbox, reviewers=quorum(2, of="editors"))
    two = timed.ask(timed.app(one_gate(panel), "panel")).review.id
    clock.advance(hours=1)
    timed.inbox.decide(two, Approve(), by=JO)
    assert ids(timed, by=JO) == []
    timed.inbox.decide(two, Approve(), by=MARIA)
    assert ids(timed, by="maria") == [two, one]
    assert ids(timed, by=JO) == [two]
    assert ids(timed, by="eve") == []


def test_the_rest_of_the_filters(timed: Desk, clock: FixedClock) -> None:
    (found,) = several(timed, clock, Approve(), queue="legal", action="post")
    thread = timed.inbox.get(found).thread_id
    for given in ({"queue": "legal"}, {"action": "post"}, {"thread": thread}):
        assert ids(timed, **given) == [found]
    assert ids(timed, kind="human_approval", queue="legal", action="post") == [found]
    for other in ({"queue": "x"}, {"action": "x"}, {"thread": "x"}, {"kind": "x"}, {"risk": "x"}):
        assert ids(timed, **other) == []


def test_what_passed_unasked_is_listed_where_it_is_asked_for(timed: Desk) -> None:
    gate = human_approval("draft", inbox=timed.inbox, when=never())
    timed.app(one_gate(gate)).invoke({"draft": "Hello"}, {"configurable": {"thread_id": "t"}})
    assert ids(timed) == []
    assert len(ids(timed, outcome="auto_approved")) == 1


def test_what_was_cancelled_was_decided(timed: Desk, clock: FixedClock) -> None:
    app = timed.app(one_gate(human_approval("draft", inbox=timed.inbox)))
    review = timed.ask(app).review
    timed.inbox.cancel(review.id, by=MARIA)
    assert ids(timed, outcome="cancelled", by=MARIA) == [review.id]


def test_pages_follow_each_other_though_moments_are_the_same(
    timed: Desk, clock: FixedClock
) -> None:
    app = timed.app(one_gate(human_approval("draft", inbox=timed.inbox)))
    expected = {timed.ask(app).review.id for _ in range(5)}
    for review_id in expected:
        timed.inbox.decide(review_id, Approve(), by=MARIA)
    found: list[str] = []
    page = timed.inbox.decided(limit=2)
    while page:
        found += [review.id for review in page]
        page = timed.inbox.decided(limit=2, after=page[-1])
    assert len(found) == 5
    assert set(found) == expected


async def test_off_the_event_loop(timed: Desk) -> None:
    assert await timed.inbox.adecided(by="maria") == []


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": "aproved"},
        {"outcome": 7},
        {"since": "yesterday"},
        {"since": datetime(2026, 1, 1)},
        {"by": 7},
        {"by": " "},
        {"queue": 7},
        {"limit": 0},
        {"limit": True},
        {"after": "x"},
        {"after": 7},
    ],
)
def test_what_makes_no_sense_is_refused(timed: Desk, given: dict[str, Any]) -> None:
    with pytest.raises(InboxError, match=next(iter(given))):
        timed.inbox.decided(**given)


def test_a_cursor_of_another_list_is_none_here(timed: Desk) -> None:
    from langgraph_hitl.inbox._ledger.query import cursor

    review = timed.ask(timed.app(one_gate(human_approval("draft", inbox=timed.inbox)))).review
    with pytest.raises(InboxError, match="cursor"):
        timed.inbox.decided(after=cursor(review, "newest"))
    with pytest.raises(InboxError, match=r"after= .* is pending"):
        timed.inbox.decided(after=review)
