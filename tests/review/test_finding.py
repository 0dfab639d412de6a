"""Only a clear yes or no is an answer to whether a person is needed."""

from __future__ import annotations

import json
from collections import UserDict
from dataclasses import replace
from enum import Enum, IntEnum
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import Unreadable
from langgraph_hitl.review import Finding
from langgraph_hitl.review.digest import plain_json
from langgraph_hitl.review.finding import (
    ALWAYS,
    MAX_SENTENCE,
    checked,
    failed,
    finding_of,
    readable,
)
from tests.strategies import JSON, TEXT

SCORES = st.none() | st.floats(0, 1) | st.integers(0, 1)
FACTORS = st.none() | st.dictionaries(
    TEXT, st.floats(allow_nan=False, allow_infinity=False), max_size=3
)
FINDINGS = st.recursive(
    st.builds(
        Finding,
        needed=st.booleans(),
        sentence=TEXT,
        score=SCORES,
        factors=FACTORS,
        trigger=st.none() | TEXT,
        details=st.none() | st.dictionaries(TEXT, JSON, max_size=3),
    ),
    lambda inner: st.builds(
        lambda whole, parts: replace(whole, parts=tuple(parts)),
        st.builds(Finding, needed=st.booleans(), sentence=TEXT),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=5,
)


def test_true_and_false_are_clear() -> None:
    assert finding_of(True) == Finding(needed=True, sentence="The condition for a review holds.")
    assert finding_of(False) == Finding(
        needed=False, sentence="The condition for a review does not hold."
    )


def test_a_name_tells_one_condition_from_another() -> None:
    assert finding_of(True, name="is_large").sentence == "The condition is_large holds."
    assert finding_of(False, name="is_large").sentence == "The condition is_large does not hold."


@pytest.mark.parametrize(
    "unclear",
    [None, 0, 1, "", "no", "False", [], {}, float("nan"), 0.0, object(), b"", NotImplemented],
)
def test_everything_else_is_refused_and_says_what_came(unclear: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        finding_of(unclear)
    kind = "nothing" if unclear is None else type(unclear).__name__
    assert str(caught.value) == f"The condition gave {kind} instead of true or false."
    with pytest.raises(Unreadable, match="The condition is_large gave "):
        finding_of(unclear, name="is_large")


def test_a_coroutine_is_refused_and_closed() -> None:
    async def forgotten() -> bool:
        return False

    coroutine = forgotten()
    with pytest.raises(Unreadable, match="gave coroutine instead"):
        finding_of(coroutine)
    assert getcoroutinestate(coroutine) == CORO_CLOSED


def test_a_finding_is_taken_as_it_is() -> None:
    finding = Finding(
        needed=False,
        sentence="Small.",
        score=0.1,
        factors={"amount": 1.0},
        trigger="size",
        details={"limit": 5},
        parts=(Finding(needed=False, sentence="s"),),
    )
    assert finding_of(finding) == finding


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"score": float("nan")}, "$.score: nan is not a JSON number"),
        ({"sentence": "s\x00"}, "$.sentence: the text contains a NUL character"),
        ({"sentence": "\ud800"}, "$.sentence: the text contains a lone surrogate"),
        ({"factors": {"a": float("inf")}}, "$.factors.a: inf is not a JSON number"),
        ({"score": 2**70}, "$.score: the integer does not fit into 64 bits"),
        ({"details": {"a": object()}}, "$.details.a: object is not JSON"),
        ({"details": 5}, "TypeError"),
        ({"factors": "much"}, "ValueError"),
        ({"parts": ({"needed": True},)}, "AttributeError"),
        ({"parts": 5}, "TypeError"),
        ({"sentence": None}, "the sentence is not a text"),
        ({"sentence": 5}, "the sentence is not a text"),
        ({"trigger": 5}, "the trigger is not a text"),
        ({"score": "high"}, "the score and the factors are not all numbers"),
        ({"score": ""}, "the score and the factors are not all numbers"),
        ({"score": False}, "the score and the factors are not all numbers"),
        ({"score": [1]}, "the score and the factors are not all numbers"),
        ({"factors": {"a": "much"}}, "the score and the factors are not all numbers"),
        ({"factors": {"a": True}}, "the score and the factors are not all numbers"),
        ({"score": 1.2}, "the score is 1.2, outside 0 to 1"),
        ({"score": -0.1}, "the score is -0.1, outside 0 to 1"),
        ({"needed": None}, "needed is neither true nor false"),
        ({"needed": 0}, "needed is neither true nor false"),
        ({"needed": ""}, "needed is neither true nor false"),
        ({"parts": (Finding(needed=True, sentence="s", score=2),)}, "the score is 2, outside"),
    ],
)
def test_a_finding_that_is_not_valid_is_refused_and_says_why(
    broken: dict[str, Any], why: str
) -> None:
    finding = replace(Finding(needed=False, sentence="s"), **broken)
    with pytest.raises(Unreadable) as caught:
        finding_of(finding)
    text = str(caught.value)
    assert text.startswith("The condition gave a finding that is not valid (")
    assert why in text
    plain_json(text)


@pytest.mark.parametrize("score", [0, 0.0, 1, 1.0])
def test_the_score_may_be_at_either_end(score: float) -> None:
    assert finding_of(Finding(needed=True, sentence="s", score=score)).score == score


def test_what_is_nearly_plain_json_becomes_plain() -> None:
    class Word(str, Enum):  # noqa: UP042  # in 3.11 its text differs from that of StrEnum
        LARGE = "large"

    class Size(IntEnum):
        TEN = 10

    found = checked(
        Finding(
            needed=True,
            sentence=Word.LARGE,
            factors=UserDict(a=Size.TEN),
            details={"sizes": (Size.TEN,), Word.LARGE: 1},
        )
    )
    stored = found.to_json()
    assert stored == json.loads(json.dumps(stored))
    assert type(stored["sentence"]) is str
    assert type(stored["factors"]["a"]) is int
    assert stored["details"] == {"sizes": [10], "large": 1}


@given(FINDINGS)
def test_a_finding_comes_back_from_json(finding: Finding) -> None:
    stored = finding.to_json()
    assert plain_json(stored) == stored
    assert Finding.from_json(stored) == finding
    assert Finding.from_json(stored).to_json() == stored


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"needed": True, "sentence": "s", "urgency": 3},
        {"parts": None, "factors": 5, "details": "much"},
        {"parts": [None, 5, {"needed": False}]},
    ],
)
def test_what_another_version_stored_is_no_error(stored: dict[str, Any]) -> None:
    found = Finding.from_json(stored)
    assert found.needed is True
    found.to_json()


def test_only_what_is_set_is_stored() -> None:
    assert ALWAYS.to_json() == {"needed": True, "sentence": "Every case is reviewed."}
    full = Finding(
        needed=True,
        sentence="s",
        score=0.0,
        factors={},
        trigger="t",
        details={},
        parts=(ALWAYS,),
    )
    assert full.to_json() == {
        "needed": True,
        "sentence": "s",
        "score": 0.0,
        "factors": {},
        "trigger": "t",
        "details": {},
        "parts": [{"needed": True, "sentence": "Every case is reviewed."}],
    }


def test_an_error_asks_a_person_who_sees_it() -> None:
    finding = failed(ValueError("no score"))
    assert finding.needed is True
    assert finding.sentence == "The condition failed (ValueError: no score)."
    assert failed(ValueError()).sentence == "The condition failed (ValueError)."


@pytest.mark.parametrize("text", ["x" * 10_000, "a\x00b", "\ud800", "one\ntwo\x1b[31m\u2028three"])
def test_an_error_is_shown_in_one_line_that_can_be_stored(text: str) -> None:
    sentence = failed(ValueError(text)).sentence
    assert len(sentence) < 300
    assert sentence.isprintable()
    plain_json(sentence)


def test_an_error_that_has_no_text_asks_a_person_too() -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("not even this")

    finding = failed(Unprintable())
    assert finding.needed is True
    assert finding.sentence == "The condition failed (Unprintable)."


@given(st.text(max_size=300), st.integers(1, 100))
def test_a_text_of_unknown_origin_is_made_readable(text: str, limit: int) -> None:
    shown = readable(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert shown == shown.strip()
    plain_json(shown)


@pytest.mark.parametrize(
    "facts",
    [{"details": {"a": "x" * 30_000}}, {"factors": dict.fromkeys(map(str, range(9_999)), 0.0)}],
)
def test_what_every_pause_stores_is_bounded(facts: dict[str, Any]) -> None:
    long = checked(Finding(needed=True, sentence="x" * 10_000))
    assert len(long.sentence) == MAX_SENTENCE
    with pytest.raises(Unreadable, match="its factors and details are too large"):
        checked(Finding(needed=False, sentence="s", **facts))
