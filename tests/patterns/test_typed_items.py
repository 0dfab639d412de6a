"""Items of a state that is a pydantic model: an edited one is read as the field reads it."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Items,
    Reject,
    plan_approval,
    resume,
)
from langgraph_hitl.errors import GateError, InvalidDecision
from langgraph_hitl.review import AllReviews, LatestReview
from langgraph_hitl.review.decision import Decision, to_json
from tests.paused import Paused, graph, new_thread

WAYS: dict[str, Any] = {"approved": "pay", "partial": "pay", "rejected": "archive"}


class Invoice(BaseModel):
    id: str
    amount: int


class Base(BaseModel):
    review: LatestReview = None
    reviews: AllReviews = []
    went: str = ""


class Plain(Base):
    draft: list[Invoice] = []


class Optional(Base):
    draft: Sequence[Invoice] | None = None


class Reduced(Base):
    draft: Annotated[list[Invoice], operator.add] = []


class Two(Base):
    draft: Annotated[list[Invoice], Field(min_length=2)] = []


def _cheap(items: list[Invoice]) -> list[Invoice]:
    if sum(item.amount for item in items) > 100:
        raise ValueError("more than 100 in all")
    return items


class Cheap(Base):
    draft: Annotated[list[Invoice], AfterValidator(_cheap)] = []


SCHEMAS = [Plain, Optional, Two, Cheap]
GIVEN = [{"id": "a", "amount": 1}, {"id": "b", "amount": 2}]
LOTS = {"id": "a", "amount": "lots"}
WRONG = Items({"a": Edit(LOTS)})


def waiting(schema: type[BaseModel], **options: Any) -> Paused:
    return Paused(graph(plan_approval("draft", **options), schema, **WAYS), {"draft": GIVEN})


def amounts(state: dict[str, Any]) -> list[int]:
    return [Invoice.model_validate(item).amount for item in state["draft"]]


def refused(thread: Paused, decision: Decision, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        thread.send(resume(thread.request, decision))
    with pytest.raises(ValidationError, match=problem):
        thread.send(Command(resume={thread.request.interrupt_id: to_json(decision)}))


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("resubmit", [False, True])
def test_an_edit_that_the_field_refuses_leaves_the_question_open(
    schema: type[BaseModel], resubmit: bool
) -> None:
    thread = waiting(schema, resubmit_edits=resubmit)
    refused(thread, WRONG, "the edit of 'a' does not fit: amount: Input should be a valid integer")
    state = thread.send(resume(thread.request, Approve()))
    assert (amounts(state), state["went"]) == ([1, 2], "pay")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_one_that_it_takes_goes_on(schema: type[BaseModel]) -> None:
    thread = waiting(schema)
    state = thread.send(resume(thread.request, Items({"a": Edit({"id": "a", "amount": 3})})))
    state = thread.send(resume(thread.request, Items({"b": Approve()})))
    assert (amounts(state), state["review"]["outcome"]) == ([3, 2], "edited")


def test_a_list_with_a_reducer_is_refused_for_what_goes_on_would_be_added_to_it() -> None:
    with pytest.raises(GateError, match="the subject 'draft' has a reducer"):
        waiting(Reduced)


def test_an_item_schema_counts_beside_the_field() -> None:
    thread = waiting(
        Plain, item_schema={"type": "object", "properties": {"amount": {"maximum": 9}}}
    )
    refused(thread, WRONG, "does not fit")
    refused(thread, Items({"a": Edit({"id": "a", "amount": 10})}), "does not fit")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_refused_list_is_not_read_again(schema: type[BaseModel]) -> None:
    thread = waiting(schema)
    state = thread.send(resume(thread.request, Reject("no")))
    assert (amounts(state), state["went"]) == ([1, 2], "archive")


def test_what_would_go_on_has_to_be_a_list_that_the_field_takes() -> None:
    thread = waiting(Two)
    thread.send(resume(thread.request, Items({"a": Approve()})))
    refused(thread, Items({"b": Reject("twice")}), "what would go on .*at least 2 items")
    state = thread.send(resume(thread.request, Approve()))
    assert amounts(state) == [1, 2]


def test_edits_that_only_together_do_not_fit_are_refused() -> None:
    thread = waiting(Cheap)
    thread.send(resume(thread.request, Items({"a": Edit({"id": "a", "amount": 60})})))
    dear = Items({"b": Edit({"id": "b", "amount": 60})})
    refused(thread, dear, "what would go on .*more than 100 in all")
    state = thread.send(resume(thread.request, Items({"b": Reject()})))
    assert amounts(state) == [60]


def test_an_inbox_refuses_it_and_the_review_stays_pending() -> None:
    with Inbox.open("sqlite:///:memory:") as inbox:
        app = inbox.register(graph(plan_approval("draft", inbox=inbox), Plain, **WAYS), name="pay")
        config = new_thread()
        app.invoke({"draft": GIVEN}, config)
        (review,) = inbox.pending()
        with pytest.raises(InvalidDecision, match="the edit of 'a' does not fit"):
            inbox.decide(review.id, WRONG, by="maria")
        assert inbox.get(review.id).status == "pending"
        inbox.decide(review.id, Approve(), by="maria")
        assert app.get_state(config).values["went"] == "pay"


def test_where_it_was_decided_without_the_graph_it_is_asked_about_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'inbox.db'}"
    with (
        SqliteSaver.from_conn_string(str(tmp_path / "graph.db")) as saver,
        Inbox.open(url) as inbox,
    ):
        gate = plan_approval("draft", inbox=inbox)
        app = inbox.register(graph(gate, Plain, saver, **WAYS), name="pay")
        config = new_thread()
        app.invoke({"draft": GIVEN}, config)
        (review,) = inbox.pending()
        with Inbox.open(url) as elsewhere:
            elsewhere.decide(review.id, WRONG, by="maria", resume="worker")
        inbox.work()
        (again,) = inbox.pending()
        assert again.id == review.id
        inbox.decide(again.id, Approve(), by="maria")
        assert app.get_state(config).values["went"] == "pay"
