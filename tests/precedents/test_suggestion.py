"""A form is filled in only with what nearly all comparable cases came to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents import Comparable, suggestion
from tests.precedents.cases import case


def found(*outcomes: str, distance: float = 0.1) -> list[Comparable]:
    return [
        Comparable(case(f"rv-{number}", outcome=outcome), distance)
        for number, outcome in enumerate(outcomes)
    ]


def test_what_they_agree_on_is_suggested_and_marked() -> None:
    made = suggestion(found("approved", "approved", "edited", "approved", "approved"))
    assert made is not None
    assert made.to_json() == {
        "suggested": True,
        "outcome": "approved",
        "sentence": "approved in 4 of 5 comparable cases",
        "precedents": ["rv-0", "rv-1", "rv-3", "rv-4"],
    }


@pytest.mark.parametrize(
    "comparables",
    [
        [],
        found("approved", "approved"),
        found("approved", "approved", "approved", "rejected"),
        found("approved", "approved", "approved", distance=0.3),
    ],
    ids=["none", "too few", "they differ", "too far"],
)
def test_else_nothing_is(comparables: list[Comparable]) -> None:
    assert suggestion(comparables) is None


def test_one_case_may_be_enough() -> None:
    made = suggestion(found("rejected"), least=1)
    assert made is not None
    assert made.sentence == "rejected in 1 of 1 comparable case"


@given(st.lists(st.sampled_from(["approved", "rejected", "edited"])), st.permutations(range(8)))
def test_the_order_of_the_cases_changes_no_outcome(outcomes: list[str], order: list[int]) -> None:
    comparables = found(*outcomes)
    mixed = sorted(comparables, key=lambda one: order[int(one.precedent.review_id[3:]) % 8])
    one, other = (
        made and (made.outcome, made.agreeing, made.compared)
        for made in (suggestion(comparables), suggestion(mixed))
    )
    assert one == other


@pytest.mark.parametrize("options", [{"share": 0.5}, {"share": 1.1}, {"least": 0}], ids=str)
def test_what_would_suggest_anything_is_told(options: Any) -> None:
    with pytest.raises(GateError):
        suggestion([], **options)
