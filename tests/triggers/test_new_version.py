"""A new version is scored again by what scored the old one; nothing else is evaluated again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from langgraph_hitl import Edit, human_approval
from langgraph_hitl.review import Finding
from langgraph_hitl.review.digest import plain_json
from langgraph_hitl.triggers import (
    Score,
    Trigger,
    below_confidence,
    flagged,
    never,
    over,
    risk_at_least,
    sampled,
)
from langgraph_hitl.triggers.trigger import Leaf
from tests.apps import State, one_gate
from tests.drivers import Driver
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, NOW, as_fraction, condition

SALT = b"0123456789abcdef"


def test_a_new_version_is_scored_by_what_scored_the_old_one() -> None:
    calls: Counter[str] = Counter()

    def sure(state: Mapping[str, Any]) -> float:
        calls["sure"] += 1
        return 0.6

    def item(state: Mapping[str, Any]) -> str:
        calls["item"] += 1
        return "item-1"

    def size(state: Mapping[str, Any]) -> Finding:
        calls["size"] += 1
        needed = len(state["draft"]) > 3
        return Finding(needed=needed, sentence="Long." if needed else "Short.", score=0.2)

    def longer(state: Mapping[str, Any]) -> bool:
        calls["longer"] += 1
        return len(state["draft"]) > 4

    bound = condition(
        below_confidence(0.8, confidence=sure)
        | sampled(0.5, item_id=item, salt=SALT)
        | size
        | longer,
        "draft",
    )
    before = bound.evaluate({"draft": "Hello"}, NOW)
    again = bound.evaluate_again({"draft": "Hi"}, NOW, before.to_json())
    assert calls == {"sure": 1, "item": 1, "size": 2, "longer": 1}
    assert before.sentence == (
        "The confidence 0.6 is below 0.8. Drawn for the sample of 50 %. Long. "
        "The condition longer holds."
    )
    assert again.sentence == before.sentence.replace("Long. ", "")
    assert again.parts[2].sentence == "Short."
    assert again.parts[:2] + again.parts[3:] == before.parts[:2] + before.parts[3:]


def test_the_moment_of_a_new_version_is_the_one_given() -> None:
    moments: list[datetime] = []

    def judge(_values: Mapping[str, Any], now: datetime) -> Finding:
        moments.append(now)
        return Finding(needed=True, sentence="s")

    bound = condition(Leaf(name="clock", judge=judge, grades=True))
    before = bound.evaluate({}, NOW).to_json()
    bound.evaluate_again({}, NOW + timedelta(hours=1), before)
    assert moments == [NOW, datetime(2026, 6, 1, 13, tzinfo=UTC)]


def test_what_could_not_be_told_still_cannot_be_told_for_a_new_version() -> None:
    bound = condition(~sampled(0.5, item_id="id", salt=SALT) & over("x", 5))
    before = bound.evaluate({"id": None, "x": 9}, NOW)
    for x in (1, 9):
        again = bound.evaluate_again({"x": x}, NOW, before.to_json())
        assert again.needed is True
        assert again.sentence == "The item id is missing."


def test_where_nothing_depends_on_the_version_the_finding_stays() -> None:
    for trigger in (below_confidence(), ~below_confidence(), below_confidence() & ~never()):
        bound = condition(trigger)
        before = bound.evaluate({"confidence": 0.6}, NOW)
        assert bound.evaluate_again({}, NOW, before.to_json()) == before


def recorded(trigger: Trigger, **values: Any) -> dict[str, Any]:
    return condition(trigger, *values).evaluate(values, NOW).to_json()


UNSURE, RISKY = below_confidence(0.8), risk_at_least(0.5)


@pytest.mark.parametrize(
    "before",
    [
        recorded(RISKY | UNSURE, risk=0.4, confidence=0.6),  # another order
        recorded(UNSURE | RISKY | flagged("y"), risk=0.4, confidence=0.6, y=True),
        recorded(UNSURE | over("risk", 0.5), risk=0.4, confidence=0.6),
        recorded(UNSURE, confidence=0.6),
        recorded(RISKY, risk=0.6),
        {"needed": True, "sentence": "Of another age.", "parts": [5, None], "urgency": 3},
        {"needed": True, "sentence": "Of another age.", "parts": 5, "details": 5, "factors": 5},
        {
            "needed": True,
            "sentence": "Of another age.",
            "parts": [
                {"trigger": "below_confidence", "needed": "yes", "sentence": "s"},
                {"trigger": "risk_at_least", "needed": True, "sentence": "s", "score": 0.4},
            ],
        },
    ],
)
def test_a_finding_of_other_triggers_stays_as_it_is(before: dict[str, Any]) -> None:
    """The code changed between pause and resume."""
    again = condition(UNSURE | RISKY).evaluate_again({"risk": 0.9}, NOW, before)
    assert again.sentence == before["sentence"]
    assert again.to_json()["needed"] is True


def test_the_trigger_of_a_paused_question_may_have_become_another_of_the_same_kind() -> None:
    bound = condition(risk_at_least(0.5, risk="x") | below_confidence(0.8))
    before = recorded(risk_at_least(0.9, risk="x") | below_confidence(0.8), x=0.6, confidence=0.9)
    again = bound.evaluate_again({"x": 0.6}, NOW, before)
    assert again.sentence == "The risk 0.6 is at least 0.5."


@given(ANYTHING)
@settings(max_examples=scale(500), deadline=None)
def test_a_new_version_of_any_value_is_scored_or_asks(value: Any) -> None:
    before = recorded(UNSURE | RISKY, confidence=0.9, risk=0.1)
    again = condition(UNSURE | RISKY).evaluate_again({"risk": value}, NOW, before)
    score = value.value if isinstance(value, Score) else as_fraction(value)
    assert again.needed is (score is None or score >= 0.5)
    plain_json(again.to_json())


def test_in_a_gate_nothing_is_read_again_but_what_depends_on_the_version(sample: Driver) -> None:
    calls: Counter[str] = Counter()

    def sure(state: State) -> float:
        calls["sure"] += 1
        return 0.6

    def size(state: State) -> float:
        calls[state["draft"]] += 1
        return len(state["draft"]) / 20

    def long(state: State) -> bool:
        calls["long"] += 1
        return True

    unsure = below_confidence(0.8, confidence=sure)
    thread = sample.thread(
        one_gate(human_approval("draft", when=unsure | risk_at_least(0.5, risk=size) | long))
    )
    thread.send({"draft": "Hello"})
    asked = "The confidence 0.6 is below 0.8. The condition long holds."
    assert thread.request.finding["sentence"] == asked
    thread.send(None)
    thread.decide(Edit("Good morning"))
    assert "The risk 0.6 is at least 0.5." in thread.record["finding"]["sentence"]
    assert thread.record["finding"]["score"] == 0.6
    assert calls == {"sure": 1, "long": 1, "Hello": 1, "Good morning": 1}
