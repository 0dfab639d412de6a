"""Three shapes come to one decision; whatever does not fit the question is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from langchain_core.messages import AIMessage

from langgraph_hitl import Choice
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review import AnswerRules, Asked, Decision, normalise
from langgraph_hitl.review.decision import DecisionType, to_json
from langgraph_hitl.review.snapshot import take
from tests.strategies import DECISIONS, JSON

ALL: tuple[DecisionType, ...] = ("approve", "edit", "reject", "revise", "respond")


def rules(*allowed: DecisionType, **more: Any) -> AnswerRules:
    given: dict[str, Any] = {"action": "post", "argument": "draft", "allowed": allowed or ALL}
    return AnswerRules(**given | more)


def asked(subject: Any = "Hello") -> Asked:
    snapshot = take(subject)
    return Asked(review_id="rv-1", digest=snapshot.digest, round=1, snapshot=snapshot)


def read(raw: Any, subject: Any = "Hello", given: AnswerRules | None = None) -> dict[str, Any]:
    return normalise(raw, given or rules(), asked(subject))


def refused(raw: Any, match: str, subject: Any = "Hello", given: AnswerRules | None = None) -> None:
    with pytest.raises(InvalidDecision, match=match) as raised:
        read(raw, subject, given)
    assert raised.value.review_id == "rv-1"
    assert str(raised.value).startswith("Review rv-1: ")


OURS: list[dict[str, Any]] = [
    {"type": "approve"},
    {"type": "approve", "comment": "fine"},
    {"type": "edit", "value": "Good day"},
    {"type": "reject", "message": "no"},
    {"type": "revise", "feedback": "shorter", "parts": {"title": "dull"}},
    {"type": "respond", "message": "Bye"},
]


@pytest.mark.parametrize("answer", OURS)
def test_ours_and_the_middlewares_shape_say_the_same(answer: dict[str, Any]) -> None:
    assert read(answer) == answer
    assert read({"decisions": [answer]}) == answer


@given(DECISIONS)
def test_a_normalised_answer_reads_as_itself(decision: Decision) -> None:
    given = rules(*ALL, "choose", choice=Choice("a", "b", multiple=True), is_question=True)
    try:
        once = read(to_json(decision), given=given)
    except InvalidDecision:
        return
    assert read(once, given=given) == once
    assert read({"decisions": [once]}, given=given) == once


@pytest.mark.parametrize("answer", OURS)
@pytest.mark.parametrize("where", ["ours", "inside", "outside"])
def test_an_answer_may_name_its_review_and_who_gave_it(answer: dict[str, Any], where: str) -> None:
    envelope = {"review_id": "rv-1", "digest": asked().digest, "round": 1, "by": "maria"}
    raw: Any = {**answer, **envelope}
    if where != "ours":
        raw = {"decisions": [raw]} if where == "inside" else {"decisions": [answer], **envelope}
    assert read(raw) == {**answer, "by": "maria"}


@pytest.mark.parametrize("where", ["ours", "inside", "outside"])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("review_id", "rv-2"),
        ("review_id", None),
        ("review_id", ["rv-1"]),
        ("digest", "sha256:0"),
        ("digest", ""),
        ("round", 0),
        ("round", 2),
        ("round", "1"),
        ("round", True),
        ("round", 1.0),
    ],
)
def test_an_answer_to_something_else_is_refused(where: str, name: str, wrong: Any) -> None:
    answer: dict[str, Any] = {"type": "approve"}
    raw: Any = {**answer, name: wrong}
    if where != "ours":
        raw = {"decisions": [raw]} if where == "inside" else {"decisions": [answer], name: wrong}
    refused(raw, f"the answer is for {name} .*read the review again")


@pytest.mark.parametrize("by", ["", "  ", 1, True, ["maria"], {"name": "maria"}])
def test_by_is_a_text(by: Any) -> None:
    refused({"type": "approve", "by": by}, "by must be a text that is not blank")


@pytest.mark.parametrize("raw", [None, True, False, 0, 1, 1.5, "", "approve", "yes", "[]"])
def test_an_answer_is_an_object(raw: Any) -> None:
    refused(raw, "an answer is an object, not ")
    refused([raw], "exactly one decision")
    refused({"decisions": raw}, "decisions must be a list")
    refused({"decisions": [raw]}, "exactly one decision")


@pytest.mark.parametrize("count", [0, 2, 3])
def test_one_review_takes_one_decision(count: int) -> None:
    refused({"decisions": [{"type": "approve"}] * count}, "exactly one decision")
    refused([{"type": "accept", "args": None}] * count, "exactly one decision")


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        ({}, "unknown decision type None"),
        ({"decisions": [{}]}, "unknown decision type None"),
        ([{}], "unknown type None of a response"),
        ({"type": "Approve"}, "unknown decision type 'Approve'"),
        ({"type": "approve "}, "unknown decision type 'approve '"),
        ({"type": "accept"}, "unknown decision type 'accept'"),
        ({"type": ["approve"]}, "unknown decision type"),
        ([{"type": "approve"}], "unknown type 'approve' of a response"),
        ([{"type": "Accept", "args": None}], "unknown type 'Accept'"),
        ([{"type": ["accept"]}], "unknown type"),
        ({"type": "approve", "yes": True}, "approve: unknown field 'yes'"),
        ({"type": "approve", "args": None}, "approve: unknown field 'args'"),
        ({"type": "approve", "value": "x"}, "approve: unknown field 'value'"),
        ({"decisions": [{"type": "approve"}], "type": "approve"}, "beside decisions"),
        ({"decisions": [{"type": "approve"}], "x": 1}, "beside decisions"),
        ({"decisions": [{"decisions": [{"type": "approve"}]}]}, "unknown decision type None"),
        ({"decisions": [[{"type": "accept"}]]}, "exactly one decision"),
        ([{"decisions": [{"type": "approve"}]}], "unknown field in"),
        ([{"type": "accept", "args": None, "comment": "x"}], "unknown field in"),
        (
            {"decisions": [{"type": "approve", "round": 1}], "round": 1},
            "beside decisions",
        ),
    ],
)
def test_mixtures_and_unknown_words_are_refused(raw: Any, match: str) -> None:
    refused(raw, match)


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        ({"type": "edit", "value": float("nan")}, "nan is not a JSON number"),
        ({"type": "edit", "value": 2**64}, "64 bits"),
        ({"type": "reject", "message": "a\x00b"}, "NUL"),
        ({"type": "reject", "message": "\ud800"}, "surrogate"),
        ({"type": "reject", "message": b"no"}, "bytes is not JSON"),
        ({1: "approve"}, "the key 1 is not a text"),
        (object(), "object is not JSON"),
    ],
)
def test_what_cannot_be_stored_is_refused(raw: Any, match: str) -> None:
    refused(raw, match)


@pytest.mark.parametrize("kind", ["approve", "edit", "reject", "revise", "respond"])
def test_only_what_is_allowed_is_taken(kind: DecisionType) -> None:
    answer = next(a for a in OURS if a["type"] == kind)
    others = rules(*(other for other in ALL if other != kind))
    refused(answer, f"{kind} is not allowed here; allowed: ", given=others)


# Edits


@pytest.mark.parametrize(
    ("subject", "value"),
    [("a", 1), ("a", None), ("a", ["a"]), (1, "1"), (1, True), ({"a": 1}, [1]), ([1], "[2]")],
)
def test_an_edit_is_of_the_subjects_kind(subject: Any, value: Any) -> None:
    refused({"type": "edit", "value": value}, "the value does not fit: expected JSON", subject)


def test_a_check_replaces_the_kind() -> None:
    given = rules(check=lambda value: None if value == {"ok": 1} else "must be ok")
    assert read({"type": "edit", "value": {"ok": 1}}, "text", given)["value"] == {"ok": 1}
    refused({"type": "edit", "value": "text"}, "does not fit: must be ok", given=given)
    refused({"type": "respond", "message": "text"}, "does not fit: must be ok", given=given)


def edited(args: Any, name: str = "post") -> dict[str, Any]:
    return {"type": "edit", "edited_action": {"name": name, "args": args}}


@pytest.mark.parametrize("wrap", [False, True])
def test_an_edited_action_is_an_edit(wrap: bool) -> None:
    answer = edited({"draft": "Good day"}) | {"comment": "typo"}
    raw = {"decisions": [answer]} if wrap else answer
    assert read(raw) == {"type": "edit", "value": "Good day", "comment": "typo"}


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (edited({"draft": "x"}, name="delete"), "names the action 'delete', asked was 'post'"),
        (edited({}), "must be exactly 'draft'"),
        (edited({"draft": "x", "to": "all"}), "must be exactly 'draft'"),
        (edited({"Draft": "x"}), "must be exactly 'draft'"),
        (edited("x"), "must be exactly 'draft'"),
        (edited(None), "must be exactly 'draft'"),
        ({"type": "edit", "edited_action": "x"}, "two fields name and args"),
        ({"type": "edit", "edited_action": None}, "two fields name and args"),
        ({"type": "edit", "edited_action": {"name": "post"}}, "two fields name and args"),
        (edited({"draft": "x"}) | {"value": "y"}, "takes the place of value"),
        (edited({"draft": "x"}) | {"type": "approve"}, "belongs to an edit"),
        (edited({"draft": "x"}) | {"type": None}, "belongs to an edit"),
        ({"edited_action": {"name": "post", "args": {"draft": "x"}}}, "belongs to an edit"),
    ],
)
def test_a_broken_edited_action_is_refused(answer: dict[str, Any], match: str) -> None:
    refused(answer, match)
    refused({"decisions": [answer]}, match)


@pytest.mark.parametrize(
    ("subject", "text", "value"),
    [
        ({"a": 1}, '{"a": 2}', {"a": 2}),
        ([1], "[2, 3]", [2, 3]),
        (1, "7", 7),
        (1, "7.5", 7.5),
        (True, "false", False),
        (AIMessage([{"type": "text", "text": "a"}]), "plain", "plain"),
    ],
)
def test_json_that_came_as_its_text_is_read(subject: Any, text: str, value: Any) -> None:
    assert read(edited({"draft": text}), subject)["value"] == value
    inbox = [{"type": "edit", "args": {"action": "post", "args": {"draft": text}}}]
    assert read(inbox, subject)["value"] == value


@pytest.mark.parametrize("text", ["7", "true", '{"a": 1}', "null", "[1]"])
def test_a_text_stays_a_text(text: str) -> None:
    assert read(edited({"draft": text}), "Hello")["value"] == text


@pytest.mark.parametrize("text", ["", "seven", "{", "NaN", "Infinity", "9" * 30, "null", '"7"'])
def test_a_text_that_is_no_json_of_the_kind_is_refused(text: str) -> None:
    refused(edited({"draft": text}), "the value does not fit: expected JSON of the kind n", 1)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5_000, '{"a":' * 70 + "1" + "}" * 70])
def test_json_text_that_breaks_the_reader_is_refused(text: str) -> None:
    refused(edited({"draft": text}), "the value does not fit", {"a": 1})


# Ratings


def test_in_a_rated_gate_the_decision_implies_the_rating() -> None:
    given = rules("approve", "revise", rated=True)
    assert read({"type": "approve"}, given=given)["rating"] == "correct"
    assert read({"type": "revise", "feedback": "x"}, given=given)["rating"] == "needs_improvement"
    worse = {"type": "revise", "feedback": "", "rating": "incorrect"}
    assert read(worse, given=given) == worse


def test_elsewhere_it_implies_none() -> None:
    assert "rating" not in read({"type": "approve"})
    assert "rating" not in read({"type": "revise", "feedback": "x"})


# Agent Inbox


def inbox(kind: Any, args: Any = None) -> list[dict[str, Any]]:
    return [{"type": kind, "args": args}]


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (inbox("accept"), {"type": "approve"}),
        ([{"type": "accept"}], {"type": "approve"}),
        (inbox("accept", {"action": "post", "args": {"draft": "Hello"}}), {"type": "approve"}),
        (inbox("ignore"), {"type": "reject"}),
        (inbox("response", "shorter"), {"type": "revise", "feedback": "shorter"}),
        (
            inbox("edit", {"action": "post", "args": {"draft": "Bye"}}),
            {"type": "edit", "value": "Bye"},
        ),
    ],
)
def test_the_words_of_agent_inbox(answer: Any, decision: dict[str, Any]) -> None:
    assert read(answer) == decision


@pytest.mark.parametrize(
    ("allowed", "decision"),
    [
        (("approve", "revise", "respond"), {"type": "revise", "feedback": "text"}),
        (("approve", "respond"), {"type": "respond", "message": "text"}),
        (("approve", "reject"), {"type": "reject", "message": "text"}),
    ],
)
def test_a_response_is_what_the_gate_can_take(allowed: Any, decision: dict[str, Any]) -> None:
    assert read(inbox("response", "text"), given=rules(*allowed)) == decision


def test_a_response_never_approves() -> None:
    refused(inbox("response", "yes"), "reject is not allowed", given=rules("approve"))
    refused(inbox("ignore"), "reject is not allowed", given=rules("approve"))


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (inbox("response"), "args of a response is a text"),
        (inbox("response", {"text": "x"}), "args of a response is a text"),
        (inbox("response", ""), "feedback that is not blank"),
        (inbox("edit"), "two fields action and args"),
        (inbox("edit", "x"), "two fields action and args"),
        (inbox("edit", {"args": {"draft": "x"}}), "two fields action and args"),
        (inbox("edit", {"action": "delete", "args": {"draft": "x"}}), "names the action"),
        (inbox("edit", {"action": "post", "args": {"other": "x"}}), "exactly 'draft'"),
        (inbox("edit", {"action": "post", "args": {"draft": 1}}), "does not fit"),
    ],
)
def test_a_broken_response_is_refused(answer: Any, match: str) -> None:
    refused(answer, match)


@pytest.mark.parametrize(
    "args",
    [
        "no, wait",
        False,
        0,
        [],
        {},
        {"action": "delete", "args": {"draft": "Hello"}},
        {"action": "post", "args": {"draft": "Something else"}},
        {"action": "post"},
    ],
)
def test_an_accept_that_carries_anything_but_what_was_shown_approves_nothing(args: Any) -> None:
    with pytest.raises(InvalidDecision):
        read(inbox("accept", args))


# Questions


QUESTION: dict[str, Any] = {"action": "ask", "argument": "answer", "is_question": True}


def test_in_a_question_an_edit_of_the_answer_is_the_answer() -> None:
    given = rules("respond", **QUESTION)
    filled = {"type": "edit", "edited_action": {"name": "ask", "args": {"answer": "42"}}}
    assert read({"decisions": [filled]}, "How many?", given) == {
        "type": "respond",
        "message": "42",
    }
    inbox_edit = inbox("edit", {"action": "ask", "args": {"answer": "42"}})
    assert read(inbox_edit, "How many?", given) == {"type": "respond", "message": "42"}


def test_an_empty_field_is_no_answer() -> None:
    given = rules("respond", **QUESTION)
    filled = {"type": "edit", "edited_action": {"name": "ask", "args": {"answer": " "}}}
    refused(filled, "respond needs a message that is not blank", given=given)


def test_a_question_takes_any_json_without_a_check() -> None:
    given = rules("respond", **QUESTION)
    assert read({"type": "respond", "message": [1]}, "?", given)["message"] == [1]


@pytest.mark.parametrize("raw", [inbox("response", "a"), inbox("response", '["a"]')])
def test_a_choice_is_taken_from_a_text(raw: Any) -> None:
    given = rules("choose", choice=Choice("a", "b"), **QUESTION)
    assert read(raw, "Which?", given) == {"type": "choose", "choices": ["a"]}


@pytest.mark.parametrize(
    ("choices", "match"),
    [
        (["c"], "'c' is not offered; offered: a, b"),
        ([], "nothing was chosen"),
        (["a", "b"], "choose one of the options"),
        (["A"], "not offered"),
        ([" a"], "not offered"),
    ],
)
def test_only_what_is_offered_is_chosen(choices: list[str], match: str) -> None:
    given = rules("choose", choice=Choice("a", "b"), **QUESTION)
    refused({"type": "choose", "choices": choices}, match, given=given)


def test_without_options_nothing_is_chosen() -> None:
    refused({"type": "choose", "choices": ["a"]}, "nothing is offered", given=rules("choose"))


@given(JSON)
def test_arbitrary_json_raises_nothing_but_our_error(raw: Any) -> None:
    try:
        decision = read(raw)
    except InvalidDecision:
        return
    assert decision["type"] in ALL
