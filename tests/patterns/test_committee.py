"""A committee votes with reasons, and its chair has the last word."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import (
    Abstain,
    Approve,
    Edit,
    Reject,
    Reviewer,
    Revise,
    committee,
    human_approval,
    resume,
)
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import anyone, by_risk, majority, quorum
from langgraph_hitl.review import Decision
from tests.claims import claim
from tests.paused import Paused, pause, spec

ANN, BOB, CAS = (Reviewer(name, roles=("board",)) for name in ("ann", "bob", "cas"))
HEAD = Reviewer("hed", roles=("head",))
BOARD = majority(of="board", size=3)


def sit(**options: Any) -> Paused:
    return pause(committee("draft", members=BOARD, chair="head", **options))


def say(thread: Paused, *votes: tuple[Reviewer, Decision]) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for who, decision in votes:
        state = thread.send(resume(thread.request, decision, by=who))
    return state


PASSED = ((ANN, Approve("sound")), (BOB, Approve("I agree")))


def test_what_the_members_let_pass_waits_for_the_chair_with_their_reasons() -> None:
    thread = sit()
    say(thread, *PASSED)
    request = thread.request
    assert thread.outcome() is None
    assert request.round == 1
    assert request.panel is not None
    assert request.panel["eligible"] == ["role:head"]
    (round_,) = request.history
    assert round_["decision"]["comment"] == "ann: sound\nbob: I agree"
    assert [vote["by"] for vote in round_["decision"]["votes"]] == ["ann", "bob"]
    state = say(thread, (HEAD, Approve("go")))
    assert (state["review"]["outcome"], state["went"]) == ("approved", "publish")
    assert state["review"]["decided_by"] == "hed"


def test_the_chair_may_refuse_what_the_members_let_pass() -> None:
    thread = sit()
    state = say(thread, *PASSED, (HEAD, Reject("not this year")))
    assert (state["review"]["outcome"], state["went"]) == ("rejected", "archive")
    assert state["review"]["feedback"] == "not this year"


def test_what_the_members_refuse_never_comes_to_the_chair() -> None:
    thread = sit()
    state = say(thread, (ANN, Reject("unsafe")), (BOB, Reject("too dear")))
    assert state["review"]["outcome"] == "rejected"
    assert state["review"]["feedback"] == "ann: unsafe\nbob: too dear"


def test_nobody_approves_in_the_chairs_place() -> None:
    thread = sit()
    say(thread, (ANN, Approve("sound")))
    thread.send(claim(thread.request, Approve("go"), HEAD))
    assert thread.request.round == 0
    say(thread, (BOB, Approve("yes")))
    for member in (ANN, CAS):
        thread.send(claim(thread.request, Approve("go"), member))
    assert thread.outcome() is None
    assert thread.request.round == 1


def test_the_chair_approves_what_enough_members_have_edited() -> None:
    thread = sit()
    say(thread, (ANN, Edit("Better", "shorter")), (BOB, Edit("Better", "yes")))
    assert thread.request.subject == "Better"
    state = say(thread, (HEAD, Approve("go")))
    assert (state["review"]["outcome"], state["draft"]) == ("approved", "Better")


def test_a_new_version_begins_with_the_members_again() -> None:
    thread = sit(revise=lambda state: {"draft": state["draft"] + "!"}, reads=("draft",))
    say(thread, *PASSED, (HEAD, Revise("louder")))
    request = thread.request
    assert (request.subject, request.round) == ("Hello!", 2)
    assert request.panel is not None
    assert request.panel["eligible"] == ["role:board"]
    say(thread, *PASSED)
    assert say(thread, (HEAD, Approve("now")))["review"]["outcome"] == "approved"


@pytest.mark.parametrize(
    "decision", [Approve(), Approve(" "), Approve("\u200b"), Reject(), Abstain(), Edit("x")]
)
def test_a_vote_without_a_reason_is_refused(decision: Decision) -> None:
    thread = sit()
    with pytest.raises(ValueError, match="say why"):
        say(thread, (ANN, decision))
    assert thread.request.panel is not None
    assert thread.request.panel["cast"] == 0


def test_reasons_may_be_waived() -> None:
    thread = sit(reasons=False)
    state = say(thread, (ANN, Approve()), (BOB, Approve()), (HEAD, Approve()))
    assert state["review"]["outcome"] == "approved"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"members": anyone("board")}, "a panel of several votes"),
        ({"members": "board"}, "a panel of several votes"),
        ({"members": by_risk({"low": quorum(2), "high": quorum(3)})}, "does not depend"),
        ({"chair": None}, "needs a chair"),
        ({"chair": []}, "chair takes a role"),
        ({"reasons": "yes"}, "True or False"),
        ({"reviewers": "board"}, "committee: unknown option 'reviewers'; did you mean 'members'"),
        ({"edit_shema": str}, "did you mean 'edit_schema'"),
    ],
)
def test_options_that_do_not_fit_are_errors_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        committee("draft", **{"members": BOARD, "chair": "head", **options})


def test_it_is_one_of_the_gates() -> None:
    gate = committee("draft", members=BOARD, chair="head")
    assert (spec(gate).kind, gate.name) == ("committee", "committee")
    assert spec(gate).outcomes == {"approved", "edited", "rejected"}
    assert spec(human_approval("draft", reviewers=BOARD)).outcomes == spec(gate).outcomes
