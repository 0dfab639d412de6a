"""What each decision does: the value that runs, the way that is taken, the record that is kept."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Edit,
    Reject,
    Respond,
    Revise,
    ask_human,
    human_approval,
    rated_feedback,
)
from tests.apps import one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset


def test_a_gate_pauses_before_anything_runs(driver: Driver) -> None:
    thread = driver.thread(one_gate(human_approval("draft", action="publish")))
    result = thread.send({"draft": "Hello"})
    assert "__interrupt__" in result
    assert thread.ran == []
    request = thread.request
    assert (request.subject, request.action, request.round) == ("Hello", "publish", 0)
    assert request.thread_id == thread.id
    assert request.allowed_decisions == ["approve", "edit", "reject"]


@over_presets()
def test_approve_lets_the_subject_pass_as_it_was_shown(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "Hello"})
    thread.decide(Approve("well done"), by="maria")
    assert thread.ran == ["act:Hello"]
    assert thread.record["outcome"] == "approved"
    assert thread.record["decided_by"] == "maria"
    assert thread.record["feedback"] == "well done"
    assert thread.record["changes"] is None
    assert thread.over


def test_edit_lets_the_edited_value_pass(driver: Driver) -> None:
    thread = driver.thread(one_gate(human_approval("draft")))
    thread.send({"draft": "Hello"})
    thread.decide(Edit("Good day", comment="less familiar"))
    assert thread.ran == ["act:Good day"]
    assert thread.values["draft"] == "Good day"
    assert thread.record["outcome"] == "edited"
    assert thread.record["changes"]["lines"][-2:] == ["-Hello", "+Good day"]
    assert thread.record["feedback"] == "less familiar"


@over_presets()
def test_reject_stops_and_leaves_the_subject_alone(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "Hello"})
    thread.decide(Reject("too short"))
    assert thread.ran == ["stop:Hello"]
    assert thread.record["outcome"] == "rejected"
    assert thread.record["feedback"] == "too short"


def test_respond_puts_the_answer_in_the_place_of_the_subject(driver: Driver) -> None:
    gate = human_approval("draft", allowed_decisions=["approve", "respond"])
    thread = driver.thread(one_gate(gate, {"approved": "act"}))
    thread.send({"draft": "Hello"})
    thread.decide(Respond("Good day"))
    assert thread.ran == ["act:Good day"]
    assert thread.record["outcome"] == "answered"
    assert thread.record["answer"] == "Good day"


def test_revise_without_a_reviser_ends_as_needs_revision(driver: Driver) -> None:
    gate = human_approval("draft", allowed_decisions=["approve", "revise", "reject"])
    ways = {"approved": "act", "needs_revision": "again", "rejected": "stop"}
    thread = driver.thread(one_gate(gate, ways))
    thread.send({"draft": "Hello"})
    thread.decide(Revise("longer", parts={"title": "none"}))
    assert thread.ran == ["again:Hello"]
    assert thread.record["feedback"] == "longer\ntitle: none"


@pytest.mark.parametrize(
    ("decision", "way"),
    [
        (Approve(), "act"),
        (Revise("a source is missing"), "improve"),
        (Revise(rating="partially_correct"), "improve"),
        (Revise(rating="needs_improvement"), "improve"),
        (Revise(rating="incorrect"), "regenerate"),
    ],
    ids=["correct", "feedback", "partially_correct", "needs_improvement", "incorrect"],
)
def test_a_rating_chooses_the_way(sample: Driver, decision: Any, way: str) -> None:
    ways = {"approved": "act", "improve": "improve", "regenerate": "regenerate"}
    thread = sample.thread(one_gate(rated_feedback("draft"), ways))
    thread.send({"draft": "42"})
    thread.decide(decision)
    assert thread.ran == [f"{way}:42"]
    expected = decision.rating or ("correct" if way == "act" else "needs_improvement")
    assert thread.record["rating"] == expected


def test_a_choice_is_kept_as_the_answer(driver: Driver) -> None:
    gate = ask_human("Which plan?", answer=Choice("a", "b"), into="answer")
    thread = driver.thread(one_gate(gate, {"chosen": "go"}))
    thread.send({"draft": "Hello"})
    assert thread.request.subject == "Which plan?"
    thread.decide(Choose("b"))
    assert thread.ran == ["go:Hello"]
    assert thread.values["answer"] == "b"
    assert (thread.record["outcome"], thread.record["answer"]) == ("chosen", "b")


def test_several_choices_are_kept_as_a_list(driver: Driver) -> None:
    gate = ask_human("Which?", answer=Choice("a", "b", "c", multiple=True), into="answer")
    thread = driver.thread(one_gate(gate, {"chosen": "go"}))
    thread.send({"draft": "Hello"})
    thread.decide(Choose("c", "a"))
    assert thread.values["answer"] == ["c", "a"]


def test_a_free_answer_to_a_question(driver: Driver) -> None:
    gate = ask_human(
        "How many?", answer=int, into="answer", allowed_decisions=["respond", "reject"]
    )
    thread = driver.thread(one_gate(gate, {"answered": "go", "rejected": "stop"}))
    thread.send({"draft": "Hello"})
    thread.decide(Respond(5))
    assert thread.ran == ["go:Hello"]
    assert thread.values["answer"] == 5
    assert thread.record["subject_key"] is None


def test_declining_to_answer(driver: Driver) -> None:
    gate = ask_human("How many?", allowed_decisions=["respond", "reject"])
    thread = driver.thread(one_gate(gate, {"answered": "go", "rejected": "stop"}))
    thread.send({"draft": "Hello"})
    thread.decide(Reject("not mine to say"))
    assert thread.ran == ["stop:Hello"]


@over_presets()
def test_an_outcome_with_a_way_of_its_own_takes_it(driver: Driver, preset: SubjectPreset) -> None:
    ways = {"approved": "act", preset.replaced: "proofread", "rejected": "stop"}
    thread = driver.thread(one_gate(preset("draft"), ways))
    thread.send({"draft": "Hello"})
    thread.decide(preset.replacing("Good day"))
    assert thread.ran == ["proofread:Good day"]


@pytest.mark.parametrize("subject", ["text", 7, 2.5, True, [1, "two"], {"a": {"b": [None]}}])
def test_every_kind_of_json_is_a_subject(sample: Driver, subject: Any) -> None:
    thread = sample.thread(one_gate(human_approval("draft")))
    thread.send({"draft": subject})
    assert thread.request.subject == subject
    thread.decide(Approve())
    assert thread.ran == [f"act:{subject}"]
