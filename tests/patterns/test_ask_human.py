"""A question without a subject, with a free answer or with options."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from langgraph_hitl import Choice, Choose, Reject, Respond, ask_human, resume
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import SubjectError
from tests.paused import Paused, pause, spec


class Address(BaseModel):
    city: str


def asked(gate: Gate, values: Any = None, **ways: str) -> Paused:
    return pause(gate, values, **(ways or {"answered": "publish"}))


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        (str, "Ann"),
        (int, 5),
        (list[str], ["a"]),
        (Address, {"city": "Bonn"}),
        ({"type": "integer", "minimum": 1}, 5),
    ],
)
def test_an_answer_fits_what_was_asked_for(answer: Any, given: Any) -> None:
    thread = asked(ask_human("?", answer=answer, into="answer"))
    state = thread.send(resume(thread.request, Respond(given)))
    assert (state["answer"], state["went"]) == (given, "publish")


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        (str, 5),
        (int, "5"),
        (int, True),
        (list[str], "a"),
        (Address, {"town": "Bonn"}),
        ({"type": "integer", "minimum": 1}, 0),
    ],
)
def test_another_answer_is_refused_and_the_right_one_still_counts(answer: Any, given: Any) -> None:
    thread = asked(ask_human("?", answer=answer))
    with pytest.raises(ValueError, match="the value does not fit"):
        thread.send(resume(thread.request, Respond(given)))
    assert thread.outcome() is None


def test_the_question_may_come_from_the_state() -> None:
    gate = ask_human(lambda state: f"Ship to {state['draft']}?", reads=("draft",))
    assert asked(gate, {"draft": "Bonn"}).request.subject == "Ship to Bonn?"


@pytest.mark.parametrize("nothing", [None, "", "  ", 5])
def test_a_function_that_gives_no_question_is_an_error(nothing: Any) -> None:
    gate = ask_human(lambda state: nothing, reads=("draft",))
    with pytest.raises(SubjectError, match="the question is not a text, or blank"):
        asked(gate)


def test_options_are_shown_and_chosen() -> None:
    gate = ask_human("Which?", answer=Choice("a", "b", multiple=True), into="answer")
    thread = asked(gate, chosen="publish")
    assert thread.request.answer == {"options": ["a", "b"], "multiple": True}
    state = thread.send(resume(thread.request, Choose("b", "a")))
    assert (state["answer"], state["went"]) == (["b", "a"], "publish")


@pytest.mark.parametrize("wrong", [("c",), (), ("a", "b"), ("a", "a")])
def test_what_is_not_offered_is_refused(wrong: tuple[str, ...]) -> None:
    thread = asked(ask_human("Which?", answer=Choice("a", "b")), chosen="publish")
    with pytest.raises(ValueError, match="Review rv-"):
        thread.send(resume(thread.request, Choose(*wrong)))
    assert thread.outcome() is None


def test_people_may_decline_where_that_is_allowed() -> None:
    gate = ask_human("?", into="answer", allowed_decisions=["respond", "reject"])
    thread = asked(gate, answered="publish", rejected="archive")
    state = thread.send(resume(thread.request, Reject("none of your business")))
    assert (state["went"], state["review"]["feedback"]) == ("archive", "none of your business")
    assert "answer" not in state


def test_a_question_has_no_subject_and_leaves_the_state_alone() -> None:
    thread = asked(ask_human("Name?", context="sources"), {"draft": "x", "sources": ["a"]})
    assert thread.request.subject_key is None
    assert thread.request.context == {"sources": ["a"]}
    state = thread.send(resume(thread.request, Respond("Ann")))
    assert state["draft"] == "x"
    assert state["review"]["answer"] == "Ann"
    assert spec(ask_human("?")).kind == "ask_human"
