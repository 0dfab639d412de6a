"""Every source of a confidence in a gate: what is sure goes out, everything else to a person."""

from __future__ import annotations

import operator
import subprocess
import sys
from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Respond,
    ReviewState,
    Revise,
    add_review,
    confidence_escalation,
    human_approval,
    last_message,
)
from langgraph_hitl.confidence import agreement, logprobs, model_agreement, stated
from langgraph_hitl.triggers import below_confidence, over
from tests.apps import one_gate
from tests.confidence.models import Asked, CountingModel, cached
from tests.drivers import Builder, Driver, Thread


class State(ReviewState, total=False):
    """What the gates of these tests read."""

    draft: str
    answer: Any
    samples: list[Any]
    messages: Annotated[list[AnyMessage], add_messages]
    ran: Annotated[list[str], operator.add]


class Drafted(ReviewState, total=False):
    draft: str


def ask_again(state: Drafted) -> str:
    return f"The capital? ({state['draft']})"


def message(*values: Any, text: str = "Paris") -> AIMessage:
    tokens = [{"token": text, "logprob": value} for value in values]
    return AIMessage(text, response_metadata={"logprobs": {"content": tokens}})


def chat(*values: Any) -> dict[str, Any]:
    return {"messages": [HumanMessage("The capital?"), message(*values)]}


SOURCES: dict[str, Any] = {
    "path": "answer.confidence",
    "logprobs": logprobs(),
    "agreement": agreement("samples", answer="draft"),
    "stated": stated(),
}
SURE: dict[str, dict[str, Any]] = {
    "path": {"answer": {"confidence": 0.9}},
    "logprobs": chat(-0.1053605),
    "agreement": {"samples": ["Paris"] * 9 + ["Lyon"]},
    "stated": {"answer": "Paris.\nConfidence: 0.9"},
}
UNSURE: dict[str, dict[str, Any]] = {
    "path": {"answer": {"confidence": 0.5}},
    "logprobs": chat(-0.6931472),
    "agreement": {"samples": ["Paris", "Lyon"]},
    "stated": {"answer": "Paris.\nConfidence: 50%"},
}
UNREADABLE: dict[str, tuple[str, dict[str, Any], str]] = {
    "path, missing": ("path", {"answer": {}}, "The confidence is missing."),
    "path, no answer": ("path", {}, "The confidence is missing."),
    "path, 1.2": (
        "path",
        {"answer": {"confidence": 1.2}},
        "The confidence is 1.2, outside 0 to 1.",
    ),
    "path, -0.1": ("path", {"answer": {"confidence": -0.1}}, "The confidence is -0.1, outside"),
    "path, a text": ("path", {"answer": {"confidence": "0.9"}}, "which is not a number"),
    "logprobs, missing": ("logprobs", {"messages": [AIMessage("Paris")]}, "is missing"),
    "logprobs, no message": ("logprobs", {}, "is missing"),
    "logprobs, positive": ("logprobs", chat(1.2), "is 1.2, which is above 0"),
    "logprobs, none": ("logprobs", chat(), "missing: the list of log-probabilities is empty"),
    "logprobs, null": ("logprobs", chat(None), "a token has no log-probability"),
    "logprobs, a person": ("logprobs", {"messages": [HumanMessage("?")]}, "not the model's"),
    "agreement, missing": ("agreement", {}, "missing: there are no samples"),
    "agreement, one": ("agreement", {"samples": ["Paris"]}, "at least 2 samples, not 1"),
    "agreement, null": ("agreement", {"samples": ["Paris", None]}, "one of the samples is empty"),
    "stated, missing": ("stated", {"answer": "Paris."}, "missing: the answer does not state it"),
    "stated, no answer": ("stated", {}, "missing: there is no answer"),
    "stated, NaN": ("stated", {"answer": "Confidence: NaN"}, "ends with 'Confidence: NaN'"),
    "stated, 1.2": ("stated", {"answer": "Confidence: 1.2"}, "is 1.2, outside 0 to 1"),
    "stated, twice": (
        "stated",
        {"answer": "Confidence: 1.0\nConfidence: 0.3"},
        "names it in more than one place",
    ),
}


def escalate(driver: Driver, source: Any, state: dict[str, Any]) -> Thread:
    gate = confidence_escalation("draft", confidence=source, threshold=0.8)
    thread = driver.thread(one_gate(gate, schema=State))
    thread.send({"draft": "Paris", **state})
    return thread


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_sure_goes_out(sample: Driver, name: str) -> None:
    thread = escalate(sample, SOURCES[name], SURE[name])
    assert thread.over
    assert thread.record["outcome"] == "auto_approved"
    assert thread.record["finding"]["sentence"] == "The confidence 0.9 is at least 0.8."
    assert thread.ran == ["act:Paris"]


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_not_goes_to_a_person_who_may_answer_instead(sample: Driver, name: str) -> None:
    thread = escalate(sample, SOURCES[name], UNSURE[name])
    finding = thread.request.finding
    assert finding["sentence"] == "The confidence 0.5 is below 0.8."
    assert finding["score"] == pytest.approx(0.5)
    assert thread.ran == []
    thread.decide(Respond("Lyon"))
    assert thread.record["outcome"] == "answered"
    assert thread.values["draft"] == "Lyon"
    assert thread.ran == ["act:Lyon"]


@pytest.mark.parametrize(("name", "state", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_goes_to_a_person_who_sees_why(
    sample: Driver, name: str, state: dict[str, Any], why: str
) -> None:
    thread = escalate(sample, SOURCES[name], state)
    finding = thread.request.finding
    assert why in finding["sentence"]
    assert finding["needed"] is True
    assert "score" not in finding
    assert thread.ran == []


@pytest.mark.parametrize("name", ["path", "logprobs", "agreement"])
def test_nan_goes_to_a_person(sample: Driver, name: str) -> None:
    """A checkpoint keeps NaN, so that it can come out of a state."""
    nan = float("nan")
    state = {
        "path": {"answer": {"confidence": nan}},
        "logprobs": chat(-0.1, nan),
        "agreement": {"samples": [nan, nan]},
    }
    thread = escalate(sample, SOURCES[name], state[name])
    assert thread.request.finding["needed"] is True
    assert "nan" in thread.request.finding["sentence"].casefold()


@pytest.mark.parametrize("name", SOURCES)
def test_it_combines_with_other_triggers(sample: Driver, name: str) -> None:
    when = below_confidence(0.8, confidence=SOURCES[name]) & over("draft", 5)
    thread = sample.thread(one_gate(human_approval("draft", when=when), schema=State))
    thread.send({"draft": "Paris", **SURE[name]})
    kept = thread.request.finding["parts"][0]
    assert (kept["trigger"], kept["needed"]) == ("below_confidence", False)
    assert kept["details"]["confidence"] == pytest.approx(0.9)


# Samples that are drawn for the review


def drawn(driver: Driver, asked: Asked, **options: Any) -> Thread:
    source = model_agreement(
        CountingModel.of(asked), prompt=ask_again, n=4, answer="draft", **options
    )
    gate = confidence_escalation("draft", confidence=source, revise=shorter)
    thread = driver.thread(one_gate(gate, schema=State))
    thread.send({"draft": "Paris"})
    return thread


def shorter(state: Drafted) -> dict[str, Any]:
    return {"draft": state["draft"][:-1]}


def test_samples_that_agree_let_the_answer_out(sample: Driver) -> None:
    asked = Asked("Paris", "paris.")
    thread = drawn(sample, asked)
    assert thread.record["outcome"] == "auto_approved"
    assert asked.prompts == ["The capital? (Paris)"] * 4


@pytest.mark.parametrize(
    "decisions",
    [(Approve(),), (Edit("Lyon"),), (Reject(),), (Revise("no"), Revise("no"), Approve())],
    ids=lambda decisions: type(decisions[0]).__name__,
)
def test_they_are_drawn_once_for_a_review(sample: Driver, decisions: tuple[Any, ...]) -> None:
    asked = Asked("Paris", "Lyon")
    thread = drawn(sample, asked)
    assert thread.request.finding["sentence"] == "The confidence 0.5 is below 0.8."
    thread.send(None)
    thread.decide(*decisions)
    assert thread.over
    assert len(asked.prompts) == 4


def test_a_sample_that_fails_goes_to_a_person(sample: Driver) -> None:
    asked = Asked("Paris", "Paris", ConnectionError("no answer"), "Paris")
    thread = drawn(sample, asked)
    assert "ConnectionError: no answer" in thread.request.finding["sentence"]


def test_the_cache_of_langchain_does_not_make_them_agree(sample: Driver) -> None:
    asked = Asked("Paris", "Lyon", "Nice", "Lille")
    with cached():
        thread = drawn(sample, asked)
        assert thread.request.finding["sentence"] == "The confidence 0.25 is below 0.8."
    assert len(asked.prompts) == 4


def test_their_tokens_are_no_part_of_the_conversation(sample: Driver) -> None:
    source = model_agreement(CountingModel.of(Asked("Lyon")), prompt=ask_again, answer="draft")
    gate = confidence_escalation("draft", confidence=source)
    thread = sample.thread(one_gate(gate, schema=State))
    assert thread.stream({"draft": "Paris"}, "messages", subgraphs=True) == []


# A message that somebody edits


def two_gates() -> Builder:
    builder: Builder = StateGraph(State)
    first = human_approval(last_message())
    second = confidence_escalation(last_message(), confidence=logprobs())
    add_review(builder, "first", first, approved="second", rejected=END)
    add_review(builder, "second", second, approved=END, rejected=END)
    builder.add_edge(START, "first")
    return builder


def test_log_probabilities_do_not_speak_for_an_edited_message(sample: Driver) -> None:
    thread = sample.thread(two_gates)
    thread.send(chat(-0.01))
    thread.decide(Approve())
    assert thread.record["outcome"] == "auto_approved"

    thread = sample.thread(two_gates)
    thread.send(chat(-0.01))
    thread.decide(Edit("Lyon"))
    sentence = thread.request.finding["sentence"]
    assert sentence.endswith("the tokens with log-probabilities do not spell the message.")
    assert thread.request.subject == "Lyon"


# Imports


def test_importing_loads_no_language_models() -> None:
    """LangGraph itself loads a part of that package; nothing is added to it."""
    code = (
        "import sys, langgraph.graph; before = set(sys.modules); import langgraph_hitl.confidence; "
        "print([name for name in set(sys.modules) - before if 'language_models' in name], "
        "'langchain_core.language_models.chat_models' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[] False"
