"""A confident answer goes out, every other one goes to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Respond,
    ReviewState,
    Revise,
    approved,
    confidence_escalation,
    last_message,
    pending,
    resume,
)
from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.review import Finding
from langgraph_hitl.triggers import over, predicate
from tests.apps import Crash, Fuse, one_gate
from tests.apps import State as Noting
from tests.drivers import Driver
from tests.paused import Paused, chat, graph, new_thread, spec


class State(ReviewState, total=False):
    answer: Any
    confidence: Any
    amount: Any
    went: str


def asked(*, confidence: Any = "confidence", given: dict[str, Any], **options: Any) -> Paused:
    """A run through a gate on `answer`, whether it waits there or not."""
    gate = confidence_escalation("answer", confidence=confidence, **options)
    return Paused(graph(gate, State), {"answer": "42"} | given)


def low(**options: Any) -> Paused:
    return asked(given={"confidence": 0.62}, **options)


# Who is asked


@pytest.mark.parametrize(
    ("threshold", "confidence", "passes"),
    [
        (0.8, 0.79999999, False),
        (0.8, 0.8, True),
        (0.8, 0.80000001, True),
        (0.8, 0, False),
        (0.8, 1, True),
        (0.0, 0.0, True),
        (1.0, 0.99999999, False),
        (1.0, 1.0, True),
    ],
)
def test_at_or_above_the_threshold_the_answer_goes_out(
    threshold: float, confidence: float, passes: bool
) -> None:
    thread = asked(threshold=threshold, given={"confidence": confidence})
    assert thread.outcome() == ("auto_approved" if passes else None)
    assert len(thread.requests) == (0 if passes else 1)


def test_the_threshold_is_four_fifths() -> None:
    assert asked(given={"confidence": 0.8}).outcome() == "auto_approved"
    assert asked(given={"confidence": 0.79}).outcome() is None


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "absent": ({}, "The confidence is missing."),
    "none": ({"confidence": None}, "The confidence is missing."),
    "nan": ({"confidence": float("nan")}, "The confidence is NaN, which is not a number."),
    "infinite": ({"confidence": float("inf")}, "The confidence is inf"),
    "above-one": ({"confidence": 1.2}, "The confidence is 1.2, outside 0 to 1."),
    "below-zero": ({"confidence": -0.1}, "The confidence is -0.1, outside 0 to 1."),
    "percent": ({"confidence": 93}, "The confidence is 93, outside 0 to 1."),
    "word": ({"confidence": "high"}, "The confidence is 'high', which is not a number."),
    "text": ({"confidence": "0.9"}, "The confidence is '0.9', which is not a number."),
    "true": ({"confidence": True}, "The confidence is True, which is not a number."),
    "list": ({"confidence": [0.9]}, "The confidence is [0.9], which is not a number."),
}


@pytest.mark.parametrize("threshold", [0.0, 0.8])
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_confidence_that_says_nothing_never_passes(name: str, threshold: float) -> None:
    given, sentence = UNREADABLE[name]
    thread = asked(threshold=threshold, given=given)
    assert thread.request.finding["sentence"].startswith(sentence)
    assert thread.request.finding["needed"] is True
    assert "score" not in thread.request.finding


def test_a_function_that_raises_asks_and_shows_why() -> None:
    def broken(state: State) -> float:
        raise TimeoutError("no answer from the scorer")

    thread = asked(confidence=broken, threshold=0.0, given={})
    sentence = thread.request.finding["sentence"]
    assert "TimeoutError: no answer from the scorer" in sentence
    assert thread.send(resume(thread.request, Approve()))["went"] == "publish"


# Where the confidence comes from


def half(state: State) -> Any:
    return state["confidence"] / 2


@pytest.mark.parametrize(
    ("confidence", "given", "found"),
    [
        ("confidence", {"confidence": 0.5}, 0.5),
        ("answer.confidence", {"answer": {"text": "42", "confidence": 0.25}}, 0.25),
        ("answer.scores.0", {"answer": {"text": "42", "scores": [0.125, 0.9]}}, 0.125),
        ("answer", {"answer": 0.75}, 0.75),
        (half, {"confidence": 0.5}, 0.25),
    ],
    ids=["key", "path-into-the-subject", "path-into-a-list", "the-subject-itself", "function"],
)
def test_the_confidence_is_found_and_shown(confidence: Any, given: Any, found: float) -> None:
    thread = asked(confidence=confidence, given=given)
    assert thread.request.finding["details"]["confidence"] == found
    assert thread.request.finding["sentence"] == f"The confidence {found} is below 0.8."


def test_a_function_may_say_what_it_reads_with_reads() -> None:
    thread = asked(confidence=lambda state: state["amount"], reads=["amount"], given={"amount": 1})
    assert thread.outcome() == "auto_approved"


def test_the_last_message_of_a_chat() -> None:
    def short(state: Any) -> float:
        return 0.1 if len(state["messages"][-1].text) < 10 else 0.9

    gate = confidence_escalation(last_message(), confidence=short, reads=["messages"])
    thread = chat(gate)
    state = thread.send(resume(thread.request, Respond("In my own words")))
    assert [(m.text, m.id) for m in state["messages"]] == [("?", "m1"), ("In my own words", "m2")]
    assert approved(state, "messages").text == "In my own words"


# What the person sees and can do


def test_the_person_sees_the_answer_the_confidence_and_the_reason() -> None:
    thread = low()
    request = thread.request
    assert (request.kind, request.subject) == ("confidence_escalation", "42")
    assert request.finding == {
        "needed": True,
        "sentence": "The confidence 0.62 is below 0.8.",
        "score": 0.38,
        "factors": {"confidence": 0.62},
        "trigger": "below_confidence",
        "details": {"confidence": 0.62, "threshold": 0.8},
    }
    (action,) = thread.payload["action_requests"]
    assert action["args"] == {"answer": "42"}
    assert "The confidence 0.62 is below 0.8." in action["description"].splitlines()


def test_what_can_be_said() -> None:
    assert low().request.allowed_decisions == ["approve", "edit", "reject", "respond"]
    revised = low(revise=lambda state: {"answer": "43"}, reads=["answer"])
    assert "revise" in revised.request.allowed_decisions
    two = low(allowed_decisions=["respond", "reject"])
    assert two.request.allowed_decisions == ["reject", "respond"]


def test_a_response_takes_the_place_of_the_answer_and_the_record_says_so() -> None:
    thread = low()
    state = thread.send(resume(thread.request, Respond("It is 43."), by="maria"))
    record = state["review"]
    assert (state["answer"], state["went"]) == ("It is 43.", "publish")
    assert (record["outcome"], record["answer"]) == ("answered", "It is 43.")
    assert record["decided_by"] == "maria"
    assert [(d["type"], d["by"]) for d in record["decisions"]] == [("respond", "maria")]
    assert record["changes"]["lines"][-2:] == ["-42", "+It is 43."]
    assert record["finding"]["sentence"] == "The confidence 0.62 is below 0.8."
    assert state["reviews"][-1]["value"] == approved(state, "answer") == "It is 43."


def test_a_response_may_go_a_way_of_its_own() -> None:
    gate = confidence_escalation("answer", confidence="confidence")
    ways: dict[str, Any] = {"approved": "publish", "answered": "learn", "rejected": "archive"}
    thread = Paused(graph(gate, State, **ways), {"answer": "42", "confidence": 0.1})
    assert thread.send(resume(thread.request, Respond("43")))["went"] == "learn"


def test_an_edit_takes_its_place_too() -> None:
    thread = low()
    state = thread.send(resume(thread.request, Edit("42.0", comment="to the digit"), by="maria"))
    assert (state["answer"], state["went"]) == ("42.0", "publish")
    assert (state["review"]["outcome"], state["review"]["answer"]) == ("edited", None)
    assert state["review"]["feedback"] == "to the digit"
    assert approved(state, "answer") == "42.0"


def test_a_rejection_lets_nothing_out() -> None:
    thread = low()
    state = thread.send(resume(thread.request, Reject("wrong"), by="maria"))
    assert (state["answer"], state["went"]) == ("42", "archive")
    with pytest.raises(NotApproved, match="rejected"):
        approved(state, "answer")


def test_a_revision_is_asked_for_again_with_the_confidence_of_the_first_version() -> None:
    """It is what the model thought of its own answer, and says nothing about the new one."""
    thread = low(revise=lambda state: {"answer": "43"}, reads=["answer"])
    before = thread.request.finding
    thread.send(resume(thread.request, Revise("count again")))
    assert (thread.request.subject, thread.request.round) == ("43", 1)
    assert thread.request.finding == before
    assert thread.send(resume(thread.request, Approve()))["review"]["finding"] == before


# One more reason


def costly(state: State) -> bool:
    return bool(state["amount"] > 100)


@pytest.mark.parametrize(
    ("confidence", "amount", "sentence"),
    [
        (0.9, 5, None),
        (0.9, 500, "The condition costly holds."),
        (0.5, 5, "The confidence 0.5 is below 0.8."),
        (0.5, 500, "The confidence 0.5 is below 0.8. The condition costly holds."),
        (None, 5, "The confidence is missing."),
    ],
)
def test_one_more_reason_to_ask(confidence: Any, amount: int, sentence: str | None) -> None:
    thread = asked(when=costly, given={"confidence": confidence, "amount": amount})
    if sentence is None:
        assert thread.outcome() == "auto_approved"
    else:
        assert thread.request.finding["sentence"] == sentence


def test_one_more_reason_may_be_a_trigger() -> None:
    thread = asked(when=over("amount", 100), given={"confidence": 0.9, "amount": 500})
    assert thread.request.finding["sentence"] == "The amount 500 is over 100."
    assert [part["trigger"] for part in thread.request.finding["parts"]] == [
        "below_confidence",
        "over",
    ]


def test_one_more_reason_that_raises_asks_although_the_answer_is_confident() -> None:
    thread = asked(when=costly, given={"confidence": 0.9})
    assert "KeyError: 'amount'" in thread.request.finding["sentence"]


def test_one_more_reason_never_takes_the_first_away() -> None:
    harmless = predicate(lambda state: False, "It is special.", reads=["answer"])
    assert asked(when=harmless, given={"confidence": 0.5}).outcome() is None


def test_a_new_version_is_scored_again_by_a_reason_that_scores() -> None:
    def long(state: State) -> Finding:
        size = len(state["answer"])
        return Finding(needed=size > 5, sentence=f"{size} characters.", score=min(size / 20, 1.0))

    thread = low(when=long, revise=lambda state: {"answer": "42, certainly"}, reads=["answer"])
    assert thread.request.finding["sentence"] == "The confidence 0.62 is below 0.8."
    thread.send(resume(thread.request, Revise("surer")))
    finding = thread.request.finding
    assert finding["sentence"] == "The confidence 0.62 is below 0.8. 13 characters."
    assert finding["score"] == 0.65


# Once


class Fickle:
    """A confidence that is another one whenever it is looked at."""

    def __init__(self, *values: float) -> None:
        self.values = list(values)
        self.looks = 0

    def __call__(self, state: Noting) -> float:
        self.looks += 1
        return self.values.pop(0)


def test_an_automatic_pass_stands(driver: Driver) -> None:
    confidence = Fickle(0.9)
    thread = driver.thread(one_gate(confidence_escalation("draft", confidence=confidence)))
    thread.send({"draft": "Hello"})
    record = thread.record
    assert (record["outcome"], record["decided_by"]) == ("auto_approved", "system:trigger")
    assert record["finding"]["details"] == {"confidence": 0.9, "threshold": 0.8}
    assert (record["finding"]["needed"], record["decisions"]) == (False, [])
    assert approved(thread.values, "draft") == "Hello"
    thread.send(None)
    assert (thread.ran, confidence.looks) == (["act:Hello"], 1)


def test_it_is_looked_at_once_however_often_the_thread_is_resumed(driver: Driver) -> None:
    """Each of these is a fresh graph; a second look would find nothing and raise."""
    confidence = Fickle(0.4)
    thread = driver.thread(one_gate(confidence_escalation("draft", confidence=confidence)))
    thread.send({"draft": "Hello"})
    before = thread.request
    thread.send(None)
    with pytest.raises(Exception, match="unknown decision type"):
        thread.plain({"type": "aprove"})
    assert thread.request == before
    thread.decide(Respond("Hi"))
    thread.send(None)
    assert (thread.ran, confidence.looks) == (["act:Hi"], 1)


def test_it_is_not_looked_at_again_after_a_crash(sample: Driver) -> None:
    confidence = Fickle(0.4)
    gate = confidence_escalation("draft", confidence=confidence, clock=breaking(Fuse(2)))
    thread = sample.thread(one_gate(gate))
    thread.send({"draft": "Hello"})
    with pytest.raises(Crash):
        thread.decide(Respond("Hi"))
    thread.send(None)
    assert (thread.ran, confidence.looks) == (["act:Hi"], 1)


def breaking(fuse: Fuse) -> Callable[[], datetime]:
    def clock() -> datetime:
        fuse()
        return datetime(2026, 1, 2, tzinfo=UTC)

    return clock


def test_a_second_run_is_a_second_look() -> None:
    app = graph(confidence_escalation("answer", confidence="confidence"), State)
    config = new_thread()
    app.invoke({"answer": "42", "confidence": 0.9}, config)
    app.invoke({"answer": "43", "confidence": 0.1}, config)
    (request,) = pending(app, config)
    assert request.subject == "43"


# Building one


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"threshold": 1.2}, "threshold must be a number from 0 to 1, not 1.2"),
        ({"threshold": -0.1}, "threshold must be a number from 0 to 1"),
        ({"threshold": float("nan")}, "threshold must be a number from 0 to 1, not nan"),
        ({"threshold": "0.8"}, "threshold must be a number from 0 to 1, not '0.8'"),
        ({"threshold": True}, "threshold must be a number from 0 to 1, not True"),
        ({"confidence": 0.9}, "confidence must be a state key"),
        ({"confidence": None}, "confidence must be a state key"),
        ({"confidence": lambda state: 0.9}, "confidence: which state keys does"),
        ({"when": True}, "when must be a function of the state or a trigger, not True"),
        ({"when": lambda state: True}, "when: which state keys does"),
    ],
)
def test_what_cannot_work_is_an_error_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError) as raised:
        confidence_escalation("answer", **{"confidence": "confidence", **options})
    assert problem in str(raised.value)


def test_a_confidence_that_the_graph_does_not_have_is_an_error_when_it_is_added() -> None:
    with pytest.raises(GateError, match="'certainty'"):
        graph(confidence_escalation("answer", confidence="certainty"), State)


def test_its_name() -> None:
    gate = confidence_escalation("answer", confidence="confidence")
    assert (gate.name, spec(gate).kind) == ("confidence_escalation", "confidence_escalation")
    assert confidence_escalation("answer", confidence="confidence", name="sure").name == "sure"
