"""Triggers combine with each other and with plain functions, and refuse what has no meaning."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from operator import and_, or_
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda
from typing_extensions import TypedDict

from langgraph_hitl import human_approval
from langgraph_hitl.errors import GateError
from langgraph_hitl.review import Finding
from langgraph_hitl.triggers import (
    Trigger,
    always,
    below_confidence,
    complexity_above,
    factor,
    flagged,
    never,
    over,
    predicate,
    risk_at_least,
    sampled,
    weighted,
)
from langgraph_hitl.triggers.trigger import AllOf, AnyOf, Leaf, trigger_of


class State(TypedDict):
    confidence: float
    amount: float


def is_large(state: State) -> bool:
    return state["amount"] > 1000


class IsSmall:
    def __call__(self, state: State) -> bool:
        return state["amount"] < 10


LARGE: dict[str, Any] = {"confidence": 0.9, "amount": 2000}
SMALL: dict[str, Any] = {"confidence": 0.9, "amount": 5}


def test_plain_functions_stand_on_either_side() -> None:
    """Also a test of the types: this file is checked with mypy --strict."""
    low = below_confidence(0.8)
    either: Trigger = low | is_large
    other: Trigger = is_large | low
    both: Trigger = ~low & is_large
    all_of_them: Trigger = (lambda state: True) & low & (lambda state: state["amount"] > 1)
    lone: Trigger = below_confidence(0.8) | (lambda state: True)
    of_key: Trigger = below_confidence(confidence=lambda state: 0.5) | IsSmall()
    assert either(LARGE).sentence == other(LARGE).sentence == "The condition is_large holds."
    assert both(LARGE).needed is True
    assert all_of_them(LARGE).needed is False
    assert lone(LARGE).sentence == "The condition for a review holds."
    assert of_key(LARGE).needed is True
    human_approval("draft", when=low | is_large)
    human_approval("draft", when=is_large)


def test_a_function_is_named_by_its_name_its_class_or_not_at_all() -> None:
    for given, sentence in (
        (is_large, "The condition is_large does not hold."),
        (IsSmall(), "The condition IsSmall holds."),
        (partial(is_large), "The condition is_large does not hold."),
        (partial(IsSmall()), "The condition IsSmall holds."),
        (lambda state: False, "The condition for a review does not hold."),
    ):
        part = (never() | given)(SMALL).parts[1]
        assert part.sentence == sentence
        assert part.trigger is None


@pytest.mark.parametrize("use", [bool, lambda a: a and a, lambda a: a or a, lambda a: not a])
def test_words_instead_of_signs_are_an_error_with_the_cure(use: Callable[[Any], Any]) -> None:
    for trigger in (flagged("x"), flagged("x") & always(), ~flagged("x")):
        with pytest.raises(GateError, match=r"combine triggers with &, \| and ~, not with and, or"):
            use(trigger)


def test_an_if_is_an_error_with_the_cure() -> None:
    with pytest.raises(GateError, match="a trigger is neither true nor false"):
        assert flagged("x")


@pytest.mark.parametrize("other", [None, True, 5, "x", {"x"}, {"x": 1}, [], object()])
def test_what_cannot_be_called_cannot_be_combined(other: Any) -> None:
    trigger = flagged("x")
    for combine in (and_, or_):
        for sides in ((trigger, other), (other, trigger)):
            with pytest.raises(GateError, match="other side must be a function of the state or a"):
                combine(*sides)


async def later(state: State) -> bool:
    return True


class Later:
    async def __call__(self, state: State) -> bool:
        return True


@pytest.mark.parametrize("other", [later, Later(), partial(later)])
def test_an_async_function_cannot_be_combined(other: Any) -> None:
    for combine in (and_, or_):
        for sides in ((flagged("x"), other), (other, flagged("x"))):
            with pytest.raises(GateError, match="is async; pass a plain function"):
                combine(*sides)


def test_a_source_is_no_trigger() -> None:
    with pytest.raises(GateError, match="a source gives a value, not whether to ask"):
        flagged("x") | weighted(factor("a", "a"))
    with pytest.raises(GateError, match="when: a source gives a value"):
        trigger_of(weighted(factor("a", "a")))


def test_a_runnable_is_no_trigger() -> None:
    with pytest.raises(GateError, match="not a RunnableLambda"):
        flagged("x") | RunnableLambda(is_large)  # type: ignore[operator]  # what users do


def test_a_preset_that_was_not_called_is_an_error_or_asks() -> None:
    with pytest.raises(GateError, match="takes no parameter"):
        (flagged("x") | always)({})  # type: ignore[operator]  # what users do
    assert (~flagged("x") & below_confidence)({"x": False}).needed is True


def test_a_trigger_of_ones_own_is_refused_with_the_cure() -> None:
    class Mine(Trigger):
        pass

    with pytest.raises(GateError, match="a Mine is no trigger of this package; pass a plain funct"):
        (Mine() | flagged("x"))({})


def test_double_negation_and_chains_stay_flat() -> None:
    a, b, c = flagged("a"), flagged("b"), flagged("c")
    assert ~~a is a
    for chain in ((a | b) | c, a | (b | c), AnyOf(AnyOf(a, b), c)):
        assert isinstance(chain, AnyOf)
        assert chain.sides == (a, b, c)
    for chain in ((a & b) & c, a & (b & c)):
        assert isinstance(chain, AllOf)
        assert chain.sides == (a, b, c)
    mixed = (a & b) | c
    assert isinstance(mixed, AnyOf)
    assert mixed.sides[1] is c


def test_a_trigger_is_written_as_it_was_built() -> None:
    salt = b"a secret that nobody sees"
    assert repr(below_confidence(0.8) & ~flagged("legal")) == (
        "below_confidence(0.8) & ~flagged('legal')"
    )
    assert repr(~(always() | never()) & (over("a.b", 5) | is_large)) == (
        "~(always() | never()) & (over('a.b', 5) | is_large)"
    )
    assert repr((always() & never()) | ~(always() & never())) == (
        "always() & never() | ~(always() & never())"
    )
    assert repr(risk_at_least("high") | risk_at_least(0.5) | complexity_above(0.7)) == (
        "risk_at_least('high') | risk_at_least(0.5) | complexity_above(0.7)"
    )
    assert repr(predicate(is_large, "It is large.")) == "predicate('It is large.')"
    assert repr(always() | (lambda state: True) | IsSmall()) == "always() | a function | IsSmall"
    assert repr(flagged("a", "b", optional=True)) == "flagged('a', 'b')"
    assert repr(sampled(0.1, item_id="id", salt=salt)).startswith("sampled(0.1, salt='salt-")
    assert repr(
        Leaf(name="mine", judge=lambda values, now: Finding(needed=True, sentence="S."))
    ) == ("mine(...)")


def test_copies_of_a_trigger_are_the_trigger() -> None:
    for trigger in (flagged("x"), flagged("x") & is_large, ~flagged("x") | always()):
        assert copy.copy(trigger) is trigger
        assert copy.deepcopy(trigger) is trigger
        assert copy.deepcopy({"when": [trigger]})["when"][0] is trigger


def test_a_trigger_that_holds_functions_cannot_be_pickled_and_says_so() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(below_confidence() | is_large)


def test_triggers_are_equal_only_to_themselves() -> None:
    a, b = flagged("x"), flagged("x")
    assert a == a  # the point
    assert a != b
    assert len({a, b, a}) == 2
    assert trigger_of(is_large) == trigger_of(is_large)
    assert trigger_of(is_large) != trigger_of(IsSmall())


def test_a_trigger_is_tried_without_a_graph() -> None:
    moments: list[datetime] = []

    def judge(_values: Any, now: datetime) -> Finding:
        moments.append(now)
        return Finding(needed=True, sentence="S.")

    at = datetime(2026, 6, 1, tzinfo=UTC)
    clock = Leaf(name="clock", judge=judge)
    clock({}, at=at)
    clock({})
    assert moments[0] == at
    assert moments[1].tzinfo is UTC
    with pytest.raises(GateError, match="at= must have a time zone"):
        clock({}, at=datetime(2026, 6, 1))  # the point
    for wrong in (5, "2026-06-01", at.date()):
        with pytest.raises(GateError, match="at= must be a datetime with a time zone, not "):
            clock({}, at=wrong)  # type: ignore[arg-type]  # what users do


@pytest.mark.parametrize("given", [None, 5, "x", object(), ["x"] * 100_000])
def test_what_is_neither_function_nor_trigger_is_a_short_error(given: Any) -> None:
    with pytest.raises(
        GateError, match=r"^when must be a function of the state or a trigger, not "
    ) as caught:
        trigger_of(given)
    assert len(str(caught.value)) < 200
