"""`predicate`: the reviewer reads the sentence instead of the function's name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from typing_extensions import TypedDict

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import predicate
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, condition, found


class State(TypedDict):
    age: int


def is_new(state: State) -> bool:
    return state["age"] < 30


NEW = "The account is new."


def test_the_sentence_says_what_is_the_case() -> None:
    assert found(predicate(is_new, NEW), age=3).to_json() == {
        "needed": True,
        "sentence": "The account is new.",
        "trigger": "predicate",
    }
    assert found(predicate(is_new, NEW), age=300).sentence == "Not so: The account is new."


def test_an_error_or_anything_unclear_asks_a_person() -> None:
    broken = predicate(is_new, NEW)
    for trigger in (broken, ~broken):
        finding = condition(trigger, "age").evaluate({}, None)  # type: ignore[arg-type]  # no clock
        assert finding.needed is True
        assert finding.sentence == "The trigger predicate failed (KeyError: 'age')."
    unclear = predicate(lambda state: None, NEW)  # type: ignore[arg-type,return-value]  # the point
    assert found(~unclear).sentence == (
        "The condition 'The account is new.' gave nothing instead of true or false."
    )


@given(ANYTHING)
@settings(max_examples=scale(1_000), deadline=None)
def test_only_a_clear_no_passes(value: Any) -> None:
    assert found(predicate(lambda state: state["x"], NEW), x=value).needed is (value is not False)
    assert found(~predicate(lambda state: state["x"], NEW), x=value).needed is (value is not True)


def test_the_keys_are_those_of_the_annotation_or_of_reads() -> None:
    assert condition(predicate(is_new, NEW)).keys == {"age"}
    assert condition(predicate(lambda state: True, NEW, reads="age")).keys == {"age"}
    assert condition(predicate(lambda state: True, NEW, reads=["a", "b"])).keys == {"a", "b"}


@pytest.mark.parametrize("function", [None, True, "x", 5])
def test_it_takes_a_function(function: Any) -> None:
    with pytest.raises(GateError, match="predicate takes a function of the state, not "):
        predicate(function, NEW)


def test_it_takes_no_async_function() -> None:
    async def later(state: State) -> bool:
        return True

    with pytest.raises(GateError, match=r"predicate: .*later is async; pass a plain function"):
        predicate(later, NEW)  # type: ignore[arg-type]  # what users do


@pytest.mark.parametrize("sentence", [None, "", "  ", 5, "a\x00b", "\ud800"])
def test_it_takes_a_sentence(sentence: Any) -> None:
    with pytest.raises(GateError, match="the sentence of a predicate "):
        predicate(is_new, sentence)


@pytest.mark.parametrize("reads", [5, [5], [""]])
def test_reads_are_state_keys(reads: Any) -> None:
    with pytest.raises(GateError, match="reads"):
        predicate(is_new, NEW, reads=reads)
