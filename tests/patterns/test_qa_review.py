"""What the people who check a sample see and say, and where that leads."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    ReviewState,
    Revise,
    add_review,
    approved,
    decided_items,
    feedback,
    qa_sample,
    resume,
)
from langgraph_hitl.errors import InvalidDecision, NotApproved
from langgraph_hitl.triggers import draw
from tests.apps import Crash, Fuse
from tests.drivers import Builder, Driver
from tests.patterns.qa import DRAWN, NOT_DRAWN, State, at_qa, sample_of, through
from tests.paused import Paused, graph
from tests.subject_presets import SALT

# Criteria


def criteria_of(state: State) -> list[str]:
    return [f"It says why {state['topic']} matters.", "It is kind."]


def test_the_criteria_may_be_those_of_the_item() -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, criteria=criteria_of)
    thread = through(gate, topic="sleep")
    assert thread.request.criteria == ["It says why sleep matters.", "It is kind."]
    description = thread.payload["action_requests"][0]["description"].splitlines()
    assert "- It says why sleep matters." in description


def test_the_criteria_of_an_item_stay_over_its_rounds() -> None:
    def rewrite(state: State) -> dict[str, Any]:
        return {"letter": "Hi"}

    gate = qa_sample(
        "letter", rate=0.5, item_id="case", salt=SALT, criteria=criteria_of, revise=rewrite
    )
    thread = through(gate, topic="sleep")
    before = thread.request.criteria
    thread.send(resume(thread.request, Revise("shorter")))
    assert (thread.request.round, thread.request.criteria) == (1, before)


def test_criteria_that_cannot_be_told_ask_and_say_so() -> None:
    """`topic` is missing, so the function raises."""
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, criteria=criteria_of)
    (problem,) = through(gate).request.criteria
    assert "KeyError: 'topic'" in problem
    assert through(gate, NOT_DRAWN).outcome() == "auto_approved"


# Outcomes


@pytest.mark.parametrize(
    ("decision", "outcome", "went"),
    [
        (Approve("fine"), "approved", "release"),
        (Revise("shorter"), "needs_revision", "again"),
        (Reject("no"), "rejected", "archive"),
    ],
)
def test_release_revise_reject(decision: Any, outcome: str, went: str) -> None:
    thread = at_qa(DRAWN)
    assert thread.request.allowed_decisions == ["approve", "reject", "revise"]
    state = thread.send(resume(thread.request, decision, by="maria"))
    assert (state["review"]["outcome"], state["went"]) == (outcome, went)
    assert (state["review"]["kind"], state["review"]["decided_by"]) == ("qa_sample", "maria")
    assert feedback(state) in ("fine", "shorter", "no")
    if went == "release":
        assert approved(state, "letter") == "Dear"
    else:
        with pytest.raises(NotApproved):
            approved(state, "letter")


def test_a_reviewer_edits_only_where_that_is_allowed() -> None:
    thread = at_qa(DRAWN)
    with pytest.raises(InvalidDecision, match="edit is not allowed"):
        resume(thread.request, Edit("Dear Sir"))
    allowed = ["approve", "edit"]
    gate = qa_sample("letter", item_id="case", salt=SALT, rate=1.0, allowed_decisions=allowed)
    thread = Paused(graph(gate, State, approved="release"), {"letter": "Dear", "case": DRAWN})
    assert thread.send(resume(thread.request, Edit("Dear Sir")))["letter"] == "Dear Sir"


def test_with_a_reviser_the_new_version_comes_back_in_the_same_review(driver: Driver) -> None:
    fuse = Fuse(1)

    def rewrite(state: State) -> dict[str, Any]:
        fuse()
        return {"letter": f"{state['letter']}, {feedback(state)}"}

    def build() -> Builder:
        gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, revise=rewrite)
        builder: Builder = StateGraph(State)
        add_review(builder, "qa", gate, approved=END, rejected=END)
        builder.add_edge(START, "qa")
        return builder

    thread = driver.thread(build)
    thread.send({"letter": "Dear", "case": DRAWN})
    first = thread.request
    with pytest.raises(Crash):
        thread.decide(Revise("Ann"))
    thread.send(None)
    second = thread.request
    assert (second.subject, second.round) == ("Dear, Ann", 1)
    assert (second.review_id, second.finding) == (first.review_id, first.finding)
    thread.decide(Approve())
    assert thread.values["letter"] == "Dear, Ann"
    assert sample_of(thread.record["finding"])["draw"] == draw(DRAWN, salt=SALT)


class Looping(ReviewState, total=False):
    letter: str
    case: str
    ran: Annotated[list[str], operator.add]


def looping() -> Builder:
    """QA -> feedback and revision -> QA, with a node of the graph's own that revises."""

    def revise(state: Looping) -> dict[str, Any]:
        return {"letter": f"{state['letter']}, {feedback(state)}", "ran": ["revise"]}

    def release(state: Looping) -> dict[str, Any]:
        return {"ran": [f"release:{approved(state, 'letter')}"]}

    builder: Builder = StateGraph(Looping)
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT)
    ways = {"approved": "release", "needs_revision": "revise", "rejected": END}
    add_review(builder, "qa", gate, **ways)
    builder.add_edge(START, "qa")
    builder.add_node("revise", revise)
    builder.add_edge("revise", "qa")
    builder.add_node("release", release)
    return builder


def test_without_one_an_edge_leads_back_and_the_item_is_drawn_again(driver: Driver) -> None:
    thread = driver.thread(looping)
    thread.send({"letter": "Dear", "case": DRAWN})
    first = thread.request
    thread.decide(Revise("Ann"))
    second = thread.request
    assert (second.subject, second.round) == ("Dear, Ann", 0)
    assert second.review_id != first.review_id
    assert second.finding == first.finding
    thread.decide(Revise("and Bob"), Approve())
    assert thread.ran == ["revise", "revise", "release:Dear, Ann, and Bob"]
    assert [record["outcome"] for record in thread.values["reviews"]] == [
        "needs_revision",
        "needs_revision",
        "approved",
    ]


# Side by side


class Batch(ReviewState, total=False):
    items: list[dict[str, Any]]
    item: dict[str, Any]
    released: Annotated[list[str], operator.add]


def batch() -> Builder:
    def each(state: Batch) -> list[Send]:
        return [Send("qa", {"item": item}) for item in state["items"]]

    def release(state: Batch) -> dict[str, Any]:
        return {"released": [item["value"]["id"] for item in decided_items(state, "item")]}

    builder: Builder = StateGraph(Batch)
    gate = qa_sample("item", rate=0.5, item_id="item.id", salt=SALT, write_back=False)
    ways = {"approved": "release", "needs_revision": "release", "rejected": "release"}
    add_review(builder, "qa", gate, **ways)
    builder.add_conditional_edges(START, each, ["qa"])
    builder.add_node("release", release)
    return builder


def test_of_twenty_items_side_by_side_exactly_the_drawn_ones_are_checked(sample: Driver) -> None:
    items = [{"id": f"item-{number}", "text": "Dear"} for number in range(20)]
    drawn = {item["id"] for item in items if draw(item["id"], salt=SALT) < 0.5}
    assert 0 < len(drawn) < 20
    thread = sample.thread(batch)
    thread.send({"items": items})
    requests = thread.pending()
    assert {request.subject["id"] for request in requests} == drawn
    refused = min(drawn)
    thread.answer(*[(r, Reject() if r.subject["id"] == refused else Approve()) for r in requests])
    assert sorted(thread.values["released"]) == sorted({i["id"] for i in items} - {refused})
    records = thread.values["reviews"]
    assert len({record["review_id"] for record in records}) == len(records) == 20
    for record in records:
        item = record["value"]["id"]
        assert sample_of(record["finding"])["item_id"] == item
        passed = record["outcome"] == "auto_approved"
        assert passed is (item not in drawn)
        assert (record["decided_by"] == "system:trigger") is passed
