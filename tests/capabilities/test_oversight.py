"""O1 and O2: oversight."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, Inbox, Reject, Reviewer, human_approval
from langgraph_hitl.errors import NotAuthorised, TooLate
from tests.capabilities.world import World
from tests.drivers import Builder

CEO = Reviewer("ceo", roles=("board",))


def test_o2_before_the_action_an_override_replaces_the_decision(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox, reviewers="editors"))

    with world.visit(build, overrides="board") as visit:
        visit.start({"draft": "Hello"})
        review = visit.review()
        editor = Reviewer("ed", roles=("editors",))
        visit.inbox.decide(review, Approve(), by=editor, resume="worker")
    with world.visit(build, overrides="board") as visit:
        with pytest.raises(NotAuthorised):
            visit.inbox.override(review.id, Reject(), by="ed", reason="no")
        visit.inbox.override(review.id, Reject("fraud"), by=CEO, reason="fraud")
        assert visit.state()["review"]["decided_by"] == "ceo"
    assert world.ran == ["stop"]


@pytest.mark.parametrize("asked", [True, False])
def test_o2_after_the_action_it_runs_the_recall_and_never_pretends(
    world: World, asked: bool
) -> None:
    """Also over a decision that nobody took."""
    recalled: list[Any] = []

    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "draft",
            inbox=inbox,
            when=lambda state: asked,
            reads=["draft"],
            on_recall=lambda request, decision: recalled.append(request.subject),
        )
        return world.graph(gate)

    with world.visit(build, overrides="board") as visit:
        visit.start({"draft": "Hello"})
        if asked:
            visit.decide(Approve())
        review_id = visit.state()["review"]["review_id"]
    with world.visit(build, overrides="board") as visit:
        visit.inbox.override(review_id, Reject(), by=CEO, reason="fraud")
    assert (world.ran, recalled) == (["run"], ["Hello"])
    with world.visit(build) as visit:
        assert visit.state()["review"]["outcome"] == ("approved" if asked else "auto_approved")
        events = [row.event for row in visit.inbox.history(review_id)]
    assert "overridden" in events


def test_o2_without_a_recall_it_is_too_late(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        return world.graph(human_approval("draft", inbox=inbox))

    with world.visit(build) as visit:
        visit.start({"draft": "Hello"})
        review = visit.decide(Approve())
    with world.visit(build, overrides="board") as visit, pytest.raises(TooLate):
        visit.inbox.override(review.id, Reject(), by=CEO, reason="fraud")
    assert world.ran == ["run"]
