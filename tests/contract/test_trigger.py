"""`when=`: whether a person is needed at all, and what the record says about it."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Revise,
    add_review,
    confidence_escalation,
    human_approval,
)
from langgraph_hitl.errors import NotApproved
from langgraph_hitl.review import Finding
from langgraph_hitl.triggers import over, predicate
from tests.apps import State, act, one_gate
from tests.drivers import Builder, Driver


def test_only_a_clear_no_lets_the_subject_pass(driver: Driver) -> None:
    def never(state: State) -> bool:
        return False

    thread = driver.thread(one_gate(human_approval("draft", when=never)))
    result = thread.send({"draft": "Hello"})
    assert "__interrupt__" not in result
    assert thread.ran == ["act:Hello"]
    assert thread.record["outcome"] == "auto_approved"
    assert thread.record["decided_by"] == "system:trigger"
    assert thread.record["decisions"] == []
    assert thread.record["finding"]["needed"] is False


@pytest.mark.parametrize("result", [True, None, 0, "", [], float("nan"), "no"])
def test_everything_else_asks_a_person(sample: Driver, result: Any) -> None:
    def unclear(state: State) -> Any:
        return result

    thread = sample.thread(one_gate(human_approval("draft", when=unclear)))
    thread.send({"draft": "Hello"})
    assert thread.request.finding["needed"] is True
    assert thread.ran == []


def test_an_error_asks_a_person_and_shows_why(driver: Driver) -> None:
    def broken(state: State) -> bool:
        raise KeyError("risk")

    thread = driver.thread(one_gate(human_approval("draft", when=broken)))
    thread.send({"draft": "Hello"})
    assert "KeyError: 'risk'" in thread.request.finding["sentence"]
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


def test_a_finding_gives_sentence_score_and_factors(driver: Driver) -> None:
    def risky(state: State) -> Finding:
        return Finding(needed=True, sentence="Risky.", score=0.75, factors={"amount": 0.75})

    thread = driver.thread(one_gate(human_approval("draft", when=risky)))
    thread.send({"draft": "Hello"})
    assert thread.request.finding == {
        "needed": True,
        "sentence": "Risky.",
        "score": 0.75,
        "factors": {"amount": 0.75},
    }


def test_a_finding_may_say_that_nobody_is_needed(driver: Driver) -> None:
    def harmless(state: State) -> Finding:
        return Finding(needed=False, sentence="Below the limit.", score=0.1)

    thread = driver.thread(one_gate(human_approval("draft", when=harmless)))
    thread.send({"draft": "Hello"})
    assert thread.record["finding"]["sentence"] == "Below the limit."
    assert thread.ran == ["act:Hello"]


def by_length(state: State) -> Finding:
    """Longer is riskier."""
    size = len(state["draft"])
    return Finding(needed=size > 3, sentence=f"{size} characters.", score=min(size / 100, 1.0))


def test_a_new_version_is_scored_again(driver: Driver) -> None:
    def longer(state: State) -> dict[str, Any]:
        return {"draft": state["draft"] * 2}

    thread = driver.thread(one_gate(human_approval("draft", when=by_length, revise=longer)))
    thread.send({"draft": "Hello"})
    assert thread.request.finding["score"] == 0.05
    thread.decide(Revise("longer"))
    assert thread.request.finding["score"] == 0.1
    thread.decide(Edit("Hello" * 4))
    assert thread.record["finding"]["score"] == 0.2


def test_the_score_never_falls_and_a_person_stays_needed(driver: Driver) -> None:
    def shorter(state: State) -> dict[str, Any]:
        return {"draft": "Hi"}

    thread = driver.thread(one_gate(human_approval("draft", when=by_length, revise=shorter)))
    thread.send({"draft": "Hello"})
    thread.decide(Revise("shorter"))
    assert thread.request.subject == "Hi"
    assert thread.request.finding["score"] == 0.05
    assert thread.request.finding["needed"] is True
    thread.decide(Approve())
    assert thread.record["outcome"] == "approved"


def test_the_condition_runs_once_however_often_the_thread_is_resumed(driver: Driver) -> None:
    calls: list[str] = []

    def counted(state: State) -> bool:
        calls.append(state["draft"])
        return True

    thread = driver.thread(one_gate(human_approval("draft", when=counted)))
    thread.send({"draft": "Hello"})
    thread.send(None)
    thread.decide(Approve())
    assert calls == ["Hello"]


class Loop(State, total=False):
    tries: int


def test_a_trigger_does_not_overrule_a_person_who_refused_the_same_value(sample: Driver) -> None:
    """A loop brings the refused value back, and now the model is sure of it."""

    def write(state: Loop) -> dict[str, Any]:
        tries = state.get("tries", 0)
        return {"draft": "Pay!", "score": [0.5, 0.95][tries], "tries": tries + 1}

    def build() -> Builder:
        builder: Builder = StateGraph(Loop)
        builder.add_node("write", write)
        builder.add_node("act", act)
        gate = confidence_escalation("draft", confidence="score")
        add_review(builder, "gate", gate, approved="act", rejected="write")
        builder.add_edge(START, "write")
        builder.add_edge("write", "gate")
        return builder

    thread = sample.thread(build)
    thread.send({})
    with pytest.raises(NotApproved, match="this very value ended as rejected before, by maria"):
        thread.decide(Reject("never"), by="maria")
    assert thread.ran == []


def test_a_condition_that_reads_what_it_does_not_declare_asks(sample: Driver) -> None:
    gate = human_approval("draft", when=lambda state: state.get("score", 0) > 1, reads=["sources"])
    thread = sample.thread(one_gate(gate))
    thread.send({"draft": "Hello", "score": 9})
    assert "it reads 'score', which it does not declare" in thread.request.finding["sentence"]


def test_a_condition_cannot_change_what_another_one_reads(sample: Driver) -> None:
    def careless(state: Any) -> bool:
        state["draft"]["amount"] = 0
        return False

    payment = predicate(careless, "Odd.", reads=["draft"]) | over("draft.amount", 1000)
    thread = sample.thread(one_gate(human_approval("draft", when=payment)))
    thread.send({"draft": {"amount": 5000}})
    assert thread.request.finding["sentence"] == "The draft.amount 5000 is over 1000."
    assert thread.values["draft"] == {"amount": 5000}
