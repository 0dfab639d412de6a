"""`from_model`: a level, a score or factors that a model is asked for, once."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph.message import add_messages
from pydantic import BaseModel

from langgraph_hitl import Approve, Edit, Reject, ReviewState, Revise, human_approval
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers import (
    Trigger,
    below_confidence,
    complexity_above,
    from_model,
    over,
    risk_at_least,
)
from tests.apps import one_gate
from tests.confidence.models import Asked, CountingModel
from tests.drivers import Driver, Thread


class State(ReviewState, total=False):
    """What the gates of these tests read."""

    draft: str
    amount: float
    messages: Annotated[list[AnyMessage], add_messages]
    ran: Annotated[list[str], operator.add]


class Draft(ReviewState, total=False):
    draft: str


def ask_about(state: Draft) -> str:
    return f"How risky is this? {state['draft']}"


def answering(answer: Any) -> Runnable[Any, Any]:
    return RunnableLambda(lambda _: answer)


def risk(answer: Any, field: str | None = None) -> str:
    source = from_model(answering(answer), prompt=ask_about, field=field)
    return risk_at_least("medium", risk=source)({"draft": "Pay"}).sentence


# What it gives


def test_the_prompt_gets_the_state_and_the_model_its_result() -> None:
    asked = Asked("high")
    source = from_model(CountingModel.of(asked), prompt=ask_about)
    assert source({"draft": "Pay"}) == "high"
    assert asked.prompts == ["How risky is this? Pay"]


def test_the_prompt_may_give_messages() -> None:
    asked = Asked("high")
    source = from_model(
        CountingModel.of(asked), prompt=lambda state: [HumanMessage(state["draft"])]
    )
    assert source({"draft": "Pay"}) == "high"
    assert asked.prompts == ["Pay"]


def test_a_chain_is_a_model_too() -> None:
    template = ChatPromptTemplate.from_messages([("human", "Rate {text}")])
    asked = Asked('{"risk": 0.7}')
    source = from_model(
        template | CountingModel.of(asked),
        prompt=lambda state: {"text": state["draft"]},
        field="risk",
    )
    assert source({"draft": "Pay"}) == 0.7
    assert asked.prompts == ["Rate Pay"]


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ("High", None, "The risk is high, at least medium."),
        (AIMessage("**low**"), None, "The risk is low, below medium."),
        ("0.42", None, "The risk is medium (0.42), at least medium."),
        ({"level": "low"}, "level", "The risk is low, below medium."),
        ('```json\n{"score": 0.1}\n```', "score", "The risk is low (0.1), below medium."),
        (None, None, "The model gave no answer."),
        ("", None, "The model's answer has no text."),
        ("none at all", None, "The risk is 'none at all', which is none of low, medium,"),
        ("NaN", None, "The risk is 'NaN', which is none of"),
        ("1.2", None, "The risk is 1.2, outside 0 to 1."),
        ({"level": None}, "level", "The risk is missing."),
        ({}, "level", "The model's answer has no level: {}."),
        ({"level": float("nan")}, "level", "The risk is "),
        ("low, I think", "level", "The model's answer is not JSON"),
        ({"raw": 1, "parsed": None, "parsing_error": None}, "level", "could not be parsed"),
    ],
)
def test_a_level_or_a_score(answer: Any, field: str | None, sentence: str) -> None:
    assert sentence in risk(answer, field)


def test_factors_of_a_structured_output() -> None:
    class Complexity(BaseModel):
        ambiguity: float
        confidence: float
        reasoning: str

    found = Complexity(ambiguity=0.9, confidence=0.3, reasoning="...")
    source = from_model(answering(found), prompt=ask_about)
    assert complexity_above(0.7, factors=source)({"draft": "Pay"}).score == 0.8
    text = from_model(answering(found.model_dump_json()), prompt=ask_about)
    assert complexity_above(0.7, factors=text)({"draft": "Pay"}).score == 0.8


def test_an_error_of_the_model_asks_and_is_shown() -> None:
    source = from_model(CountingModel.of(Asked(ConnectionError("no answer"))), prompt=ask_about)
    found = risk_at_least("high", risk=source)({"draft": "Pay"})
    assert found.needed
    assert "risk_at_least failed (ConnectionError: no answer)" in found.sentence


def test_called_with_a_state_it_raises_what_was_wrong() -> None:
    with pytest.raises(Unreadable, match="no answer"):
        from_model(answering(None), prompt=ask_about)({"draft": "Pay"})


# Options


async def asynchronous(state: Draft) -> str:
    return "?"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"model": lambda text: text}, "from_model takes a chat model or another runnable"),
        ({"model": "gpt"}, "from_model takes a chat model or another runnable"),
        ({"model": RunnableLambda(asynchronous)}, "is async; pass one that can be invoked"),
        ({"prompt": "Rate it"}, "prompt must be a function from the state to messages"),
        ({"prompt": asynchronous}, "prompt: asynchronous is async"),
        ({"field": ""}, "field must be the name of a field"),
        ({"field": 5}, "field must be the name of a field"),
    ],
)
def test_what_could_not_work_is_an_error(options: dict[str, Any], why: str) -> None:
    given: dict[str, Any] = {"model": answering("low"), "prompt": ask_about} | options
    with pytest.raises(GateError, match=why):
        from_model(given.pop("model"), **given)


def test_the_keys_of_a_prompt_without_an_annotation_are_declared() -> None:
    def gate(**options: Any) -> None:
        source = from_model(answering("low"), prompt=lambda state: state["draft"], **options)
        human_approval("draft", when=risk_at_least("high", risk=source))

    gate(reads="draft")
    gate(reads=["draft"])
    with pytest.raises(GateError, match="prompt: which state keys does"):
        gate()


# In a graph


def paused(driver: Driver, when: Trigger, **options: Any) -> Thread:
    def shorter(state: Draft) -> dict[str, Any]:
        return {"draft": state["draft"][:-1]}

    gate = human_approval("draft", when=when, revise=shorter, **options)
    thread = driver.thread(one_gate(gate, schema=State))
    thread.send({"draft": "Pay 5,000", "amount": 5000, "messages": [HumanMessage("?")]})
    return thread


def at_least_medium(asked: Asked) -> Trigger:
    return risk_at_least("medium", risk=from_model(CountingModel.of(asked), prompt=ask_about))


def test_a_model_that_sees_no_risk_lets_the_subject_pass(sample: Driver) -> None:
    asked = Asked("low")
    thread = paused(sample, at_least_medium(asked))
    assert thread.record["outcome"] == "auto_approved"
    assert thread.record["finding"]["sentence"] == "The risk is low, below medium."
    assert thread.ran == ["act:Pay 5,000"]
    assert len(asked.prompts) == 1


@pytest.mark.parametrize(
    "answer", [None, "", "none", "NaN", "1.2", '{"risk": "low"', TimeoutError()]
)
def test_an_answer_that_does_not_tell_asks(sample: Driver, answer: Any) -> None:
    model = CountingModel.of(Asked(answer)) if answer is not None else answering(None)
    thread = paused(sample, risk_at_least("medium", risk=from_model(model, prompt=ask_about)))
    assert thread.request.finding["needed"] is True
    assert thread.ran == []


@pytest.mark.parametrize(
    "decisions",
    [
        (Approve(),),
        (Edit("Pay 50"),),
        (Reject("no"),),
        (Revise("shorter"), Approve()),
        (Revise("shorter"), Revise("shorter"), Edit("Pay 50")),
    ],
    ids=lambda decisions: "-".join(type(each).__name__ for each in decisions),
)
def test_it_is_called_once_for_a_review(sample: Driver, decisions: tuple[Any, ...]) -> None:
    asked = Asked("high", "low")
    thread = paused(sample, at_least_medium(asked))
    thread.send(None)
    assert thread.request.finding["sentence"] == "The risk is high, at least medium."
    thread.decide(*decisions)
    assert thread.over
    assert asked.prompts == ["How risky is this? Pay 5,000"]
    assert thread.record["finding"]["sentence"] == "The risk is high, at least medium."


def test_two_triggers_of_a_gate_share_one_call(sample: Driver) -> None:
    asked = Asked("0.5", "0.9")
    source = from_model(CountingModel.of(asked), prompt=ask_about)
    when = risk_at_least("high", risk=source) | below_confidence(0.6, confidence=source)
    thread = paused(sample, when & over("amount", 10))
    assert [part.get("score") for part in thread.request.finding["parts"]] == [0.5, 0.5, None]
    thread.decide(Revise("shorter"), Approve())
    assert thread.over
    assert len(asked.prompts) == 1


def test_a_score_that_does_not_come_from_the_model_is_scored_again(sample: Driver) -> None:
    asked = Asked("high")
    when = at_least_medium(asked) | risk_at_least(0.5, risk=lambda state: len(state["draft"]) / 20)
    thread = paused(sample, when, reads=("draft",))
    thread.decide(Revise("shorter"))
    kept, again = thread.request.finding["parts"]
    assert kept["needed"]
    assert kept["sentence"] == "The risk is high, at least medium."
    assert again["score"] < 0.5
    assert not again["needed"]
    assert len(asked.prompts) == 1


def test_its_tokens_are_no_part_of_the_conversation(sample: Driver) -> None:
    gate = human_approval("draft", when=at_least_medium(Asked("high")))
    thread = sample.thread(one_gate(gate, schema=State))
    chunks = thread.stream({"draft": "Pay 5,000"}, "messages", subgraphs=True)
    assert chunks == []
    assert thread.request.finding["needed"] is True
