"""A list that is decided item by item, in the inbox: by several people, in several sittings."""

from __future__ import annotations

import operator
from datetime import timedelta
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.runnables import RunnableLambda
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Items,
    Reject,
    Reviewer,
    ReviewState,
    Skip,
    approved_items,
    pending,
    plan_approval,
    remaining,
    resume,
    send_items,
)
from langgraph_hitl.errors import InvalidDecision, NotAuthorised, StaleReview
from langgraph_hitl.panels import chain, quorum
from langgraph_hitl.review import Finding
from langgraph_hitl.testing import FixedClock
from tests.drivers import Build, Builder
from tests.inbox.desk import EVE, JO, MARIA, Desk, Question

ITEMS = [{"id": "a", "amount": 10}, {"id": "b", "amount": 20}, {"id": "c", "amount": 30}]


class Batch(ReviewState, total=False):
    """A batch of payments."""

    items: list[dict[str, Any]]
    ran: Annotated[list[str], operator.add]


def pay(item: Any) -> dict[str, Any]:
    return {"ran": [f"{item['id']}={item['value']['amount']}"]}


def build(desk: Desk, **options: Any) -> Build:
    def built() -> Builder:
        builder: Builder = StateGraph(Batch)
        gate = plan_approval("items", action="pay", inbox=desk.inbox, **options)
        builder.add_node("approve", gate)
        builder.add_node("pay", RunnableLambda(pay))
        builder.add_edge(START, "approve")
        builder.add_conditional_edges("approve", send_items("pay", key="items"))
        builder.add_edge("pay", END)
        return builder

    return built


def ask(desk: Desk, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)), {"items": ITEMS})


def test_sittings_of_several_people_in_processes_of_their_own(desk: Desk) -> None:
    question = ask(desk)
    review_id = question.review.id
    desk.inbox.decide(review_id, Items({"b": Reject("twice")}), by=MARIA)
    desk.open()
    app = desk.app(build(desk))
    desk.inbox.decide(review_id, Items({"a": Approve()}), by=JO)
    assert desk.inbox.get(review_id).request["items"]["decided"][0]["by"] == "jo"
    desk.inbox.decide(review_id, Items({"c": Edit({"id": "c", "amount": 3})}), by=EVE)
    values = app.get_state(question.config).values
    assert values["ran"] == ["a=10", "c=3"]
    assert values["review"]["outcome"] == "partial"
    assert [(one["id"], one["type"], one["by"]) for one in values["review"]["items"]] == [
        ("a", "approve", "jo"),
        ("b", "reject", "maria"),
        ("c", "edit", "eve"),
    ]
    assert desk.inbox.get(review_id).outcome == "partial"
    assert desk.inbox.doctor().healthy
    assert desk.inbox.verify()


def test_without_the_graph_items_are_checked_by_what_was_filed(desk: Desk) -> None:
    schema = {"properties": {"amount": {"type": "integer", "maximum": 50}}}
    question = ask(desk, item_schema=schema)
    review_id = question.review.id
    desk.inbox.decide(review_id, Items({"a": Approve()}), by=MARIA)
    desk.open()
    for verdicts, problem in (
        ({"a": Reject()}, "decided already: approve by maria"),
        ({"z": Reject()}, "there is no item 'z'; open: b, c"),
        ({"b": Edit({"id": "b", "amount": 99})}, "maximum"),
        ({"b": Edit({"id": "c", "amount": 9})}, "the whole item"),
    ):
        with pytest.raises(InvalidDecision, match=problem):
            desk.inbox.decide(review_id, Items(verdicts), by=JO, resume="worker")
    desk.inbox.decide(review_id, Items({"b": Skip()}), by=JO, resume="worker")
    app = desk.app(build(desk, item_schema=schema))
    desk.inbox.work()
    request = pending(app, question.config)[0]
    assert remaining(request) == ["c"]


def test_without_the_graph_an_item_takes_what_was_filed(desk: Desk) -> None:
    review_id = ask(desk, item_decisions=["approve", "skip"]).review.id
    desk.open()
    with pytest.raises(InvalidDecision, match="the item 'a' takes approve, skip, and not edit"):
        desk.inbox.decide(
            review_id, Items({"a": Edit({"id": "a", "amount": 1})}), by=MARIA, resume="worker"
        )
    desk.inbox.decide(review_id, Items({"a": Skip()}), by=MARIA, resume="worker")


def test_what_a_review_of_the_inbox_still_asks_about(desk: Desk) -> None:
    question = ask(desk)
    review_id = question.review.id
    assert remaining(question.review) == ["a", "b", "c"]
    left = desk.inbox.decide(review_id, Items({"b": Skip()}), by=MARIA)
    assert remaining(left) == ["a", "c"]
    over = desk.inbox.decide(review_id, Approve(), by=MARIA)
    assert remaining(over) == []


def test_whoever_looks_at_an_earlier_sitting_is_told(desk: Desk) -> None:
    question = ask(desk)
    before = question.review
    desk.inbox.decide(before.id, Items({"a": Approve()}), by=MARIA)
    with pytest.raises(StaleReview):
        desk.inbox.decide(before.id, Items({"b": Approve()}), by=JO, seen=before)


def test_each_item_has_its_own_tally_and_no_vote_is_lost(desk: Desk) -> None:
    question = ask(desk, reviewers=quorum(2, of="editors"))
    review_id = question.review.id
    third = Reviewer("kim", roles=("editors",))
    desk.inbox.decide(review_id, Items({"a": Approve()}), by=MARIA)
    desk.inbox.decide(review_id, Items({"b": Reject("no")}), by=MARIA)
    desk.open()
    app = desk.app(build(desk, reviewers=quorum(2, of="editors")))
    desk.inbox.decide(review_id, Items({"a": Approve(), "b": Approve()}), by=JO)
    assert desk.inbox.get(review_id).status == "pending"
    desk.inbox.decide(review_id, Items({"b": Reject()}), by=third)
    review = desk.inbox.get(review_id)
    assert [item["id"] for item in review.request["subject"]] == ["c"]
    decided = {one["id"]: (one["type"], one["by"]) for one in review.request["items"]["decided"]}
    assert decided == {"a": ("approve", "jo"), "b": ("reject", "kim")}
    desk.inbox.decide(review_id, Items({"c": Skip()}), by=JO)
    desk.inbox.decide(review_id, Items({"c": Skip()}), by=third)
    state = app.get_state(question.config).values
    voters = {one["id"]: [vote["by"] for vote in one["votes"]] for one in state["review"]["items"]}
    assert voters == {"a": ["maria", "jo"], "b": ["maria", "jo", "kim"], "c": ["jo", "kim"]}
    assert [(one["id"], one["by"]) for one in approved_items(state, "items")] == [("a", "jo")]


def test_an_item_that_was_overridden_names_who_did_it(desk: Desk) -> None:
    desk.inbox = desk._stack.enter_context(Inbox.open(desk._url, overrides="chief"))
    question = ask(desk, reviewers=quorum(2, of="editors"))
    desk.inbox.decide(question.review, Items({"a": Approve()}), by=MARIA)
    boss = Reviewer("boss", roles=("chief",))
    verdicts = Items({"a": Approve(), "b": Reject(), "c": Reject()})
    desk.inbox.override(question.review.id, verdicts, by=boss, reason="urgent")
    assert {one["by"] for one in question.record["items"]} == {"boss"}


def test_a_vote_that_stands_can_be_added_to_and_not_changed(desk: Desk) -> None:
    panel = quorum(2, of="editors", may_change=False)
    review_id = ask(desk, reviewers=panel).review.id
    desk.inbox.decide(review_id, Items({"a": Approve()}), by=MARIA)
    desk.inbox.decide(review_id, Items({"b": Approve()}), by=MARIA)
    with pytest.raises(NotAuthorised, match="cannot be changed"):
        desk.inbox.decide(review_id, Items({"a": Reject()}), by=MARIA)


def test_an_edit_that_takes_more_authority_waits_for_those_who_have_it(desk: Desk) -> None:
    def scored(state: Batch) -> Finding:
        total = sum(item["amount"] for item in state["items"])
        return Finding(needed=True, sentence="It adds up.", score=min(total / 1000, 1.0))

    ladder = chain("member", "lead", "director", "executive", bands=(0.3, 0.6, 0.9))
    question = ask(desk, reviewers=ladder, when=scored)
    review_id = question.review.id
    member, executive = Reviewer("mo", level="member"), Reviewer("exa", level="executive")
    large = Edit({"id": "a", "amount": 900})
    desk.inbox.decide(review_id, Items({"a": large, "b": Approve()}), by=member)
    assert question.ran == []
    review = desk.inbox.get(review_id)
    assert review.request["subject"] == [{"id": "a", "amount": 900}, ITEMS[2]]
    with pytest.raises(NotAuthorised, match="executive"):
        desk.inbox.decide(review_id, Items({"a": Approve()}), by=member)
    desk.inbox.decide(review_id, Approve(), by=executive)
    assert question.ran == ["a=900", "b=20", "c=30"]


def test_a_deadline_approves_nothing_and_keeps_what_was_approved(
    timed: Desk, clock: FixedClock
) -> None:
    question = ask(timed, timeout="1h")
    review_id = question.review.id
    timed.inbox.decide(review_id, Items({"a": Approve()}), by=MARIA)
    clock.advance(timedelta(hours=2))
    timed.inbox.work()
    record = question.record
    assert record["outcome"] == "timed_out"
    assert {one["id"]: one["type"] for one in record["items"]} == {
        "a": "approve",
        "b": "open",
        "c": "open",
    }
    assert [one["id"] for one in approved_items(question.values, "items")] == ["a"]


def test_what_was_cancelled_lets_nothing_go_on(desk: Desk) -> None:
    question = ask(desk)
    review_id = question.review.id
    desk.inbox.decide(review_id, Items({"a": Approve()}), by=MARIA)
    desk.inbox.cancel(review_id, by=MARIA, reason="wrong batch")
    assert approved_items(question.values, "items") == []
    assert question.ran == []


def test_a_direct_answer_counts_where_anybody_may_decide(desk: Desk) -> None:
    question = ask(desk)
    request = pending(question.app, question.config)[0]
    question.app.invoke(resume(request, Items({"a": Approve(), "b": Reject()})), question.config)
    assert remaining(pending(question.app, question.config)[0]) == ["c"]
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["a=10", "c=30"]


def test_a_direct_answer_counts_for_nothing_where_reviewers_are_named(desk: Desk) -> None:
    question = ask(desk, reviewers="editors")
    request = pending(question.app, question.config)[0]
    question.app.invoke(
        Command(resume={request.interrupt_id: {"type": "approve"}}), question.config
    )
    assert remaining(pending(question.app, question.config)[0]) == ["a", "b", "c"]
    assert question.ran == []


def test_an_override_before_the_action_replaces_the_last_sitting(desk: Desk) -> None:
    question = ask(desk)
    review_id = question.review.id
    desk.inbox.decide(review_id, Items({"a": Approve(), "b": Approve()}), by=MARIA)
    desk.inbox.decide(review_id, Items({"c": Approve()}), by=JO, resume="worker")
    with Inbox.open(desk._url, overrides="editors") as other:
        other.register(desk.bare(build(desk)), "graph")
        other.override(review_id, Reject("fraud"), by=MARIA, reason="fraud", resume="worker")
    desk.inbox.work()
    assert question.ran == ["a=10", "b=20"]


VERDICTS = st.sampled_from(["approve", "edit", "skip", "reject"])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_sittings_by_anybody_through_fresh_objects_run_what_was_approved(
    desk: Desk, data: st.DataObject
) -> None:
    question = ask(desk)
    review_id = question.review.id
    left, expected = ["a", "b", "c"], []
    while left:
        if data.draw(st.booleans()):
            desk.open()
            desk.app(build(desk))
        chosen = data.draw(st.lists(st.sampled_from(left), unique=True, min_size=1))
        verdicts: dict[str, Any] = {}
        for item in chosen:
            match data.draw(VERDICTS):
                case "approve":
                    verdicts[item] = Approve()
                    amount = next(one["amount"] for one in ITEMS if one["id"] == item)
                    expected.append(f"{item}={amount}")
                case "edit":
                    verdicts[item] = Edit({"id": item, "amount": 7})
                    expected.append(f"{item}=7")
                case "skip":
                    verdicts[item] = Skip()
                case "reject":
                    verdicts[item] = Reject()
        how: Any = data.draw(st.sampled_from(["now", "worker"]))
        by = data.draw(st.sampled_from([MARIA, JO, EVE]))
        desk.inbox.decide(review_id, Items(verdicts), by=by, resume=how)
        if how == "worker":
            desk.inbox.work()
        left = [item for item in left if item not in chosen]
    app = desk.app(build(desk))
    assert sorted(app.get_state(question.config).values.get("ran", [])) == sorted(expected)
