"""Today's clients can show a request: it passes the checks that they make of an interrupt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from langgraph_hitl import (
    Choice,
    ask_human,
    confidence_escalation,
    human_approval,
    last_message,
    qa_sample,
    rated_feedback,
)
from langgraph_hitl._subgraph.gate import Gate
from tests.clients.checks import (
    offered_by_agent_chat_ui,
    read_by_agent_inbox,
    shown_by_agent_chat_ui,
    shown_by_deep_agents_ui,
)
from tests.paused import chat, pause
from tests.subject_presets import SALT

GATES = {
    "approval": human_approval("draft", action="post"),
    "escalation": confidence_escalation("draft", confidence="amount", action="post"),
    "qa": qa_sample("draft", rate=1.0, item_id="answer", salt=SALT, action="post"),
    "rated": rated_feedback("draft", action="post"),
    "question": ask_human("Name?", action="post"),
    "choice": ask_human("Which?", answer=Choice("a", "b"), action="post"),
}


def payload_of(name: str) -> dict[str, Any]:
    gate: Gate = GATES[name]
    if name == "question":
        thread = pause(gate, answered="publish")
    elif name == "choice":
        thread = pause(gate, chosen="publish")
    else:
        thread = pause(gate, {"draft": "Hello", "amount": 0.4, "answer": "item-1"})
    payload: dict[str, Any] = json.loads(json.dumps(thread.payload))
    return payload


@pytest.mark.parametrize("name", GATES)
def test_agent_chat_ui_shows_its_buttons(name: str) -> None:
    value = payload_of(name)
    assert shown_by_agent_chat_ui({"value": value})
    assert shown_by_agent_chat_ui([{"value": value}])


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("approval", {"approve", "edit", "reject"}),
        ("escalation", {"approve", "edit", "reject"}),
        ("qa", {"approve", "reject"}),
        ("rated", {"approve"}),
        ("question", {"edit"}),
        ("choice", {"edit"}),
    ],
)
def test_agent_chat_ui_offers_what_is_allowed(name: str, offered: set[str]) -> None:
    assert offered_by_agent_chat_ui(payload_of(name)) == offered


@pytest.mark.parametrize("name", GATES)
def test_deep_agents_ui_shows_it_beside_a_tool_call_of_that_name(name: str) -> None:
    assert shown_by_deep_agents_ui(payload_of(name), ["search", "post"])
    assert not shown_by_deep_agents_ui(payload_of(name), ["search"])


@pytest.mark.parametrize("name", GATES)
def test_agent_inbox_reads_the_action_and_a_description(name: str) -> None:
    read = read_by_agent_inbox(payload_of(name))
    assert read is not None
    assert read["action_request"]["action"] == "post"
    assert read["action_request"]["args"]
    assert read["description"]


def test_agent_inbox_reads_the_subject_and_what_is_allowed() -> None:
    read = read_by_agent_inbox(payload_of("approval"))
    assert read is not None
    assert read["action_request"] == {"action": "post", "args": {"draft": "Hello"}}
    assert read["config"] == {
        "allow_accept": True,
        "allow_edit": True,
        "allow_respond": True,
        "allow_ignore": False,
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("escalation", "The confidence 0.4 is below 0.8."),
        ("qa", "Drawn for the sample of 100 %."),
    ],
)
def test_the_description_says_why_a_person_is_asked(name: str, why: str) -> None:
    payload = payload_of(name)
    assert why in payload["action_requests"][0]["description"].splitlines()
    assert payload["finding"]["sentence"] == why


def test_a_question_shows_its_text_and_an_empty_field() -> None:
    (request,) = payload_of("question")["action_requests"]
    assert request["description"].startswith("Name?")
    assert request["args"] == {"answer": ""}


def test_a_message_is_shown_as_its_text() -> None:
    (request,) = chat(human_approval(last_message(), action="send")).payload["action_requests"]
    assert (request["name"], request["args"]) == ("send", {"message": "Hello"})


@pytest.mark.parametrize(
    "foreign", [None, "question?", {}, {"value": None}, {"value": {"action_requests": []}}, []]
)
def test_the_checks_tell_a_request_from_something_else(foreign: Any) -> None:
    assert not shown_by_agent_chat_ui(foreign)
    assert read_by_agent_inbox(foreign) is None
