"""Samples that are drawn of a model: fresh ones, and as many as were asked for."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import FakeListLLM
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import (
    ConfigurableField,
    Runnable,
    RunnableBranch,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
)
from pydantic import BaseModel

from langgraph_hitl.confidence import model_agreement
from langgraph_hitl.confidence.samples import uncached
from langgraph_hitl.errors import GateError, Unreadable
from tests.confidence.models import Asked, CountingModel, cached

STATE = {"question": "The capital?", "answer": "Paris"}
ANSWERS = ("Paris", "paris.", "Lyon", "Paris")


def of(model: Any, n: int = 4, **options: Any) -> float:
    source = model_agreement(model, prompt=lambda state: state["question"], n=n, **options)
    found = source(STATE)
    assert isinstance(found, float)
    return found


def test_n_samples_are_drawn_of_one_prompt() -> None:
    asked = Asked(*ANSWERS)
    assert of(CountingModel.of(asked)) == 0.75
    assert asked.prompts == ["The capital?"] * 4


def test_they_are_compared_with_the_answer() -> None:
    assert of(CountingModel.of(Asked(*ANSWERS)), answer="answer") == 0.75
    assert of(CountingModel.of(Asked("Lyon")), answer="answer") == 0.0
    given: dict[str, Any] = {
        "answer": lambda state: state["answer"][:1],
        "normalise": lambda text: text[:1],
    }
    assert of(CountingModel.of(Asked("Prague")), **given) == 1.0


def test_two_are_enough() -> None:
    assert of(CountingModel.of(Asked(*ANSWERS)), n=2) == 1.0
    assert of(CountingModel.of(Asked("raw", "rare")), n=2) == 0.5
    assert of(RunnableLambda(lambda text: {"city": text}), n=2) == 1.0


def test_five_by_default() -> None:
    asked = Asked("x")
    model_agreement(CountingModel.of(asked), prompt=lambda state: "?")(STATE)
    assert len(asked.prompts) == 5


# The cache


def chains(model: Any) -> dict[str, Runnable[Any, Any]]:
    prompt = ChatPromptTemplate.from_messages([("human", "{question}")])
    question: Runnable[str, Any] = RunnableLambda(lambda text: {"question": text})
    return {
        "itself": model,
        "bind": model.bind(stop=["x"]),
        "with_config": model.with_config(tags=["a"]),
        "bind and with_config": model.bind(stop=["x"]).with_config(tags=["a"]),
        "with_retry": model.with_retry(),
        "with_fallbacks": CountingModel.of(Asked(ValueError())).with_fallbacks([model]),
        "configurable": model.configurable_fields(temperature=ConfigurableField(id="t")),
        "alternatives": model.configurable_alternatives(ConfigurableField(id="m"), other=model),
        "sequence": question | prompt | model | StrOutputParser(),
        "parallel": RunnableParallel(raw=model) | RunnableLambda(lambda found: found["raw"]),
        "assign": {"raw": model}
        | RunnablePassthrough.assign(parsed=lambda found: found["raw"].text)
        | RunnableLambda(lambda found: found["parsed"]),
        "branch": RunnableBranch((lambda text: True, model), model),
    }


@pytest.mark.parametrize("name", chains(CountingModel.of(Asked("x"))))
@pytest.mark.parametrize("cache", [None, True])
def test_the_cache_of_langchain_gives_no_copies(name: str, cache: bool | None) -> None:
    asked = Asked(*ANSWERS)
    with cached() as store:
        assert of(chains(CountingModel.of(asked, cache=cache))[name]) == 0.75
        assert len(asked.prompts) == 4
        assert not store._cache


def test_a_cache_of_the_model_itself_gives_no_copies() -> None:
    asked = Asked(*ANSWERS)
    with cached() as store:
        model = CountingModel.of(asked, cache=store)
    assert of(model) == 0.75
    assert len(asked.prompts) == 4


def test_a_text_model_is_not_cached_either() -> None:
    with cached():
        assert of(FakeListLLM(responses=list(ANSWERS))) == 0.75


def test_the_model_that_was_passed_keeps_its_cache() -> None:
    model = CountingModel.of(Asked("x"), cache=True)
    copy = uncached(model)
    assert (model.cache, copy.cache) == (True, False)
    assert uncached(StrOutputParser()) == StrOutputParser()


def test_what_holds_no_model_stays_as_it_is() -> None:
    function: Runnable[Any, Any] = RunnableLambda(lambda text: text)
    chain = ChatPromptTemplate.from_messages([("human", "{a}")]) | function
    assert uncached(chain) is chain
    assert uncached(function) is function


def test_a_model_inside_a_function_is_not_trusted_beside_a_cache() -> None:
    model = CountingModel.of(Asked(*ANSWERS))
    hidden: Runnable[str, str] = RunnableLambda(lambda text: str(model.invoke(text).text))
    assert of(hidden) == 0.75
    with cached(), pytest.raises(Unreadable, match="LangChain's cache is set"):
        of(hidden)


def test_copies_are_known_by_their_id() -> None:
    model = CountingModel.of(Asked(*ANSWERS), cache=True)
    with cached(), pytest.raises(Unreadable, match="LangChain's cache is set"):
        of(RunnableLambda(model.invoke))
    same = AIMessage("Paris", id="1")
    with pytest.raises(Unreadable, match="two of the samples are the same message"):
        of(RunnableLambda(lambda text: same))
    with pytest.raises(Unreadable, match="two of the samples are the same message"):
        of(RunnableLambda(lambda text: {"raw": same, "parsed": 1, "parsing_error": None}))


# Settings that make all samples alike


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"temperature": 0}, "CountingModel has the temperature 0"),
        ({"temperature": 0.0}, "CountingModel has the temperature 0"),
        ({"seed": 7}, "CountingModel has a fixed seed"),
        ({"seed": 0}, "CountingModel has a fixed seed"),
    ],
)
def test_samples_that_could_not_differ_are_an_error(fields: dict[str, Any], why: str) -> None:
    model = CountingModel.of(Asked("x"), **fields)
    for each in (model, model.with_config(tags=["a"]), model | StrOutputParser()):
        with pytest.raises(GateError, match=why):
            of(each)
    with pytest.raises(GateError, match=why):
        of(CountingModel.of(Asked("x")).bind(**fields))


def test_what_is_bound_overrides_the_model() -> None:
    frozen = CountingModel.of(Asked("x"), temperature=0, seed=1)
    assert of(frozen.bind(temperature=0.7, seed=None)) == 1.0
    assert of(frozen.bind(temperature=0, seed=1).bind(temperature=0.7, seed=None)) == 1.0
    with pytest.raises(GateError, match="temperature 0"):
        of(frozen.bind(temperature=0.7).bind(temperature=0, seed=None))


def test_what_is_configured_at_run_time_is_not_judged_before() -> None:
    frozen = CountingModel.of(Asked("x"), temperature=0)
    assert of(frozen.configurable_fields(temperature=ConfigurableField(id="t"))) == 1.0
    bound = frozen.bind(temperature=0)
    assert of(bound.configurable_fields(kwargs=ConfigurableField(id="k"))) == 1.0


# Errors and options


def test_one_failing_sample_fails_all() -> None:
    asked = Asked("Paris", "Paris", ConnectionError("no answer"), "Paris")
    with pytest.raises(ConnectionError, match="no answer"):
        of(CountingModel.of(asked))


def test_a_sample_that_could_not_be_parsed() -> None:
    class City(BaseModel):
        name: str

    answers = iter([City(name="Paris"), None, City(name="Paris"), City(name="Paris")])
    with pytest.raises(Unreadable, match="one of the samples is empty"):
        of(RunnableLambda(lambda text: next(answers)))


def test_structured_samples_are_compared_by_their_fields() -> None:
    class City(BaseModel):
        name: str

    parser: Runnable[AIMessage, City] = RunnableLambda(lambda message: City(name=str(message.text)))
    assert of(CountingModel.of(Asked("a", "b", "a", "a")) | parser) == 0.75


async def asynchronous(state: Any) -> str:
    return "?"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"n": 1}, "n must be a whole number of at least 2, not 1"),
        ({"n": 0}, "n must be"),
        ({"n": True}, "n must be"),
        ({"n": 2.0}, "n must be"),
        ({"prompt": "?"}, "prompt must be a function from the state to messages"),
        ({"prompt": asynchronous}, "pass a plain function"),
        ({"normalise": 5}, "normalise must be a function"),
        ({"answer": 5}, "answer must be a state key"),
        ({"model": lambda text: text}, "takes a chat model or another runnable"),
        ({"model": RunnableLambda(asynchronous)}, "is async"),
    ],
)
def test_options_that_could_not_work(options: dict[str, Any], why: str) -> None:
    given: dict[str, Any] = {"model": CountingModel.of(Asked("x")), "prompt": lambda state: "?"}
    given |= options
    with pytest.raises(GateError, match=why):
        model_agreement(given.pop("model"), **given)
