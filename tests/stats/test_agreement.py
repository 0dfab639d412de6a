"""Krippendorff's alpha, against what was published."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.stats.agreement import Scale, agreement

FOUR = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Krippendorff (2011), example C: four observers, twelve units, some missing."""


def rows(*observers: str, number: bool = False) -> list[tuple[Any, Any, Any]]:
    return [
        (unit, person, int(word) if number else word)
        for person, words in enumerate(observers)
        for unit, word in enumerate(words.split())
        if word != "."
    ]


@pytest.mark.parametrize(
    ("observers", "scale", "alpha"),
    [
        (("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), "nominal", 0.095),
        (("a a b b d c c c e d d a", "b a b b b c c c e d d d"), "nominal", 0.692),
        (FOUR, "nominal", 0.743),
        (FOUR, "interval", 0.849),
    ],
)
def test_what_was_published(observers: tuple[str, ...], scale: Scale, alpha: float) -> None:
    found = agreement(rows(*observers, number=scale == "interval"), scale=scale)
    assert found.alpha == pytest.approx(alpha, abs=0.0005)


def test_units_that_one_person_answered_do_not_count() -> None:
    assert agreement(rows(*FOUR)).units == 11
    assert agreement([(1, "ann", "a"), (2, "bob", "b")]).units == 0


def test_raw_agreement_stands_beside_it() -> None:
    often = [(unit, who, "ok") for unit in range(99) for who in ("ann", "bob")]
    once = [(99, "ann", "ok"), (99, "bob", "bad")]
    found = agreement([*often, *once])
    assert found.raw == pytest.approx(0.99)
    assert found.alpha is not None
    assert found.alpha < 0.01


def test_where_all_answers_are_the_same_it_cannot_be_told() -> None:
    assert agreement([(1, "ann", "a"), (1, "bob", "a")]).alpha is None
    assert agreement([]).raw is None


ANSWERS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.sampled_from("abcd")), st.integers(0, 3), max_size=24
)


@given(ANSWERS)
def test_names_and_order_do_not_matter(answers: dict[tuple[int, str], int]) -> None:
    said = [(unit, who, answer) for (unit, who), answer in answers.items()]
    renamed = [(unit, who.upper(), f"x{answer}") for unit, who, answer in reversed(said)]
    found, again = agreement(said), agreement(renamed)
    assert found.units == again.units
    for one, other in ((found.alpha, again.alpha), (found.raw, again.raw)):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other)
    assert found.alpha is None or found.alpha <= 1


def test_what_cannot_be_counted_is_an_error() -> None:
    with pytest.raises(GateError, match="'ann' has answered 1 twice"):
        agreement([(1, "ann", "a"), (1, "ann", "b")])
    with pytest.raises(GateError, match="a number, not 'a'"):
        agreement([(1, "ann", "a")], scale="interval")
