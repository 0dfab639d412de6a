"""A panel without an inbox: the graph asks again, vote by vote. Identities are claims there."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Abstain, Approve, Reject, Reviewer, Revise, human_approval, resume
from langgraph_hitl.panels import majority, quorum
from tests.apps import State, one_gate
from tests.claims import claim
from tests.drivers import Driver, Thread

ANN, BEN, CID = (Reviewer(name, roles="security") for name in ("ann", "ben", "cid"))


def waiting(driver: Driver, panel: Any, **options: Any) -> Thread:
    thread = driver.thread(one_gate(human_approval("draft", reviewers=panel, **options)))
    thread.send({"draft": "Hello"})
    return thread


def vote(thread: Thread, decision: Any, by: Any = None) -> None:
    thread.send(resume(thread.request, decision, by))


def test_it_asks_until_the_result_is_certain(sample: Driver) -> None:
    thread = waiting(sample, majority(of=3))
    vote(thread, Reject("no"), "ann")
    assert (thread.ran, thread.request.panel and thread.request.panel["cast"]) == ([], 1)
    vote(thread, Approve("yes"), "ben")
    vote(thread, Approve(), "cid")
    assert thread.ran == ["act:Hello"]
    (decision,) = thread.record["decisions"]
    assert [vote["by"] for vote in decision["votes"]] == ["ann", "ben", "cid"]
    assert thread.record["decided_by"] == "cid"


def test_nobody_counts_twice(sample: Driver) -> None:
    thread = waiting(sample, quorum(2))
    for _ in range(2):
        vote(thread, Approve(), "ann")
    for _ in range(2):
        thread.plain({"type": "approve"})
        assert thread.over or thread.request.panel is not None
    assert thread.record["outcome"] == "approved"
    assert len(thread.record["decisions"][0]["votes"]) == 2


def test_a_plain_answer_without_a_name_is_one_voter(sample: Driver) -> None:
    thread = waiting(sample, quorum(2))
    for _ in range(3):
        thread.plain({"type": "approve"})
    assert thread.ran == []
    vote(thread, Approve(), "ann")
    assert thread.ran == ["act:Hello"]


def test_roles_are_claimed_with_the_answer(sample: Driver) -> None:
    thread = waiting(sample, quorum(2, of="security"))
    for eve in ("eve", Reviewer("eve", roles="sales")):
        thread.send(claim(thread.request, Approve(), eve))
    thread.plain({"type": "approve"})
    assert thread.request.panel is not None
    assert thread.request.panel["cast"] == 0
    vote(thread, Approve(), ANN)
    vote(thread, Approve(), BEN)
    assert thread.ran == ["act:Hello"]


def test_votes_belong_to_one_version(sample: Driver) -> None:
    def rewrite(state: State) -> dict[str, Any]:
        return {"draft": state["draft"] + "!"}

    thread = waiting(sample, majority(of=3), revise=rewrite)
    vote(thread, Approve(), "ann")
    vote(thread, Revise("louder"), "ben")
    vote(thread, Revise("louder"), "cid")
    assert (thread.request.subject, thread.request.round) == ("Hello!", 1)
    assert thread.request.panel is not None
    assert thread.request.panel["cast"] == 0
    vote(thread, Approve(), "ann")
    vote(thread, Abstain(), "ben")
    vote(thread, Approve(), "cid")
    assert thread.ran == ["act:Hello!"]


@pytest.mark.parametrize("decision", [Reject(), Approve()], ids=["reject", "approve"])
def test_one_vote_of_a_role_settles(sample: Driver, decision: Any) -> None:
    thread = waiting(sample, "security")
    thread.send(claim(thread.request, decision, "nobody"))
    assert thread.ran == []
    vote(thread, decision, CID)
    assert len(thread.ran) == 1
