"""`item_decisions=`: what may be said of an item."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Command
from pydantic import ValidationError

from langgraph_hitl import Approve, Edit, Items, Reject, RejectRest, Skip, plan_approval, resume
from langgraph_hitl.errors import GateError, InvalidDecision
from langgraph_hitl.review.decision import to_json
from tests.paused import Paused, pause

ACCOUNTS = [{"id": "a", "name": "ada"}, {"id": "b", "name": "bob"}]
OTHERS = [Edit({"id": "a", "name": "root"}), Reject("no"), RejectRest()]


@pytest.fixture
def thread() -> Paused:
    gate = plan_approval("draft", item_decisions=["skip", "approve"])
    return pause(gate, {"draft": ACCOUNTS}, approved="act", partial="act", rejected="stop")


def test_the_request_and_its_schema_say_what_is_taken(thread: Paused) -> None:
    request = thread.request
    assert request.items is not None
    assert request.response_schema is not None
    assert request.items["allowed"] == ["approve", "skip"]
    (shape,) = [
        one
        for one in request.response_schema["oneOf"]
        if one["properties"]["type"] == {"const": "items"}
    ]
    verdicts = shape["properties"]["items"]["additionalProperties"]["oneOf"]
    assert [one["properties"]["type"]["const"] for one in verdicts] == ["approve", "skip"]


@pytest.mark.parametrize("verdict", OTHERS, ids=lambda verdict: type(verdict).__name__)
def test_nothing_else_is_taken(thread: Paused, verdict: Any) -> None:
    refused = "the item 'a' takes approve, skip, and not"
    decision = Items({"a": verdict})
    with pytest.raises(InvalidDecision, match=refused):
        resume(thread.request, decision)
    with pytest.raises(ValidationError, match=refused):
        thread.send(Command(resume={thread.request.interrupt_id: to_json(decision)}))
    state = thread.send(resume(thread.request, Items({"a": Skip(), "b": Approve()})))
    assert state["draft"] == ACCOUNTS[1:]


def test_a_refusal_of_the_whole_list_is_not_one_of_an_item(thread: Paused) -> None:
    state = thread.send(resume(thread.request, Reject("not today")))
    assert [item["type"] for item in state["review"]["items"]] == ["reject", "reject"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"item_decisions": []}, "item_decisions: nobody could approve an item without 'approve'"),
        ({"item_decisions": ["skip"]}, "nobody could approve an item"),
        ({"item_decisions": 3}, "item_decisions takes a list of texts"),
        ({"item_decisions": ["approve", "defer"]}, "'defer' is no verdict on an item; of approve"),
        ({"item_decisions": ["approve"], "item_schema": dict}, "item_schema has no effect"),
        ({"item_decisions": ["approve"], "resubmit_edits": True}, "resubmit_edits has no effect"),
    ],
)
def test_verdicts_that_cannot_be_named(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(GateError, match=problem):
        plan_approval("draft", **options)
