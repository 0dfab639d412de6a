"""The two channels of reviews, and how nodes read them in every kind of state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel, ConfigDict, Field

from langgraph_hitl import approved, decided_items, feedback, idempotency_key
from langgraph_hitl.errors import Drifted, NotApproved
from langgraph_hitl.review.outcome import APPROVING, OUTCOMES
from langgraph_hitl.review.record import stored_value
from langgraph_hitl.review.snapshot import take
from langgraph_hitl.review.state import AllReviews, LatestReview, keep_latest, merge_reviews


def record(value: Any, *, key: str | None = "draft", review_id: str = "rv-1", **more: Any) -> Any:
    snapshot = take(value)
    return {
        "review_id": review_id,
        "gate": "gate",
        "subject_key": key,
        "outcome": "approved",
        "digest": snapshot.digest,
        "form": snapshot.form,
        "feedback": None,
        "idempotency_key": f"{review_id}-k",
        "value": stored_value(snapshot),
    } | more


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    draft: Any = None
    messages: list[Any] = Field(default_factory=list)
    review: Any = None
    reviews: list[Any] = Field(default_factory=list)


@dataclass
class Data:
    draft: Any = None
    messages: list[Any] = field(default_factory=list)
    review: LatestReview = None
    reviews: AllReviews = field(default_factory=list)


Make = Callable[..., Any]
every_state = pytest.mark.parametrize("make", [dict, Model, Data])


@every_state
def test_approved_gives_the_approved_value(make: Make) -> None:
    value = {"amount": 5}
    assert approved(make(draft=value, reviews=[record(value)]), "draft") == value


@every_state
def test_another_value_than_the_approved_one_has_drifted(make: Make) -> None:
    state = make(draft={"amount": 50}, reviews=[record({"amount": 5})])
    with pytest.raises(Drifted, match="'draft' changed after its approval") as raised:
        approved(state, "draft")
    assert raised.value.key == "draft"
    assert raised.value.approved_digest == take({"amount": 5}).digest
    assert raised.value.actual_digest == take({"amount": 50}).digest


@every_state
@pytest.mark.parametrize("gone", [None, object()])
def test_an_absent_value_has_drifted(make: Make, gone: Any) -> None:
    with pytest.raises(Drifted, match="now absent") as raised:
        approved(make(draft=gone, reviews=[record("x")]), "draft")
    assert raised.value.actual_digest is None


@every_state
@pytest.mark.parametrize("look_alike", [True, 1.0, "1"])
def test_a_look_alike_has_drifted(make: Make, look_alike: Any) -> None:
    with pytest.raises(Drifted):
        approved(make(draft=look_alike, reviews=[record(1)]), "draft")


@every_state
def test_without_a_review_nothing_is_approved(make: Make) -> None:
    with pytest.raises(NotApproved, match="'draft' has not been reviewed"):
        approved(make(draft="x"), "draft")
    with pytest.raises(NotApproved, match="'draft' has not been reviewed"):
        approved(make(draft="x", reviews=[record("x", key="other")]), "draft")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_approving_outcomes_approve(outcome: str) -> None:
    state = {"draft": "x", "reviews": [record("x", outcome=outcome)]}
    if outcome in APPROVING:
        assert approved(state, "draft") == "x"
    else:
        with pytest.raises(
            NotApproved, match=f"newest review of 'draft' by 'gate' ended as {outcome}"
        ):
            approved(state, "draft")


def test_the_newest_review_of_the_key_counts() -> None:
    old, new = record("x"), record("x", review_id="rv-2", outcome="rejected")
    with pytest.raises(NotApproved):
        approved({"draft": "x", "reviews": [old, new]}, "draft")
    assert approved({"draft": "x", "reviews": [new, old]}, "draft") == "x"


@pytest.mark.parametrize("outcome", sorted(set(OUTCOMES) - APPROVING))
def test_one_gate_approves_what_another_did_not_where_it_is_named(outcome: str) -> None:
    first = {**record("x", outcome=outcome), "gate": "editor"}
    second = {**record("x", review_id="rv-2"), "gate": "lead"}
    state = {"draft": "x", "reviews": [first, second]}
    ended = f"by 'editor' ended as {outcome}; gate='lead' asks for that one alone"
    with pytest.raises(NotApproved, match=ended):
        approved(state, "draft")
    assert approved(state, "draft", gate="lead") == "x"


def test_nobodys_approval_is_read_as_anothers() -> None:
    """Two gates in parallel: `review` is the other's, `reviews` has both."""
    refused = record("y", key="other", review_id="rv-2", outcome="rejected")
    state = {"draft": "x", "review": refused, "reviews": [record("x"), refused]}
    assert approved(state, "draft") == "x"
    with pytest.raises(NotApproved):
        approved({**state, "other": "y"}, "other")


@every_state
def test_an_approved_message_is_found_by_its_id(make: Make) -> None:
    message = AIMessage("Hello", id="m2")
    messages = [HumanMessage("?", id="m1"), message, HumanMessage("thanks", id="m3")]
    state = make(messages=messages, reviews=[record(message, key="messages")])
    assert approved(state, "messages") == message


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [HumanMessage("Hello", id="m1")],
        [AIMessage("Other", id="m2")],
        ["no message at all"],
        [{"id": "m2", "content": "Hello"}],
    ],
    ids=["none", "other id", "other content", "text", "dict"],
)
def test_a_message_that_is_gone_or_changed_has_drifted(messages: list[Any]) -> None:
    state = {"messages": messages, "reviews": [record(AIMessage("Hello", id="m2"), key="messages")]}
    with pytest.raises(Drifted):
        approved(state, "messages")


def test_approved_gives_a_copy_that_cannot_change_the_record() -> None:
    state = {"draft": {"a": [1]}, "reviews": [record({"a": [1]})]}
    approved(state, "draft")["a"].append(2)
    assert approved(state, "draft") == {"a": [1]}


@every_state
def test_the_idempotency_key_is_that_of_the_approval_whatever_was_reviewed_since(
    make: Make,
) -> None:
    since = record("y", key="other", review_id="rv-2")
    state = make(draft="x", review=since, reviews=[record("x"), since])
    assert idempotency_key(state, "draft") == "rv-1-k"


def test_the_idempotency_key_is_that_of_the_gate_that_is_named() -> None:
    refused = {**record("x", outcome="rejected"), "gate": "editor"}
    lead = {**record("x", review_id="rv-2"), "gate": "lead"}
    board = {**record("x", review_id="rv-3"), "gate": "board"}
    state = {"draft": "x", "reviews": [refused, lead, board]}
    assert idempotency_key(state, "draft", gate="lead") == "rv-2-k"
    with pytest.raises(NotApproved, match="'editor' ended as rejected"):
        idempotency_key(state, "draft")


@pytest.mark.parametrize(
    "state",
    [
        {"draft": "x", "reviews": []},
        {"draft": "x", "reviews": [record("x", outcome="rejected")]},
        {"draft": "y", "reviews": [record("x")]},
        {"draft": "x", "reviews": [record("x", outcome="timed_out"), record("x", outcome="auto")]},
    ],
)
def test_what_is_not_approved_has_no_idempotency_key(state: dict[str, Any]) -> None:
    with pytest.raises((NotApproved, Drifted)) as refused:
        approved(state, "draft")
    with pytest.raises(type(refused.value)) as likewise:
        idempotency_key(state, "draft")
    assert str(likewise.value) == str(refused.value)


@every_state
def test_decided_items_are_the_approved_values_each_with_its_review(make: Make) -> None:
    state = make(
        reviews=[
            record("a", review_id="rv-1"),
            record("b", review_id="rv-2", outcome="rejected"),
            record("c", review_id="rv-3", outcome="edited", feedback="better"),
            record("d", review_id="rv-4", key="other"),
            record("e", review_id="rv-5", key=None, outcome="answered"),
        ]
    )
    assert [(i["value"], i["review_id"]) for i in decided_items(state)] == [
        ("a", "rv-1"),
        ("c", "rv-3"),
        ("d", "rv-4"),
    ]
    assert [item["value"] for item in decided_items(state, "draft")] == ["a", "c"]
    assert decided_items(state, "draft")[1] == {
        "value": "c",
        "review_id": "rv-3",
        "gate": "gate",
        "subject_key": "draft",
        "outcome": "edited",
        "digest": take("c").digest,
        "feedback": "better",
        "idempotency_key": "rv-3-k",
    }


def test_decided_messages_are_messages() -> None:
    (item,) = decided_items({"reviews": [record(AIMessage("Hello", id="m1"))]})
    assert item["value"] == AIMessage("Hello", id="m1")


@every_state
def test_feedback_is_what_the_latest_review_says(make: Make) -> None:
    assert feedback(make(review={"feedback": "shorter"})) == "shorter"
    assert feedback(make(review={"feedback": None})) is None
    assert feedback(make()) is None


RECORDS = st.lists(
    st.fixed_dictionaries({"review_id": st.sampled_from("abc"), "round": st.integers(0, 3)}),
    max_size=5,
)


@given(RECORDS, RECORDS)
def test_merging_again_changes_nothing(old: list[Any], new: list[Any]) -> None:
    once = merge_reviews(old, new)
    assert merge_reviews(once, new) == once
    assert len({r["review_id"] for r in once}) == len(once)


@given(RECORDS, RECORDS, RECORDS)
def test_merging_is_associative(one: list[Any], two: list[Any], three: list[Any]) -> None:
    assert merge_reviews(merge_reviews(one, two), three) == merge_reviews(
        one, merge_reviews(two, three)
    )


@given(RECORDS, RECORDS)
def test_the_last_record_of_a_review_counts(old: list[Any], new: list[Any]) -> None:
    merged = {r["review_id"]: r for r in merge_reviews(old, new)}
    assert merged == {r["review_id"]: r for r in [*old, *new]}


def test_a_channel_without_reviews_is_empty() -> None:
    assert merge_reviews(None, []) == []
    first: Any = {"review_id": "a"}
    assert merge_reviews(None, [first]) == [first]


@given(st.integers(), st.integers(), st.integers())
def test_the_latest_review_is_the_last_written(one: int, two: int, three: int) -> None:
    assert keep_latest(one, two) == two
    assert keep_latest(keep_latest(one, two), three) == keep_latest(one, keep_latest(two, three))
