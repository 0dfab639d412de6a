"""A condition reads each source once, asks where it cannot tell, and judges new versions anew."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from langgraph.errors import GraphBubbleUp, GraphDrained, GraphInterrupt, ParentCommand
from langgraph.types import Command

from langgraph_hitl import human_approval
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review import Finding
from langgraph_hitl.review.digest import plain_json
from langgraph_hitl.triggers import (
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
from langgraph_hitl.triggers.source import Derived, Path
from langgraph_hitl.triggers.trigger import Leaf, trigger_of
from tests.paused import spec
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, NOW, condition, found

SALT = b"0123456789abcdef"


class Counted:
    """Functions of the state that count their calls."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def giving(self, value: Any, name: str = "f") -> Callable[[Any], Any]:
        def function(state: Mapping[str, Any]) -> Any:
            self.calls[name] += 1
            if isinstance(value, Exception):
                raise value
            return value

        function.__name__ = name
        return function


# Once


def test_a_function_that_stands_in_several_places_is_called_once() -> None:
    counted = Counted()
    f, g = counted.giving(True, "f"), counted.giving(False, "g")
    trigger = trigger_of(f) | (trigger_of(f) & g) | ~predicate(f, "F is so.") | (g & always())
    assert found(trigger).sentence == "The condition for a review holds."
    assert counted.calls == {"f": 1, "g": 1}


def test_a_source_that_several_triggers_share_is_read_once() -> None:
    counted = Counted()
    fn = counted.giving(0.4)
    trigger = (
        below_confidence(0.8, confidence=fn)
        & below_confidence(0.5, confidence=fn)
        & risk_at_least(0.1, risk=weighted(factor("a", fn), factor("b", fn, weight=2)))
        & complexity_above(0.1, factors={"c": fn, "d": weighted(factor("a", fn))})
        & over(fn, 0.1)
    )
    assert found(trigger).needed is True
    assert counted.calls == {"f": 1}


def test_what_is_derived_is_derived_once_for_all_that_share_it() -> None:
    counted = Counted()
    derived = Derived({"x": Path("x")}, counted.giving(0.4))
    nested = weighted(factor("a", derived), factor("b", derived))
    trigger = below_confidence(0.8, confidence=derived) & over(derived, 0.1)
    trigger &= risk_at_least(0.1, risk=nested) & complexity_above(0.1, factors={"n": nested})
    assert found(trigger, x=1).needed is True
    assert counted.calls == {"f": 1}


def test_a_method_is_the_same_function_every_time_it_is_taken_from_its_object() -> None:
    class Scorer:
        calls = 0

        def score(self, state: Any) -> float:
            self.calls += 1
            return 0.4

    one, other = Scorer(), Scorer()
    trigger = (
        below_confidence(0.8, confidence=one.score)
        & below_confidence(0.5, confidence=one.score)
        & below_confidence(0.5, confidence=other.score)
    )
    found(trigger)
    assert (one.calls, other.calls) == (1, 1)


def test_objects_that_are_merely_equal_are_each_called() -> None:
    class Scorer:
        def __init__(self, score: float) -> None:
            self.score = score

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]  # as of every class that says what is equal

        def __call__(self, state: Any) -> float:
            return self.score

    low, high = (below_confidence(0.5, confidence=Scorer(score)) for score in (0.4, 0.9))
    assert found(low & ~high).needed is True


def test_the_same_function_with_different_reads_is_called_once_with_all_of_them() -> None:
    seen: list[dict[str, Any]] = []

    def f(state: dict[str, Any]) -> bool:
        seen.append(state)
        return True

    trigger = predicate(f, "A.", reads="a") & predicate(f, "B.", reads=["b"])
    bound = condition(trigger)
    assert bound.keys == {"a", "b"}
    bound.evaluate({"a": 1, "b": 2, "c": 3}, NOW)
    assert seen == [{"a": 1, "b": 2}]


def test_nothing_is_skipped_not_even_beside_what_fails() -> None:
    counted = Counted()
    broken = counted.giving(ValueError("no"), "broken")
    fine = counted.giving(0.1, "fine")
    score = weighted(factor("a", broken), factor("b", fine))
    trigger = never() & risk_at_least(0.5, risk=score) & risk_at_least(0.5, risk=score)
    condition(trigger).evaluate({}, NOW)
    assert counted.calls == {"broken": 1, "fine": 1}


# What cannot be told


class Malformed(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Speechless(Unreadable):
    def __str__(self) -> str:
        raise RuntimeError("no words")


ERRORS: list[tuple[Exception, str]] = [
    (KeyError("amount"), "The condition f failed (KeyError: 'amount')."),
    (ValueError(), "The condition f failed (ValueError)."),
    (ValueError("one\ntwo"), "The condition f failed (ValueError: one two)."),
    (RecursionError("deep"), "The condition f failed (RecursionError: deep)."),
    (Malformed(), "The condition f failed (Malformed)."),
    (Unreadable("The scan is blurred."), "The scan is blurred."),
    (Unreadable(), "The condition f could not tell."),
    (Speechless(), "The condition f failed (Speechless)."),
    (ExceptionGroup("two", [ValueError()]), "The condition f failed (ExceptionGroup: two (1 "),
]


@pytest.mark.parametrize(("error", "sentence"), ERRORS, ids=lambda case: type(case).__name__)
def test_an_error_asks_and_its_reason_is_in_the_sentence(error: Exception, sentence: str) -> None:
    f = Counted().giving(error)
    for trigger in (never() | f, never() & f, ~(always() | f), f & ~always()):
        finding = condition(trigger).evaluate({}, NOW)
        assert finding.needed is True
        assert finding.sentence.startswith(sentence)
        plain_json(finding.to_json())


@pytest.mark.parametrize("unclear", [None, 0, 1, "", "no", [], float("nan"), 0.0, object()])
def test_an_unclear_result_asks_under_not_too(unclear: Any) -> None:
    f = Counted().giving(unclear)
    given = "nothing" if unclear is None else type(unclear).__name__
    sentence = f"The condition f gave {given} instead of true or false."
    for trigger in (never() | f, never() & f, ~(never() | f), ~predicate(f, "So.") & never()):
        finding = condition(trigger).evaluate({}, NOW)
        assert finding.needed is True
        assert sentence in finding.sentence or "The condition 'So.' gave" in finding.sentence


@pytest.mark.parametrize(
    "broken",
    [
        Finding(needed=True, sentence="s", score=float("nan")),
        Finding(needed=True, sentence="s", score=1.2),
        Finding(needed=True, sentence="s\x00"),
        Finding(needed=None, sentence="s"),  # type: ignore[arg-type]  # what users do
    ],
)
def test_a_finding_that_is_not_valid_asks_under_not_too(broken: Finding) -> None:
    finding = found(~(never() | Counted().giving(broken)))
    assert finding.needed is True
    assert "The condition f gave a finding that is not valid (" in finding.sentence


def test_what_could_not_be_told_is_marked_in_its_part() -> None:
    finding = found(flagged("x") | over("y", 5), x=False, y=None)
    assert [part.details for part in finding.parts] == [
        {"raised": [], "flags": ["x"]},
        {"unreadable": True},
    ]


@pytest.mark.parametrize(
    "signal", [GraphInterrupt(), ParentCommand(Command()), GraphDrained("over"), GraphBubbleUp()]
)
def test_signals_of_langgraph_pass_through(signal: GraphBubbleUp) -> None:
    f = Counted().giving(signal)

    def judge(_values: Mapping[str, Any], _now: datetime) -> Finding:
        raise signal

    derived = Derived({}, f)
    for trigger in (
        trigger_of(f),
        never() & ~predicate(f, "So."),
        below_confidence(confidence=derived),
        Leaf(name="signals", judge=judge) & never(),
    ):
        with pytest.raises(type(signal)) as caught:
            condition(trigger).evaluate({}, NOW)
        assert caught.value is signal


@given(ANYTHING)
@settings(max_examples=scale(2_000), deadline=None)
def test_whatever_a_users_function_gives_only_a_clear_no_passes(value: Any) -> None:
    f = Counted().giving(value)
    for trigger in (trigger_of(f), f & always(), predicate(f, "So.")):
        assert found(trigger).needed is (value is not False)
    assert found(~trigger_of(f)).needed is (value is not True)


# The finding


def test_a_combination_has_the_findings_of_its_parts() -> None:
    trigger = below_confidence(0.8) | flagged("legal") | risk_at_least("high")
    finding = found(trigger, confidence=0.62, legal=True, risk=0.7)
    assert finding.sentence == (
        "The confidence 0.62 is below 0.8. Flagged as legal. The risk is high (0.7), at least high."
    )
    assert [part.trigger for part in finding.parts] == [
        "below_confidence",
        "flagged",
        "risk_at_least",
    ]
    assert finding.trigger is None
    assert finding.score == 0.7
    assert finding.factors == {"confidence": 0.62, "risk": 0.7}


def test_factors_of_the_same_name_stay_apart() -> None:
    def scored(state: Any) -> Finding:
        return Finding(needed=True, sentence="Scored.", factors={"risk": 0.3})

    a, b, c = (risk_at_least(0.1, risk=lambda state, risk=r: risk) for r in (0.5, 0.6, 0.7))  # type: ignore[misc]
    finding = found(a & b & c & scored & risk_at_least(0.2, risk=lambda state: 0.5))
    assert finding.factors == {
        "risk": 0.5,
        "risk_at_least: risk": 0.6,
        "risk_at_least 3: risk": 0.7,
        "condition: risk": 0.3,
    }


def test_a_users_finding_keeps_the_name_of_its_trigger() -> None:
    def model(state: Any) -> Finding:
        return Finding(needed=True, sentence="Fraud.", trigger="fraud_model")

    assert found(trigger_of(model)).trigger == "fraud_model"


def test_the_same_sentence_is_said_once() -> None:
    assert found(over("x", 5) & over("x", 5.0), x=6).sentence == "The x 6 is over 5."


# Keys


def test_the_keys_of_a_condition() -> None:
    bound = condition(
        below_confidence(0.8, confidence="sure.much")
        | over("payment.amount", 5)
        | flagged("high_risk", optional=True)
        | sampled(0.5, item_id="id", salt=SALT)
    )
    assert bound.keys == {"sure", "payment", "high_risk", "id"}
    assert bound.optional_keys == {"high_risk"}
    assert bound.later_keys == frozenset()
    assert condition(bound.trigger | risk_at_least(0.5, risk="case.risk")).later_keys == {"case"}


def test_a_key_that_one_trigger_needs_is_not_optional() -> None:
    bound = condition(flagged("x", optional=True) | over("x", 1))
    assert bound.optional_keys == frozenset()


def test_a_paused_question_keeps_only_what_a_new_version_is_scored_by() -> None:
    gate = spec(
        human_approval(
            "draft",
            when=below_confidence(0.8)
            | sampled(0.5, item_id="id", salt=SALT)
            | risk_at_least("high"),
        )
    )
    assert {"confidence", "id", "risk"} < {*gate.input_keys}
    assert gate.later_keys == {"risk"}


def test_a_function_that_declares_no_keys_is_an_error_that_names_it() -> None:
    def declare(function: Any, what: str) -> Any:
        raise GateError(f"{what}: {function.__name__}")

    from langgraph_hitl.triggers.condition import bind

    with pytest.raises(GateError, match="a trigger's other side: f"):
        bind(below_confidence() | Counted().giving(True), declare)


# Threads


def test_one_condition_serves_many_threads_at_once() -> None:
    together = threading.Barrier(8)
    bound = condition(
        (below_confidence(0.8) & over("x", 50)) | predicate(lambda state: state["odd"], "Odd."),
        "odd",
    )
    wrong: list[Any] = []

    def work(start: int) -> None:
        together.wait()
        for x in range(start, 1_000, 8):
            values = {"confidence": 0.5, "x": x, "odd": x % 2 == 1}
            finding = bound.evaluate(values, NOW)
            if finding.needed is not (x > 50 or x % 2 == 1) or finding.parts[1].details != {
                "field": "x",
                "value": x,
                "limit": 50,
            }:
                wrong.append((values, finding))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
