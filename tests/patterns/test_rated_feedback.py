"""A rating chooses the way."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, Revise, rated_feedback, resume
from langgraph_hitl.review import Decision
from tests.paused import pause, spec

WAYS: dict[str, Any] = {"approved": "publish", "improve": "polish", "regenerate": "write"}


@pytest.mark.parametrize(
    ("decision", "rating", "went"),
    [
        (Approve(), "correct", "publish"),
        (Approve(rating="correct"), "correct", "publish"),
        (Revise("so so", "partially_correct"), "partially_correct", "polish"),
        (Revise("so so", "needs_improvement"), "needs_improvement", "polish"),
        (Revise("", "needs_improvement"), "needs_improvement", "polish"),
        (Revise("so so"), "needs_improvement", "polish"),
        (Revise("wrong", "incorrect"), "incorrect", "write"),
        (Revise("", "incorrect"), "incorrect", "write"),
    ],
)
def test_a_rating_chooses_the_way(decision: Decision, rating: str, went: str) -> None:
    thread = pause(rated_feedback("draft"), **WAYS)
    state = thread.send(resume(thread.request, decision))
    assert state["review"]["rating"] == rating
    assert state["went"] == went


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "approve", "rating": "incorrect"},
        {"type": "revise", "feedback": "x", "rating": "correct"},
        {"type": "revise", "feedback": " "},
        {"type": "revise", "rating": "bad"},
        {"rating": "correct"},
    ],
)
def test_a_rating_that_contradicts_or_says_nothing_is_refused(answer: dict[str, Any]) -> None:
    thread = pause(rated_feedback("draft"), **WAYS)
    with pytest.raises(ValueError, match="Review rv-"):
        thread.mapped(answer)
    assert thread.outcome() is None


def test_a_reviser_finds_the_rating() -> None:
    seen: list[str] = []

    def rewrite(state: dict[str, Any]) -> dict[str, str]:
        seen.append(state["review"]["rating"])
        return {"draft": "Second"}

    thread = pause(rated_feedback("draft", revise=rewrite, reads=("draft",)))
    thread.send(resume(thread.request, Revise("", "incorrect")))
    assert seen == ["incorrect"]
    assert thread.send(resume(thread.request, Approve()))["draft"] == "Second"


def test_it_is_one_of_the_gates() -> None:
    assert spec(rated_feedback("draft")).kind == "rated_feedback"
    assert rated_feedback("draft").name == "rated_feedback"
