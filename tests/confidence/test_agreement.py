"""The confidence in how many samples say the same."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel

from langgraph_hitl.confidence import agreement
from langgraph_hitl.confidence.agreement import same_text
from langgraph_hitl.errors import GateError, Unreadable
from tests.strategies import JSON


def share(*samples: Any, **options: Any) -> float:
    found = agreement("votes", **options)({"votes": list(samples)})
    assert isinstance(found, float)
    return found


def against(answer: Any, *samples: Any, **options: Any) -> float:
    source = agreement("votes", answer="answer", **options)
    found = source({"votes": list(samples), "answer": answer})
    assert isinstance(found, float)
    return found


def why(samples: Any, **options: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        agreement("votes", **options)({"votes": samples, "answer": None})
    return str(caught.value)


# The share


def test_the_share_of_the_most_frequent_sample() -> None:
    assert share("a", "b", "a", "c") == 0.5
    assert share("a", "a") == 1.0
    assert share("a", "b") == 0.5
    assert share(*"abcde") == 0.2


def test_the_share_that_agrees_with_the_answer() -> None:
    assert against("a", "a", "b", "a", "c") == 0.5
    assert against("b", "a", "b", "a", "c") == 0.25
    assert against("d", "a", "b", "a", "c") == 0.0


def test_the_answer_may_come_from_a_function() -> None:
    source = agreement(lambda state: state["votes"], answer=lambda state: state["draft"]["city"])
    assert source({"votes": ["Paris", "Lyon"], "draft": {"city": "Lyon"}}) == 0.5


@given(st.lists(st.integers(0, 3), min_size=2, max_size=9), st.integers(0, 4))
def test_a_share_is_a_count_over_the_number_of_samples(votes: list[int], answer: int) -> None:
    counts = Counter(votes)
    assert share(*votes) == max(counts.values()) / len(votes)
    assert against(answer, *votes) == counts[answer] / len(votes)


# What agrees


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paris", "paris"),
        ("Paris.", "Paris"),
        ("Paris!", "Paris"),
        ("Paris...", "Paris"),
        ("It is  Paris", "It is\n\tParis "),
        ("STRASSE", "straße"),
        ("Café", "Cafe\u0301"),
        (True, True),
        (1, 1.0),
        (0, -0.0),
        ([1, {"a": 2}], [1.0, {"a": 2.0}]),
        ({"a": 1, "b": [True, None]}, {"b": [True, None], "a": 1}),
        ((1, 2), [1, 2]),
        ("Paris", AIMessage("Paris.")),
        ("Paris", {"type": "ai", "content": "paris"}),
        ("Paris", AIMessage([{"type": "text", "text": "Paris"}])),
    ],
)
def test_equal_answers(one: Any, other: Any) -> None:
    assert share(one, other) == 1.0
    assert against(one, other, other) == 1.0
    assert against(other, one, one) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paris", "Lyon"),
        ("Paris", "Paris?"),
        ("5", "5%"),
        ("1.5", "15"),
        ("-5", "5"),
        ("not Paris", "Paris"),
        ("yes", "yes, but"),
        (1, True),
        (0, False),
        (True, False),
        (1, "1"),
        ([True], [1]),
        ({"a": True}, {"a": 1}),
        ([1, 2], [2, 1]),
        ([1], 1),
        ({"a": "Paris"}, {"a": "paris"}),
        ({"a": None, "b": 1}, {"b": 1}),
        (2**53 + 1, float(2**53)),
        ([["boolean", True]], [True]),
    ],
)
def test_different_answers(one: Any, other: Any) -> None:
    assert share(one, other) == 0.5
    assert against(one, other, other) == 0.0


@given(JSON.filter(lambda value: not isinstance(value, str)))
def test_every_json_value_with_something_in_it_agrees_with_itself(value: Any) -> None:
    assert share([value, 0], [value, 0], {"other": [value, 0]}) == 2 / 3


def test_objects_of_pydantic_are_their_fields() -> None:
    class City(BaseModel):
        name: str

    assert share(City(name="Paris"), {"name": "Paris"}) == 1.0


@given(st.text(max_size=30))
def test_texts_are_compared_in_one_form(text: str) -> None:
    once = same_text(text)
    assert same_text(once) == once or once != once.rstrip(".!…。！ ")
    assert same_text(f"  {text}\n") == once


# A function of one's own


def test_a_function_finds_what_is_compared() -> None:
    def number(text: str) -> int | None:
        digits = [word for word in text.rstrip(".").split() if word.isdigit()]
        return int(digits[-1]) if digits else None

    options: dict[str, Any] = {"normalise": number}
    assert share("It is 42", "After long thought: 42.", "41", **options) == 2 / 3
    assert against("42", "It is 42", "41 or 42", **options) == 1.0
    assert "nothing to compare in the sample 'none'" in why(["It is 42", "none"], **options)


def test_it_gets_the_text_of_a_message() -> None:
    assert share(AIMessage("A1"), AIMessage("A2"), normalise=lambda text: text[0]) == 1.0


def test_it_gets_an_object_as_a_dict() -> None:
    found = share({"a": 1, "why": "x"}, {"a": 1, "why": "y"}, normalise=lambda answer: answer["a"])
    assert found == 1.0


def test_samples_that_all_have_nothing_do_not_agree() -> None:
    assert "nothing to compare" in why(["x", "x"], normalise=lambda text: None)


NOTHING: list[Any] = [
    *("", " \n", "\u200b", "\ufeff\u2060", "\u034f\ufe0f"),
    *("\u00a0\u3000", "\u2028", "\x07", "\u3164"),
    *([], {}, (), [""], [None, []], {"amount": None, "payee": ""}, [[{}]], ("\u200b",)),
]


@pytest.mark.parametrize("nothing", NOTHING, ids=ascii)
def test_samples_in_which_a_function_finds_nothing_do_not_agree(nothing: Any) -> None:
    found: dict[str, Any] = {"normalise": lambda text: 5 if text == "5" else nothing}
    assert "nothing to compare in the sample 'No idea'" in why(["No idea", "No idea"], **found)
    assert "nothing to compare in the sample 'No idea'" in why(["5", "5", "No idea"], **found)
    source = agreement("votes", answer="answer", **found)
    with pytest.raises(Unreadable, match="nothing to compare in the sample 'Pay it'"):
        source({"votes": ["5", "5"], "answer": "Pay it"})


def test_answers_without_a_digit_do_not_agree_on_a_number() -> None:
    votes = ["I cannot tell", "It depends", "No idea"]
    source = agreement("votes", answer="answer", normalise=lambda text: re.sub(r"\D", "", text))
    with pytest.raises(Unreadable, match="nothing to compare"):
        source({"votes": votes, "answer": "Transfer everything"})


@pytest.mark.parametrize("nothing", NOTHING, ids=ascii)
@pytest.mark.parametrize("normalise", [None, lambda value: "x"], ids=["as it is", "normalised"])
def test_samples_that_show_nothing_do_not_agree(nothing: Any, normalise: Any) -> None:
    reason = why([nothing, nothing], normalise=normalise)
    assert "nothing to compare" in reason or "one of the samples is empty" in reason


@pytest.mark.parametrize("something", [0, False, [0], {"found": False}, ["", "a"], "👍", "-", "五"])
def test_little_is_something(something: Any) -> None:
    assert share(something, something) == 1.0
    assert share("a", "a", normalise=lambda text: something) == 1.0


def test_control_characters_do_not_get_into_the_sentence() -> None:
    assert why([{"a\x1b[2J\nb": float("nan")}] * 2).isprintable()
    assert why(["a\x1b[2J\nb"] * 2, normalise=lambda text: None).isprintable()
    strange = type("a\x1b[2J\nb", (), {})()
    assert why([strange] * 2).isprintable()
    assert why(["a", "b"], normalise=lambda text: strange).isprintable()
    assert why(strange).isprintable()


@pytest.mark.parametrize("result", [float("nan"), {1, 2}, object(), b"x", {1: 2}])
def test_it_gives_json(result: Any) -> None:
    assert "a sample cannot be compared" in why(["x", "x"], normalise=lambda text: result)


def test_its_error_is_the_error() -> None:
    with pytest.raises(ZeroDivisionError):
        share("a", "b", normalise=lambda text: 1 / 0)


async def _asynchronous(text: str) -> str:
    return text


@pytest.mark.parametrize("normalise", [5, "casefold", _asynchronous])
def test_it_is_a_plain_function(normalise: Any) -> None:
    with pytest.raises(GateError, match="normalise"):
        agreement("votes", normalise=normalise)


# What does not tell


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (None, "The confidence is missing: there are no samples."),
        ([], "missing: agreement takes at least 2 samples, not 0"),
        (["a"], "missing: agreement takes at least 2 samples, not 1"),
        ("aa", "the samples are 'aa', which is not a list"),
        ({"a": 1}, "which is not a list"),
        (["a", None], "one of the samples is empty"),
        (["a", ""], "one of the samples is empty"),
        (["a", " "], "one of the samples is empty"),
        (["..."] * 2, "there is nothing to compare in the sample '...'"),
        ([AIMessage(""), AIMessage("")], "the message has no text"),
        ([AIMessage("a"), HumanMessage("a")], "of the kind 'human', not the model's"),
        ([float("nan")] * 2, "a sample cannot be compared"),
        ([{"a": float("inf")}] * 2, "a sample cannot be compared"),
        ([object()] * 2, "a sample cannot be compared"),
        ([{"raw": 1, "parsed": None, "parsing_error": None}] * 2, "could not be parsed"),
    ],
)
def test_what_is_no_list_of_samples(samples: Any, reason: str) -> None:
    assert reason in why(samples)


def test_an_answer_that_is_missing() -> None:
    assert "there is no answer to compare the samples with" in why(["a", "a"], answer="answer")


def test_what_calls_tools_is_not_compared_by_its_text() -> None:
    calls = [{"name": "pay", "args": {"amount": 5}, "id": "1"}]
    samples = [AIMessage("Done", tool_calls=calls), AIMessage("Done")]
    assert "calls tools" in why(samples)


def test_copies_of_one_message_are_no_samples() -> None:
    same = AIMessage("Paris", id="run-1")
    assert "two of the samples are the same message" in why([same, same, AIMessage("x", id="2")])
    assert "two of the samples are the same message" in why([same, same.model_dump()])
    assert share(AIMessage("Paris", id="1"), AIMessage("Paris", id="2")) == 1.0
    assert share(AIMessage("Paris"), AIMessage("Paris")) == 1.0
