"""What each client really sends is understood, end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Choice, ask_human, human_approval, qa_sample
from tests.paused import pause
from tests.subject_presets import (
    CONFIDENCE_ESCALATION,
    SALT,
    SUBJECT_PRESETS,
    SubjectPreset,
)

over_presets = pytest.mark.parametrize(
    "preset", [*SUBJECT_PRESETS.values()], ids=[*SUBJECT_PRESETS]
)
FIXTURES = sorted(Path(__file__).parent.glob("*.json"))


def answers() -> list[Any]:
    cases = []
    for path in FIXTURES:
        fixture = json.loads(path.read_text())
        cases += [
            pytest.param(case, id=f"{fixture['client']}: {case['what']}")
            for case in fixture["answers"]
        ]
    return cases


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_fixture_says_where_it_was_read(path: Path) -> None:
    fixture = json.loads(path.read_text())
    assert fixture["repository"].startswith("https://github.com/langchain-ai/")
    assert len(fixture["commit"]) == 40
    assert fixture["read_from"]


@over_presets
@pytest.mark.parametrize("case", answers())
def test_the_answer_is_understood(preset: SubjectPreset, case: dict[str, Any]) -> None:
    allowed = case.get("allowed", ["approve", "edit", "reject"])
    gate = preset("draft", action="post", allowed_decisions=allowed)
    thread = pause(gate, {"draft": case["subject"]})
    state = thread.plain(case["resume"])
    assert state["review"]["outcome"] == case["outcome"]
    assert state["review"]["feedback"] == case.get("feedback")
    assert state["draft"] == case["value"]
    assert type(state["draft"]) is type(case["value"])
    assert state["went"] == ("publish" if case["outcome"] in ("approved", "edited") else "archive")


@over_presets
@pytest.mark.parametrize("case", answers())
def test_it_is_understood_by_interrupt_id_too(preset: SubjectPreset, case: dict[str, Any]) -> None:
    allowed = case.get("allowed", ["approve", "edit", "reject"])
    gate = preset("draft", action="post", allowed_decisions=allowed)
    thread = pause(gate, {"draft": case["subject"]})
    assert thread.mapped(case["resume"])["review"]["outcome"] == case["outcome"]


@pytest.mark.parametrize(
    ("subject", "text", "value"),
    [("Hello", "Bye", "Bye"), ("5", "4", "4"), (5, "4", 4), ({"a": 1}, '{"a": 2}', {"a": 2})],
)
def test_a_response_of_agent_inbox_answers_in_place_of_the_model(
    subject: Any, text: str, value: Any
) -> None:
    """The box holds a text; it is JSON where the subject is."""
    thread = pause(CONFIDENCE_ESCALATION("draft"), {"draft": subject})
    state = thread.plain([{"type": "response", "args": text}])
    assert (state["review"]["outcome"], state["draft"]) == ("answered", value)
    assert type(state["draft"]) is type(value)
    assert state["went"] == "publish"


@pytest.mark.parametrize("text", ["I do not know", "[1]", "4"])
def test_a_response_that_is_no_such_value_is_refused(text: str) -> None:
    thread = pause(CONFIDENCE_ESCALATION("draft"), {"draft": {"a": 1}})
    with pytest.raises(ValueError, match="the value does not fit"):
        thread.plain([{"type": "response", "args": text}])
    assert thread.plain([{"type": "accept", "args": None}])["review"]["outcome"] == "approved"


def test_a_response_of_agent_inbox_sends_a_sample_back() -> None:
    gate = qa_sample("draft", rate=1.0, item_id="answer", salt=SALT)
    ways: dict[str, Any] = {"approved": "publish", "needs_revision": "again", "rejected": "archive"}
    thread = pause(gate, {"draft": "Hello", "answer": "item-1"}, **ways)
    state = thread.plain([{"type": "response", "args": "shorter"}])
    assert (state["review"]["feedback"], state["went"]) == ("shorter", "again")


def from_chat_ui(text: str) -> Any:
    edited = {"name": "ask", "args": {"answer": text}}
    return {"decisions": [{"type": "edit", "edited_action": edited}]}


def from_inbox(text: str) -> Any:
    return [{"type": "edit", "args": {"action": "ask", "args": {"answer": text}}}]


QUESTIONS = [
    (str, "Ann", "Ann", "answered"),
    (str, "42", "42", "answered"),
    (int, "42", 42, "answered"),
    (bool, "true", True, "answered"),
    (list[int], "[1, 2]", [1, 2], "answered"),
    (Choice("a", "b"), "a", "a", "chosen"),
    (Choice("a", "b", multiple=True), "a", ["a"], "chosen"),
    (Choice("a", "b", multiple=True), '["a", "b"]', ["a", "b"], "chosen"),
]


@pytest.mark.parametrize("send", [from_chat_ui, from_inbox])
@pytest.mark.parametrize(("answer", "text", "value", "outcome"), QUESTIONS)
def test_a_question_is_answered_in_a_text_field(
    send: Any, answer: Any, text: str, value: Any, outcome: str
) -> None:
    gate = ask_human("?", answer=answer, into="answer", action="ask")
    ways: dict[str, Any] = {outcome: "publish"}
    state = pause(gate, **ways).plain(send(text))
    assert state["review"]["outcome"] == outcome
    assert state["answer"] == value
    assert type(state["answer"]) is type(value)


def test_a_response_of_agent_inbox_answers_a_question() -> None:
    gate = ask_human("Name?", into="answer", allowed_decisions=["respond", "reject"])
    thread = pause(gate, answered="publish", rejected="archive")
    assert thread.plain([{"type": "response", "args": "Ann"}])["answer"] == "Ann"


def test_a_field_that_was_left_empty_answers_nothing() -> None:
    thread = pause(ask_human("?", into="answer", action="ask"), answered="publish")
    for bad in (from_chat_ui(""), from_inbox("  ")):
        with pytest.raises(ValueError, match="not blank"):
            thread.plain(bad)
    assert thread.plain(from_chat_ui("Ann"))["answer"] == "Ann"


def test_what_a_client_offers_without_asking_is_refused_where_it_is_not_allowed() -> None:
    """deep-agents-ui shows all its buttons always, Agent Inbox its ignore button."""
    gate = human_approval("draft", action="post", allowed_decisions=["approve"])
    thread = pause(gate, approved="publish")
    edited = {"name": "post", "args": {"draft": "Bye"}}
    for bad in (
        {"decisions": [{"type": "reject", "message": ""}]},
        {"decisions": [{"type": "edit", "edited_action": edited}]},
        [{"type": "ignore", "args": None}],
    ):
        with pytest.raises(ValueError, match="is not allowed here; allowed: approve"):
            thread.plain(bad)
    assert thread.plain({"decisions": [{"type": "approve"}]})["review"]["outcome"] == "approved"
