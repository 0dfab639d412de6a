"""What a `Review` says of itself."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from langgraph_hitl import Reviewer, human_approval
from langgraph_hitl._subgraph.spec import Priority
from langgraph_hitl.inbox import Review
from langgraph_hitl.inbox._destination import RANKS
from langgraph_hitl.inbox.review import PRIORITIES, priority_of
from langgraph_hitl.panels import Ladder, by_risk, chain, quorum
from langgraph_hitl.testing import FixedClock
from tests.apps import one_gate
from tests.inbox.desk import Desk

ANN = Reviewer("ann", level="member")


def asked(desk: Desk, **options: Any) -> Review:
    gate = human_approval("draft", inbox=desk.inbox, **options)
    return desk.ask(desk.app(one_gate(gate))).review


@pytest.mark.parametrize("priority", get_args(Priority))
def test_its_priority_is_the_word_of_its_gate(desk: Desk, priority: Priority) -> None:
    review = asked(desk, priority=priority, queue="payments")
    assert (review.priority, review.queue) == (priority, "payments")


def test_a_rank_that_is_none_is_urgent() -> None:
    assert {word: PRIORITIES.index(word) for word in PRIORITIES} == RANKS
    assert [priority_of(rank) for rank in (-1, 4, 99)] == ["critical"] * 3


@pytest.mark.parametrize(
    ("reviewers", "rule", "level"),
    [
        (None, "anybody", None),
        ("editors", "any of editors", None),
        (quorum(2, of="security", size=3), "2 of 3 by security", None),
        (chain("member", "lead"), "member or above, in the chain member, lead", "member"),
        (chain("i", "ii", ladder=Ladder("i", "ii")), "i or above, in the chain i, ii", "i"),
        (
            by_risk({"low": "ops", "high": chain("lead")}),
            "lead or above, in the chain lead",
            "lead",
        ),
    ],
)
def test_who_decides_it(desk: Desk, reviewers: Any, rule: str, level: str | None) -> None:
    review = asked(desk, reviewers=reviewers)
    assert (review.rule, review.level) == (rule, level)


def test_its_level_is_the_one_that_it_has_reached(timed: Desk, clock: FixedClock) -> None:
    review = asked(timed, reviewers=chain("member", "lead", "director", within={"lead": "4h"}))
    after = timed.inbox.escalate(review.id, by=ANN)
    clock.advance(hours=4)
    [later] = timed.inbox.pending()
    assert [one.level for one in (review, after, later)] == ["member", "lead", "director"]
    assert later.rule.startswith("director or above")
