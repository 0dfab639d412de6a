"""The gate that takes what was submitted: what it takes, and how it is wired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.graph import END, StateGraph

from langgraph_hitl import add_review, await_review, human_approval, submit_review
from langgraph_hitl.errors import GateError
from langgraph_hitl.inbox import Inbox
from tests.drivers import Builder
from tests.paused import State, spec


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def test_it_takes_what_submit_review_returned_and_nothing_else(inbox: Inbox) -> None:
    gate = await_review(submit_review("draft", inbox=inbox))
    for other in (None, "submit", human_approval("draft"), gate):
        with pytest.raises(GateError, match="await_review takes what submit_review returned"):
            await_review(other)  # type: ignore[arg-type]


def test_it_belongs_to_its_submission_alone(inbox: Inbox) -> None:
    one, two = submit_review("draft", inbox=inbox), submit_review("draft", inbox=inbox)
    assert spec(await_review(one)).submission is spec(one).submission
    assert spec(await_review(one)).submission is not spec(await_review(two)).submission


def test_its_outcomes_are_those_of_human_approval(inbox: Inbox) -> None:
    given: dict[str, Any] = {"inbox": inbox, "allowed_decisions": ["approve", "reject", "revise"]}
    awaited = spec(await_review(submit_review("draft", **given)))
    assert awaited.outcomes == spec(human_approval("draft", **given)).outcomes
    assert spec(submit_review("draft", **given)).outcomes == frozenset()


@pytest.mark.parametrize(
    ("ways", "match"),
    [
        ({}, "no way for 'approved', .*; name approved= and rejected="),
        ({"approved": END}, "no way for 'cancelled', 'rejected'"),
        ({"approved": END, "rejected": END, "chosen": END}, "cannot end as 'chosen'"),
    ],
)
def test_every_outcome_has_a_way(inbox: Inbox, ways: dict[str, Any], match: str) -> None:
    builder: Builder = StateGraph(State)
    with pytest.raises(GateError, match=match):
        add_review(builder, "await", await_review(submit_review("draft", inbox=inbox)), **ways)


def test_traces_tell_it_from_its_submission(inbox: Inbox) -> None:
    submitted = submit_review("draft", name="legal", inbox=inbox)
    assert (submitted.name, await_review(submitted).name) == ("legal", "await_review")
