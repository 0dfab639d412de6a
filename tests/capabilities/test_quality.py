"""Q1 to Q4, and Q6: quality."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Edit,
    Inbox,
    Reject,
    Reviewer,
    Revise,
    committee,
    consensus,
    crowd,
    human_approval,
    qa_sample,
    rated_feedback,
)
from langgraph_hitl.errors import NotAuthorised
from langgraph_hitl.panels import majority
from langgraph_hitl.people import people_from
from langgraph_hitl.triggers import Salt, draw
from tests.capabilities.world import World
from tests.drivers import Builder

SALT = Salt(b"a salt of the tests", name="tests")
DRAWN = next(str(n) for n in range(99) if draw(str(n), salt=SALT) < 0.2)
SPARED = next(str(n) for n in range(99) if draw(str(n), salt=SALT) >= 0.2)


@pytest.mark.parametrize(
    ("case", "flags", "decision", "ran"),
    [
        (SPARED, {}, None, ["release"]),
        (SPARED, {"high_risk": True}, Reject(), ["stop"]),
        (DRAWN, {}, Approve(), ["release"]),
        (DRAWN, {}, Revise("wrong name"), ["again"]),
    ],
)
def test_q1_a_sample_and_all_that_is_flagged_is_looked_at(
    world: World, case: str, flags: dict[str, bool], decision: Any, ran: list[str]
) -> None:
    lea = Reviewer("lea", level="lead")

    def build(inbox: Inbox) -> Builder:
        gate = qa_sample(
            "draft",
            rate=0.2,
            item_id="case_id",
            salt=SALT,
            criteria=["The name is right."],
            inbox=inbox,
            reviewers=lea,
        )
        ways = {"approved": "release", "needs_revision": "again", "rejected": "stop"}
        return world.graph(gate, **ways)

    with world.visit(build) as visit:
        visit.start({"draft": "Dear Ms Doe", "case_id": case, **flags})
    with world.visit(build) as visit:
        assert len(visit.inbox.pending()) == (decision is not None)
        if decision is not None:
            assert visit.review().request["criteria"] == ["The name is right."]
            with pytest.raises(NotAuthorised):
                visit.decide(decision, by="ann")
            visit.decide(decision, by=lea)
    assert world.ran == ran


@pytest.mark.parametrize(
    ("decision", "rating", "way"),
    [
        (Approve(), "correct", "send"),
        (Revise("a date is missing", rating="partially_correct"), "partially_correct", "improve"),
        (Revise("clumsy", rating="needs_improvement"), "needs_improvement", "improve"),
        (Revise("invented", rating="incorrect"), "incorrect", "write_anew"),
    ],
)
def test_q2_a_rating_says_what_happens_next(
    world: World, decision: Any, rating: str, way: str
) -> None:
    def build(inbox: Inbox) -> Builder:
        ways = {
            "approved": "send",
            "improve": "improve",
            "regenerate": "write_anew",
            "rejected": "stop",
        }
        return world.graph(rated_feedback("answer", inbox=inbox), **ways)

    with world.visit(build) as visit:
        visit.start({"answer": "On Monday."})
    with world.visit(build) as visit:
        visit.decide(decision)
    with world.visit(build) as visit:
        assert visit.state()["review"]["rating"] == rating
    assert world.ran == [way]


def test_q3_a_crowd_answers_blindly_and_says_how_sure_it_is(world: World) -> None:
    def build(inbox: Inbox) -> Builder:
        gate = crowd(
            "What is it?", answer=Choice("cat", "dog"), people=3, into="answer", inbox=inbox
        )
        return world.graph(gate, chosen="run", rejected="stop")

    with world.visit(build) as visit:
        visit.start({})
        visit.decide(Choose("cat"), by="ann")
    with world.visit(build) as visit:
        assert "cat" not in str(visit.review().request["panel"])
        visit.decide(Choose("dog"), by="bob")
        visit.decide(Choose("cat"), by="cem")
    with world.visit(build) as visit:
        found = consensus(visit.state())
        assert visit.state()["answer"] == "cat"
        assert found.counts == {"cat": 2, "dog": 1}
        assert found.confidence == pytest.approx(2 / 3)
        assert found.low < 2 / 3 < found.high
    assert world.ran == ["run"]


def test_q4_the_members_vote_with_reasons_and_the_chair_has_the_last_word(world: World) -> None:
    chair = Reviewer("cleo", roles=("chair",))
    members = [Reviewer(name, roles=("surgeons",)) for name in ("ann", "bob", "cem")]

    def build(inbox: Inbox) -> Builder:
        board = committee(
            "draft", members=majority(of="surgeons", size=3), chair="chair", inbox=inbox
        )
        return world.graph(board)

    with world.visit(build) as visit:
        visit.start({"draft": "Operate"})
        for member in members[:2]:
            visit.decide(Approve("the benefit is clear"), by=member)
    assert world.ran == []
    with world.visit(build) as visit:
        assert "the benefit is clear" in str(visit.review().request["history"])
        with pytest.raises(NotAuthorised):
            visit.decide(Approve("me too"), by=members[2])
        visit.decide(Edit("Operate on Monday", "then we have the team"), by=chair)
    with world.visit(build) as visit:
        assert visit.state()["draft"] == "Operate on Monday"
    assert world.ran == ["run"]


STAFF = """
tz: UTC
people:
  - {id: ann, roles: [editors]}
  - {id: bob, roles: [editors]}
"""


def test_q6_the_queue_has_priorities_turns_results_and_numbers(world: World) -> None:
    staff = people_from(STAFF)

    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "draft",
            inbox=inbox,
            reviewers="editors",
            queue="posts",
            priority=lambda state: "critical" if state["draft"] == "Fire" else "normal",
            reads=["draft"],
        )
        return world.graph(gate)

    with world.visit(build, people=staff, assign=True) as visit:
        for thread, draft in enumerate(["Hello", "Fire"]):
            visit.start({"draft": draft}, thread=str(thread))
    with world.visit(build, people=staff, assign=True) as visit:
        first, second = visit.inbox.pending(queue="posts")
        assert (first.request["subject"], second.request["subject"]) == ("Fire", "Hello")
        assert {first.assigned, second.assigned} == {"ann", "bob"}
        world.clock.advance(hours=1)
        visit.inbox.decide(first, Approve(), by=str(first.assigned))
    with world.visit(build, people=staff, assign=True) as visit:
        numbers = visit.inbox.metrics()
        assert numbers.queues == {"posts": 1}
        assert numbers.outcomes == {"approved": 1}
        assert numbers.response.median == world.clock() - first.created_at
        (decided,) = visit.inbox.decided()
        assert decided.id == first.id
        visit.decide(Reject(), by=str(second.assigned))
    assert world.ran == ["run", "stop"]
