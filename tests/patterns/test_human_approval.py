"""A person approves, edits or rejects, and what runs is what was shown."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Respond,
    Revise,
    approved,
    feedback,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.review import Decision
from tests.paused import graph, new_thread, pause, spec


@pytest.mark.parametrize(
    ("decision", "value", "went"),
    [
        (Approve(), "Hello", "publish"),
        (Edit("Bye"), "Bye", "publish"),
        (Reject("no"), "Hello", "archive"),
    ],
)
def test_the_three_answers_of_an_approval(decision: Decision, value: str, went: str) -> None:
    thread = pause(human_approval("draft"))
    state = thread.send(resume(thread.request, decision, by="maria"))
    assert (state["draft"], state["went"]) == (value, went)
    assert state["review"]["decided_by"] == "maria"
    if went == "publish":
        assert approved(state, "draft") == value


def test_the_action_is_its_name_unless_another_is_given() -> None:
    assert pause(human_approval("draft", name="check")).request.action == "check"
    assert pause(human_approval("draft", action="post")).request.action == "post"


def test_its_name_is_the_subgraphs() -> None:
    assert human_approval("draft").name == "human_approval"
    assert human_approval("draft", name="check").name == "check"
    assert spec(human_approval("draft", name="check")).kind == "human_approval"


def test_a_comment_guides_without_blocking() -> None:
    thread = pause(human_approval("draft"))
    state = thread.send(resume(thread.request, Approve("mind the title")))
    assert state["went"] == "publish"
    assert feedback(state) == "mind the title"


def test_a_request_for_changes_without_a_reviser_ends_the_review() -> None:
    gate = human_approval("draft", allowed_decisions=["approve", "revise"])
    thread = pause(gate, approved="publish", needs_revision="rewrite")
    state = thread.send(resume(thread.request, Revise("shorter")))
    assert (state["review"]["outcome"], state["went"]) == ("needs_revision", "rewrite")
    assert feedback(state) == "shorter"


def test_a_response_takes_the_place_of_the_subject() -> None:
    gate = human_approval("draft", allowed_decisions=["approve", "respond"])
    thread = pause(gate, approved="publish")
    state = thread.send(resume(thread.request, Respond("My own words")))
    assert (state["draft"], state["went"]) == ("My own words", "publish")
    assert approved(state, "draft") == "My own words"


@pytest.mark.parametrize(("amount", "asked"), [(5, 0), (500, 1)])
def test_a_condition_decides_whether_a_person_is_asked(amount: int, asked: int) -> None:
    gate = human_approval("draft", when=lambda state: state["amount"] > 100, reads=("amount",))
    app, config = graph(gate), new_thread()
    state = app.invoke({"draft": "Hello", "amount": amount}, config)
    assert len(pending(app, config)) == asked
    assert state.get("went") == (None if asked else "publish")


@pytest.mark.parametrize("unclear", [None, 0, "no", [], float("nan")])
def test_only_a_clear_no_passes_without_a_person(unclear: Any) -> None:
    gate = human_approval("draft", when=lambda state: unclear, reads=("draft",))
    assert pause(gate).outcome() is None
