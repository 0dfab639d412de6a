"""A decision is the same in Python and on the wire; whatever is no decision is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from langgraph_hitl import Approve, Choose, Defer, Edit, Reject, Respond, Revise
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review import Decision
from langgraph_hitl.review.decision import (
    DECISION_TYPES,
    Abstain,
    parse,
    parse_postponement,
    to_json,
)
from langgraph_hitl.review.digest import plain_json
from tests.strategies import DECISIONS

HERE = datetime(2027, 1, 31, 9, tzinfo=UTC)


@given(DECISIONS)
def test_the_wire_and_back_gives_the_same_decision(decision: Decision) -> None:
    assert parse(to_json(decision)) == decision


@given(DECISIONS)
def test_the_wire_form_is_plain_json_with_a_known_type(decision: Decision) -> None:
    wire = to_json(decision)
    assert plain_json(wire) == wire
    assert wire["type"] in DECISION_TYPES


@pytest.mark.parametrize(
    ("decision", "wire"),
    [
        (Approve(), {"type": "approve"}),
        (Approve("fine", "correct"), {"type": "approve", "comment": "fine", "rating": "correct"}),
        (Edit(None), {"type": "edit", "value": None}),
        (Edit("b", "typo"), {"type": "edit", "value": "b", "comment": "typo"}),
        (Reject(), {"type": "reject"}),
        (Reject("no"), {"type": "reject", "message": "no"}),
        (Revise("shorter"), {"type": "revise", "feedback": "shorter"}),
        (
            Revise("", "incorrect", {"title": "dull"}),
            {"type": "revise", "feedback": "", "rating": "incorrect", "parts": {"title": "dull"}},
        ),
        (Respond({"a": 1}), {"type": "respond", "message": {"a": 1}}),
        (Choose("a", "b"), {"type": "choose", "choices": ["a", "b"]}),
        (Abstain(), {"type": "abstain"}),
        (Abstain("my own text"), {"type": "abstain", "reason": "my own text"}),
    ],
)
def test_only_fields_that_are_set_travel(decision: Decision, wire: dict[str, Any]) -> None:
    assert to_json(decision) == wire
    assert parse(wire) == decision


@pytest.mark.parametrize("kind", [None, 1, True, [], {}, "", "Approve", " approve", "approved"])
def test_an_unknown_type_is_refused_with_the_known_ones(kind: Any) -> None:
    with pytest.raises(InvalidDecision, match=r"unknown decision type .*known: approve, edit"):
        parse({"type": kind})


def test_a_missing_type_is_refused() -> None:
    with pytest.raises(InvalidDecision, match="unknown decision type None"):
        parse({"comment": "fine"})


@pytest.mark.parametrize(
    "wire",
    [
        {"type": "approve"},
        {"type": "edit", "value": 1},
        {"type": "reject"},
        {"type": "revise", "feedback": "shorter"},
        {"type": "respond", "message": "yes"},
        {"type": "choose", "choices": ["a"]},
        {"type": "abstain"},
    ],
)
def test_an_unknown_field_is_refused_by_name(wire: dict[str, Any]) -> None:
    with pytest.raises(InvalidDecision, match=f"{wire['type']}: unknown field 'mesage'"):
        parse({**wire, "mesage": "typo"})


@pytest.mark.parametrize(
    ("kind", "field"), [("edit", "value"), ("respond", "message"), ("choose", "choices")]
)
def test_a_missing_field_is_named(kind: str, field: str) -> None:
    with pytest.raises(InvalidDecision, match=f"{kind}: the field '{field}' is missing"):
        parse({"type": kind})


@pytest.mark.parametrize("wrong", [1, True, 1.5, [], {}, ["text"]])
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("approve", "comment"),
        ("edit", "comment"),
        ("reject", "message"),
        ("revise", "feedback"),
        ("abstain", "reason"),
    ],
)
def test_a_text_is_nothing_else(kind: str, field: str, wrong: Any) -> None:
    with pytest.raises(
        InvalidDecision, match=f"{field} must be a text, not {type(wrong).__name__}"
    ):
        parse({"type": kind, "value": 1, field: wrong})


@pytest.mark.parametrize("wrong", ["good", "Correct", 1, True, [], {}, ["correct"]])
@pytest.mark.parametrize("kind", ["approve", "reject", "revise"])
def test_a_rating_is_one_of_four(kind: str, wrong: Any) -> None:
    with pytest.raises(InvalidDecision, match="rating must be one of correct, "):
        parse({"type": kind, "rating": wrong})


@pytest.mark.parametrize("rating", ["partially_correct", "incorrect", "needs_improvement"])
def test_an_approval_contradicts_a_bad_rating(rating: str) -> None:
    with pytest.raises(InvalidDecision, match="approve contradicts the rating"):
        parse({"type": "approve", "rating": rating})


def test_a_request_for_changes_contradicts_a_good_rating() -> None:
    with pytest.raises(InvalidDecision, match="revise contradicts the rating 'correct'"):
        parse({"type": "revise", "feedback": "x", "rating": "correct"})


@pytest.mark.parametrize("blank", [{}, {"feedback": ""}, {"feedback": " \n\t\u200b"}])
def test_a_request_for_changes_says_something(blank: dict[str, str]) -> None:
    with pytest.raises(InvalidDecision, match="revise needs feedback that is not blank, or a rati"):
        parse({"type": "revise", **blank})
    rated = parse({"type": "revise", "rating": "incorrect", **blank})
    assert isinstance(rated, Revise)
    assert rated.rating == "incorrect"


@pytest.mark.parametrize("parts", ["title", ["title"], {"title": 1}, {"title": None}])
def test_parts_map_names_to_texts(parts: Any) -> None:
    with pytest.raises(InvalidDecision, match="parts must map names to texts"):
        parse({"type": "revise", "feedback": "x", "parts": parts})


@pytest.mark.parametrize("blank", [None, "", "  \n", "\u200b"])
def test_a_response_is_not_blank(blank: Any) -> None:
    with pytest.raises(InvalidDecision, match="respond needs a message that is not blank"):
        parse({"type": "respond", "message": blank})


@pytest.mark.parametrize("falsy", [0, False, [], {}])
def test_a_response_may_be_any_other_json(falsy: Any) -> None:
    assert parse({"type": "respond", "message": falsy}) == Respond(falsy)


@pytest.mark.parametrize("wrong", [None, 1, {"a": "b"}, [1], ["a", None]])
def test_choices_are_texts(wrong: Any) -> None:
    with pytest.raises(InvalidDecision, match="choices must be a list of texts"):
        parse({"type": "choose", "choices": wrong})


@pytest.mark.parametrize("stranger", [None, "approve", {"type": "approve"}, Approve])
def test_what_is_no_decision_has_no_wire_form(stranger: Any) -> None:
    with pytest.raises(InvalidDecision, match="is not a decision; use one of Abstain, Approve"):
        to_json(stranger)


def test_a_mapping_is_not_taken_on_principle() -> None:
    with pytest.raises(InvalidDecision, match="a mapping is the form on the wire, and is not"):
        to_json({"type": "approve"})  # type: ignore[arg-type]


def test_parse_leaves_its_argument_alone() -> None:
    wire = {"type": "edit", "value": [1]}
    parse(wire)
    assert wire == {"type": "edit", "value": [1]}


@pytest.mark.parametrize(
    ("delay", "until"),
    [("1d 2h", "1d 2h"), (timedelta(minutes=90.001), "1h 30m"), (HERE, HERE.isoformat())],
)
def test_something_is_put_off_for_a_time_or_until_a_moment(delay: Any, until: str) -> None:
    deferred = Defer(delay)
    assert to_json(deferred) == {"type": "defer", "until": until}
    assert to_json(parse_postponement(to_json(deferred))) == to_json(deferred)


@pytest.mark.parametrize(
    "delay", ["1", "soon", "0h", timedelta(-1), 5, HERE.replace(tzinfo=None), "2027-01-31T09:00"]
)
def test_or_it_is_refused_at_once(delay: Any) -> None:
    with pytest.raises(InvalidDecision, match=r"until must be a moment such as .* such as 2h, not"):
        Defer(delay)
