"""Cases are alike that agree in the keys which somebody has named."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, Inbox, ReviewState, add_review, human_approval
from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents import by_keys
from tests.paused import new_thread
from tests.precedents.cases import case, ids

values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3))
contexts = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), values)
HOW = by_keys("a", "b", "c", scales={"a": 10})


class Order(ReviewState, total=False):
    draft: str
    order: dict[str, Any]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ({"a": 1}, {"a": 1}, 0.0),
        ({"a": 0}, {"a": 5}, 0.5),
        ({"a": 0}, {"a": 500}, 1.0),
        ({"b": 50}, {"b": 100}, 0.5),
        ({"b": 0}, {"b": 0}, 0.0),
        ({"b": -1}, {"b": 1}, 1.0),
        ({"b": "x"}, {"b": "x"}, 0.0),
        ({"b": "x"}, {"b": "y"}, 1.0),
        ({"b": 1}, {"b": "1"}, 1.0),
        ({"b": True}, {"b": 1}, 1.0),
        ({"b": math.nan}, {"b": 1}, 1.0),
        ({"b": 10**400}, {"b": 1}, 1.0),
        ({"b": 1e308}, {"b": -1e308}, 1.0),
        ({"a": 0, "b": "x"}, {"a": 5, "b": "x"}, 0.25),
        ({"a": 1, "b": "x"}, {"a": 1}, 0.5),
        ({"a": 1, "d": 1}, {"a": 1, "d": 2}, 0.0),
    ],
)
def test_the_distance_is_the_mean_difference(one: Any, other: Any, distance: float) -> None:
    assert HOW.distance(one, other) == distance


@pytest.mark.parametrize(("one", "other"), [({}, {}), ({"a": 1}, {"b": 1}), ({"d": 1}, {"d": 1})])
def test_what_shares_no_key_is_not_comparable(one: Any, other: Any) -> None:
    assert HOW.distance(one, other) is None
    every = case("every", a=None, b=None, c=None, d=None)
    assert ids(HOW.nearest(one, [case(**other), every], 5)) == (["every"] if "a" in one else [])


@given(contexts, contexts)
def test_it_lies_between_0_and_1_and_is_the_same_from_both_sides(one: Any, other: Any) -> None:
    distance = HOW.distance(one, other)
    assert distance == HOW.distance(other, one)
    assert distance is None or 0 <= distance <= 1


def test_a_path_leads_into_an_object() -> None:
    how = by_keys("order.country", "order.amount", scales={"order.amount": 100})
    past = [
        case("near", order={"country": "DE", "amount": 50}),
        case("far", order={"country": "FR", "amount": 0}),
        case("none", order="DE"),
    ]
    found = how.nearest({"order": {"country": "DE", "amount": 0}}, past, 5)
    assert [(one.precedent.review_id, one.distance) for one in found] == [
        ("near", 0.25),
        ("far", 0.5),
    ]
    assert by_keys("a.b").distance({"a.b": 1}, {"a": {"b": 1}}) == 0
    with pytest.raises(GateError, match=r"the key 'order\.contry'"):
        by_keys("order.contry").nearest({"order": {"country": "DE"}}, past, 5)


def test_the_nearest_comes_first_then_the_latest_then_by_id() -> None:
    past = [
        case("far", b="y"),
        case("old", b="x"),
        case("twin", b="x", days=1),
        case("new", b="x", days=1),
    ]
    assert ids(by_keys("b").nearest({"b": "x"}, past, 3)) == ["new", "twin", "old"]


def test_a_key_that_no_case_has_is_told_with_those_there_are() -> None:
    how = by_keys("amount", "contry")
    past = [case("r1", amount=1, country="DE")]
    with pytest.raises(GateError, match=r"the key 'contry'.*; there are: amount, country"):
        how.nearest({"amount": 2}, past, 5)
    assert ids(how.nearest({"amount": 2, "contry": "DE"}, past, 5)) == ["r1"]
    assert how.nearest({"amount": 2}, [], 5) == []


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: by_keys(), "names of different keys"),
        (lambda: by_keys("a", "a"), "names of different keys"),
        (lambda: by_keys("a", scales={"b": 1}), "none of the keys"),
        (lambda: by_keys("a", scales={"a": 0}), "above 0"),
        (lambda: by_keys("a", scales={"a": math.nan}), "above 0"),
        (lambda: by_keys("a", scales={"a": True}), "above 0"),
    ],
)
def test_what_cannot_be_compared_by_is_told(made: Any, told: str) -> None:
    with pytest.raises(GateError, match=told):
        made()


def test_a_path_through_the_subject_is_an_error_when_the_gate_is_built() -> None:
    with Inbox.open("sqlite:///:memory:") as inbox:
        how: dict[str, Any] = {"inbox": inbox, "similar": by_keys("order.country")}
        with pytest.raises(GateError, match=r"'order.country', and 'order' is .* name 'country'"):
            human_approval("order", **how)
        assert human_approval("order", context=["order"], **how)
        assert human_approval("draft", context=["order"], **how)


def test_a_guide_reads_the_paths_of_its_keys() -> None:
    with Inbox.open("sqlite:///:memory:") as inbox:
        gate = human_approval("draft", action="send", inbox=inbox, context=["order"])
        builder: Any = StateGraph(Order)
        add_review(builder, "ask", gate, approved=END, rejected=END)
        builder.add_edge(START, "ask")
        app = inbox.register(builder.compile(checkpointer=InMemorySaver()), name="orders")
        app.invoke({"draft": "Hello", "order": {"country": "DE"}}, new_thread())
        inbox.decide(inbox.pending()[0], Approve("in German"), by="maria")
        guidance = inbox.guide(action="send", how=by_keys("order.country"))
        assert guidance({"order": {"country": "DE"}}) == ["in German"]
