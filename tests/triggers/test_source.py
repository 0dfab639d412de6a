"""Sources: state keys, paths into their values, functions, and what is derived of them."""

from __future__ import annotations

from collections import UserDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from pydantic import BaseModel
from typing_extensions import TypedDict

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers import Source, flagged, over, weighted
from langgraph_hitl.triggers.factors import factor
from langgraph_hitl.triggers.source import (
    Derived,
    Function,
    Path,
    checked_keys,
    checked_text,
    source_of,
)
from tests.scale import scale
from tests.triggers.hostile import ANYTHING


class Small(TypedDict):
    a: int


class Model(BaseModel):
    a: int


class Price(BaseModel):
    price: float


@dataclass
class Payment:
    amount: float
    _hidden: float = 5.0

    def method(self) -> bool:
        return True

    @property
    def doubled(self) -> float:
        return self.amount * 2

    @property
    def broken(self) -> float:
        raise LookupError("no rate")


class Pair(NamedTuple):
    left: int
    right: int


# Paths


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("whole", {"amount": 7}),
        ("whole.amount", 7),
        ("items.0.price", 3),
        ("items.-1.price", 4),
        ("items.2.price", None),
        ("items.-3", None),
        ("tuple.1", "b"),
        ("absent", None),
        ("absent.amount", None),
        ("whole.absent", None),
        ("whole.absent.deeper", None),
        ("none.amount", None),
        ("model.price", 2.5),
        ("record.amount", 9),
        ("record.doubled", 18),
        ("pair.right", 2),
        ("pair.1", 2),
        ("mapping.a", 1),
        ("default.a", None),
        ("message.content", "Hello"),
        ("keys.0", "text key"),
        ("whole.0", None),
    ],
)
def test_a_path_leads_into_a_value(path: str, value: Any) -> None:
    state: dict[str, Any] = {
        "whole": {"amount": 7},
        "items": [{"price": 3}, {"price": 4}],
        "tuple": ("a", "b"),
        "none": None,
        "model": Price(price=2.5),
        "record": Payment(9),
        "pair": Pair(1, 2),
        "mapping": UserDict(a=1),
        "default": defaultdict(list),
        "message": AIMessage("Hello"),
        "keys": {"0": "text key", 0: "number key"},
    }
    assert Path(path)(state) == value
    assert state["default"] == {}


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        ("x.high_risk", "a text", "a str"),
        ("x.high_risk", 5, "an int"),
        ("x.high_risk", [{"high_risk": True}], "a list"),
        ("x.0", "a text", "a str"),
        ("x.0", 5, "an int"),
        ("x.1e3", [], "a list"),
        ("x.--1", [1], "a list"),
        ("x.²", [1], "a list"),
        ("x.amuont", Payment(9), "a Payment"),
        ("x.method", Payment(9), "a Payment"),
        ("x._hidden", Payment(9), "a Payment"),
        ("x.__class__", Payment(9), "a Payment"),
        ("x.a.b", {"a": "text"}, "a str"),
    ],
)
def test_a_way_that_cannot_lead_anywhere_is_unreadable(path: str, value: Any, kind: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Path(path)({"x": value})
    assert str(caught.value) == f"The {path} cannot be read from {kind}."


def test_an_optional_path_may_lead_nowhere_but_not_to_a_method() -> None:
    for value in ("a text", 5, [1], Payment(9)):
        assert Path("x.high_risk", optional=True)({"x": value}) is None
    with pytest.raises(Unreadable):
        Path("x.method", optional=True)({"x": Payment(9)})


def test_what_a_property_raises_is_the_reason() -> None:
    with pytest.raises(LookupError, match="no rate"):
        Path("x.broken")({"x": Payment(9)})


@given(ANYTHING, st.sampled_from(["x", "x.a", "x.0", "x.x.0", "x.method"]))
@settings(max_examples=scale(1_000), deadline=None)
def test_a_path_into_anything_gives_a_value_or_raises(value: Any, path: str) -> None:
    try:
        Path(path)({"x": value})
    except (Unreadable, RuntimeError):
        assert path != "x"


@pytest.mark.parametrize("path", ["", " ", ".", "a.", ".a", "a..b", "a. .b"])
def test_a_bad_path_is_an_error_that_names_option_and_path(path: str) -> None:
    with pytest.raises(GateError, match="field") as caught:
        over(path, 5)
    assert repr(path) in str(caught.value)


@pytest.mark.parametrize("path", ["review", "reviews", "review.outcome", "reviews.0.value"])
def test_the_records_of_reviews_are_never_read(path: str) -> None:
    with pytest.raises(GateError, match=f"field: '{path}': a gate never reads the records"):
        over(path, 5)
    assert Path("reviewer").text == "reviewer"


@pytest.mark.parametrize("path", ["a\x00b", "\ud800"])
def test_a_path_that_no_record_could_keep_is_an_error(path: str) -> None:
    with pytest.raises(GateError, match="has characters that cannot be stored"):
        flagged(path)


def test_a_path_reads_its_first_key_and_nothing_else() -> None:
    def never(function: Any, what: str) -> Any:
        raise AssertionError

    assert Path("payment.items.0").reader(never).reads.keys == {"payment"}


# Functions


def test_a_function_gets_the_state_as_it_declares_it() -> None:
    def typed(state: Small) -> Any:
        return state

    def modelled(state: Model) -> Any:
        return state

    state = {"a": 1, "b": 2}
    assert source_of(lambda state: state, "f")(state) == state
    assert source_of(modelled, "f")(state) == Model(a=1)
    assert source_of(typed, "f")(state) == state
    assert source_of(lambda state: state, "f", reads=("b",))(state) == {"b": 2}


def test_a_function_may_be_tried_with_an_empty_state() -> None:
    assert source_of(lambda state: state, "f")({}) == {}


def test_functions_are_the_same_if_they_are_one() -> None:
    def f(state: Any) -> int:
        return 1

    assert Function(f, "a") == Function(f, "b", reads=("x",))
    assert hash(Function(f, "a")) == hash(Function(f, "b"))
    assert Function(f, "a") != Function(lambda state: 1, "a")
    assert Function(f, "a") != f
    assert Function("x".startswith, "a") != Function("y".startswith, "a")


def test_objects_that_cannot_be_hashed_are_functions_too() -> None:
    class Odd:
        def __hash__(self) -> int:
            raise RuntimeError

        def __call__(self, state: Any) -> float:
            return 9

    odd = Odd()
    assert (over(odd, 5) & over(odd, 6) & over(Odd(), 7))({}).needed is True


# Derived


def test_a_derived_source_reads_each_function_once() -> None:
    calls: list[int] = []

    def f(state: Mapping[str, Any]) -> float:
        calls.append(1)
        return 0.5

    source = Derived({"a": source_of(f, "a"), "b": weighted(factor("c", f))}, dict)
    assert source({})["a"] == 0.5
    assert calls == [1]


def test_a_source_is_taken_as_it_is() -> None:
    source: Source = Path("x")
    assert source_of(source, "field") is source


# What is no source


@pytest.mark.parametrize("given", [None, 5, 0.5, ["x"], {"x": 1}, object(), b"x"])
def test_what_is_no_source_is_an_error_that_names_the_option(given: Any) -> None:
    with pytest.raises(GateError, match="field must be a state key, a path such as"):
        over(given, 5)


def test_a_trigger_is_no_source() -> None:
    with pytest.raises(GateError, match=r"field must be a state key, .* not a Leaf"):
        over(flagged("x"), 5)


def test_a_coroutine_function_is_no_source() -> None:
    async def later(state: Any) -> float:
        return 1.0

    class Later:
        async def __call__(self, state: Any) -> float:
            return 1.0

    for function in (later, Later()):
        with pytest.raises(GateError, match=r"field: .* is async; pass a plain function"):
            over(function, 5)


def test_an_error_does_not_write_out_a_huge_value() -> None:
    for huge in (["x"] * 100_000, b"x" * 1_000_000):
        with pytest.raises(GateError) as caught:
            source_of(huge, "field")
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize("state", [None, 5, "x", Price(price=1.0), [("a", 1)]])
def test_sources_and_triggers_are_called_with_a_mapping(state: Any) -> None:
    for call in (Path("x"), over("x", 5)):
        with pytest.raises(GateError, match=r"called with a mapping, such as model_dump\(\) gives"):
            call(state)


# Names


@pytest.mark.parametrize("given", ["", " ", None, 5, "\ud800", "a\x00"])
def test_a_name_is_a_text_that_can_be_stored(given: Any) -> None:
    with pytest.raises(GateError, match="purpose "):
        checked_text(given, "purpose")


def test_keys_are_one_or_several() -> None:
    assert checked_keys("amount") == ("amount",)
    assert checked_keys(["a", "b"]) == ("a", "b")
    assert checked_keys(()) == ()
    for wrong in (5, ["a", 5], [""]):
        with pytest.raises(GateError, match="reads"):
            checked_keys(wrong)  # type: ignore[arg-type]  # what users do


@pytest.mark.parametrize("text", ["legal, press", "legal press", "a,b.c"])
def test_two_keys_in_one_text_are_no_path(text: str) -> None:
    with pytest.raises(GateError, match="is no state key: name each one by itself"):
        Path(text)
