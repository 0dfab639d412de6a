"""A checkpoint described as data behaves as the gate that it describes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Checkpoint,
    Choose,
    Edit,
    Reject,
    Respond,
    Revise,
    add_review,
)
from langgraph_hitl.errors import ContextMissing, GateError
from langgraph_hitl.review import Decision
from tests.apps import State, one_gate
from tests.drivers import Builder, Driver, Thread
from tests.paused import spec

RELEASE = {"name": "release", "subject": "draft"}
QUESTION = {"name": "budget", "question": "How shall we go on?", "into": "answer"}
ONE = {**QUESTION, "answer": {"choose_one": ["more", "stop"]}}
SEVERAL = {**QUESTION, "answer": {"choose_several": ["search", "code", "mail"]}}
FREE = {**QUESTION, "answer": "free_form"}
HELLO = {"draft": "Hello", "sources": ["Ann"]}


def asked(
    driver: Driver, data: dict[str, Any], state: dict[str, Any] | None = None, **options: Any
) -> Thread:
    """A thread that came to a checkpoint on the draft."""
    thread = driver.thread(one_gate(Checkpoint.from_dict(data, **options)))
    thread.send(HELLO if state is None else state)
    return thread


def questioned(driver: Driver, data: dict[str, Any], **ways: str) -> Thread:
    """A thread that came to a question."""
    thread = driver.thread(one_gate(Checkpoint.from_dict(data), ways))
    thread.send(HELLO)
    return thread


# The answers


def test_yes_approves_the_subject(sample: Driver) -> None:
    thread = asked(sample, RELEASE)
    assert thread.request.subject == "Hello"
    assert thread.request.allowed_decisions == ["approve", "reject"]
    thread.decide(Approve(), by="maria")
    assert thread.ran == ["act:Hello"]
    assert (thread.record["outcome"], thread.record["decided_by"]) == ("approved", "maria")


def test_no_rejects_it(sample: Driver) -> None:
    thread = asked(sample, {**RELEASE, "answer": "yes_no"})
    thread.decide(Reject("not yet"))
    assert thread.ran == ["stop:Hello"]
    assert (thread.record["outcome"], thread.record["feedback"]) == ("rejected", "not yet")


@pytest.mark.parametrize("decision", [Edit("Good day"), Revise("shorter"), Respond("x")])
def test_yes_or_no_is_all_that_it_takes_by_default(sample: Driver, decision: Decision) -> None:
    thread = asked(sample, RELEASE)
    with pytest.raises(ValueError, match="is not allowed"):
        thread.decide(decision)
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


def test_one_option_is_chosen(sample: Driver) -> None:
    thread = questioned(sample, ONE, chosen="go")
    assert thread.request.subject == "How shall we go on?"
    assert thread.request.answer == {"options": ["more", "stop"], "multiple": False}
    with pytest.raises(ValueError, match="choose one of the options"):
        thread.decide(Choose("more", "stop"))
    with pytest.raises(ValueError, match="is not offered"):
        thread.decide(Choose("less"))
    thread.decide(Choose("stop"))
    assert (thread.values["answer"], thread.record["outcome"]) == ("stop", "chosen")
    assert thread.ran == ["go:Hello"]


def test_several_options_are_chosen(sample: Driver) -> None:
    thread = questioned(sample, SEVERAL, chosen="go")
    thread.decide(Choose("mail", "search"))
    assert thread.values["answer"] == ["mail", "search"]
    assert thread.record["answer"] == ["mail", "search"]


def test_a_free_answer_is_a_text(sample: Driver) -> None:
    thread = questioned(sample, FREE, answered="go")
    with pytest.raises(ValueError, match="the value does not fit"):
        thread.decide(Respond(5))
    thread.decide(Respond("Ask legal first."))
    assert (thread.values["answer"], thread.record["outcome"]) == ("Ask legal first.", "answered")


def test_an_answer_needs_no_key_of_its_own(sample: Driver) -> None:
    thread = questioned(sample, {key: FREE[key] for key in FREE if key != "into"}, answered="go")
    thread.decide(Respond("yes"))
    assert thread.record["answer"] == "yes"
    assert "answer" not in thread.values


# The fields


def test_the_name_is_the_action_unless_there_is_one(sample: Driver) -> None:
    gate = Checkpoint.from_dict(RELEASE)
    assert gate.name == "release"
    assert asked(sample, RELEASE).request.action == "release"
    thread = asked(sample, {**RELEASE, "action": "publish_post"})
    assert thread.request.action == "publish_post"
    thread.decide(Approve())
    assert thread.record["action"] == "publish_post"


def test_the_stage_is_shown_beside_the_context(sample: Driver) -> None:
    data = {**RELEASE, "stage": "before_commit", "context": "sources"}
    assert asked(sample, data).request.context == {"sources": ["Ann"], "stage": "before_commit"}
    thread = questioned(sample, {**ONE, "stage": "between_steps"}, chosen="go")
    assert thread.request.context == {"stage": "between_steps"}


def test_the_context_is_shown(sample: Driver) -> None:
    data = {**RELEASE, "context": ["sources", "score"]}
    thread = asked(sample, data, {**HELLO, "score": 0.5})
    assert thread.request.context == {"sources": ["Ann"], "score": 0.5}


@pytest.mark.parametrize("stage", [{}, {"stage": "after_planning"}])
@pytest.mark.parametrize("missing", [{}, {"sources": []}, {"sources": None}])
def test_nobody_is_asked_without_the_required_context(
    sample: Driver, missing: dict[str, Any], stage: dict[str, str]
) -> None:
    data = {**RELEASE, **stage, "required_context": ["sources"]}
    assert asked(sample, data).request.context["sources"] == ["Ann"]
    with pytest.raises(ContextMissing, match="'sources'"):
        asked(sample, data, {"draft": "Hello", **missing})


def test_the_criteria_are_shown(sample: Driver) -> None:
    thread = asked(sample, {**RELEASE, "criteria": ["It is kind.", "It is short."]})
    assert thread.request.criteria == ["It is kind.", "It is short."]


def test_the_trigger_asks_or_lets_pass_and_says_why(sample: Driver) -> None:
    data = {**RELEASE, "when": {"over": {"field": "score", "limit": 10}}}
    thread = asked(sample, data, {**HELLO, "score": 11.0})
    assert thread.request.finding["sentence"] == "The score 11 is over 10."
    assert thread.ran == []
    thread = asked(sample, data, {**HELLO, "score": 9.0})
    assert thread.over
    assert thread.ran == ["act:Hello"]
    assert thread.record["outcome"] == "auto_approved"
    assert thread.record["finding"]["sentence"] == "The score 9 is not over 10."


def test_a_trigger_that_cannot_tell_asks(sample: Driver) -> None:
    data = {**RELEASE, "when": {"not": {"over": {"field": "score", "limit": 10}}}}
    thread = asked(sample, data)
    assert thread.request.finding["sentence"] == "The score is missing."


def test_more_than_yes_and_no_where_it_is_allowed(sample: Driver) -> None:
    data = {**RELEASE, "allowed_decisions": ["approve", "edit", "reject", "revise"]}
    thread = asked(sample, data)
    thread.decide(Edit("Good day"))
    assert (thread.values["draft"], thread.ran) == ("Good day", ["act:Good day"])
    thread = asked(sample, data)
    thread.decide(Revise("shorter"))
    assert (thread.record["outcome"], thread.ran) == ("needs_revision", ["stop:Hello"])


def test_people_may_decline_a_question_where_it_is_allowed(sample: Driver) -> None:
    data = {**ONE, "allowed_decisions": ["choose", "reject"]}
    thread = questioned(sample, data, chosen="go", rejected="stop")
    thread.decide(Reject("none of them"))
    assert thread.ran == ["stop:Hello"]
    assert "answer" not in thread.values


# A question that nobody needs to answer


@pytest.mark.parametrize("data", [ONE, SEVERAL, FREE], ids=["one", "several", "free"])
@pytest.mark.parametrize("way", ["approved", "auto_approved"])
def test_a_question_that_nobody_is_asked_ends_without_an_answer(
    sample: Driver, data: dict[str, Any], way: str
) -> None:
    good = "answered" if data is FREE else "chosen"
    thread = questioned(sample, {**data, "when": "never"}, **{good: "go", way: "on"})
    assert thread.over
    assert thread.ran == ["on:Hello"]
    assert (thread.record["outcome"], thread.record["answer"]) == ("auto_approved", None)
    assert "answer" not in thread.values


def test_such_a_question_needs_a_way_for_it() -> None:
    gate = Checkpoint.from_dict({**ONE, "when": {"flagged": "score"}})
    with pytest.raises(GateError, match="no way for 'auto_approved'"):
        one_gate(gate, {"chosen": "go"})()


# What code adds


def test_a_reviser_makes_the_next_version(sample: Driver) -> None:
    def shorter(state: State) -> dict[str, Any]:
        return {"draft": state["draft"][:2]}

    thread = asked(sample, {**RELEASE, "stage": "before_commit"}, revise=shorter)
    thread.decide(Revise("shorter"))
    assert (thread.request.subject, thread.request.round) == ("He", 1)
    assert thread.request.context == {"stage": "before_commit"}
    thread.decide(Approve())
    assert thread.ran == ["act:He"]


def test_the_clock_is_given(sample: Driver) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    thread = asked(sample, {**RELEASE, "stage": "before_commit"}, clock=lambda: noon)
    assert thread.request.asked_at == noon.isoformat()


def test_the_keys_are_checked_against_the_schema() -> None:
    Checkpoint.from_dict({**RELEASE, "stage": "before_commit"}, state_schema=State)
    with pytest.raises(GateError, match=r"^checkpoint: Gate 'release' reads 'drat', which State"):
        Checkpoint.from_dict({**RELEASE, "subject": "drat"}, state_schema=State)


def test_a_key_that_the_graph_lacks_is_an_error_when_the_gate_is_added() -> None:
    data = {**RELEASE, "when": {"flagged": "leagl"}}
    with pytest.raises(GateError, match="needs the state key 'leagl'"):
        one_gate(Checkpoint.from_dict(data))()


# From a file


def test_a_file_and_a_text_describe_the_same(sample: Driver, tmp_path: Path) -> None:
    text = "name: release\nsubject: draft\nwhen: {over: {field: score, limit: 10}}\n"
    path = tmp_path / "release.yaml"
    path.write_text(text, encoding="utf-8")
    for source in (text, path, str(path)):
        thread = sample.thread(one_gate(Checkpoint.from_yaml(source)))
        thread.send({**HELLO, "score": 12.0})
        assert thread.request.finding["sentence"] == "The score 12 is over 10."
        thread.decide(Approve())
        assert thread.ran == ["act:Hello"]


def test_white_space_around_a_text_does_not_count() -> None:
    text = (
        "name: ' budget'\nquestion: |\n  How shall\n  we go on?\nanswer: 'free_form '\ninto: 'x '\n"
    )
    gate = spec(Checkpoint.from_yaml(text))
    assert (gate.name, gate.question, gate.into) == ("budget", "How shall\nwe go on?", "x")
    assert Checkpoint.from_yaml(text, name="budget").name == "budget"


def test_add_review_and_add_node_take_it(sample: Driver) -> None:
    from langgraph.graph import END, START, StateGraph

    from langgraph_hitl import route

    def build() -> Builder:
        builder: Builder = StateGraph(State)
        builder.add_node("by_hand", Checkpoint.from_dict(RELEASE))
        builder.add_conditional_edges("by_hand", route(approved="added", rejected=END))
        add_review(builder, "added", Checkpoint.from_dict(RELEASE), approved=END, rejected=END)
        builder.add_edge(START, "by_hand")
        return builder

    thread = sample.thread(build)
    thread.send(HELLO)
    thread.decide(Approve(), Approve())
    assert [record["gate"] for record in thread.values["reviews"]] == ["by_hand", "added"]
