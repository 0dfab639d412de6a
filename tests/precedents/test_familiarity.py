"""How well a case is known grows with what comparable cases agree on, and never by guessing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents import Comparable, familiarity
from tests.precedents.cases import case

OUTCOMES = st.lists(st.sampled_from(["approved", "edited", "rejected"]), max_size=12)


def found(outcomes: list[str], distance: float = 0.1) -> list[Comparable]:
    return [Comparable(case(f"rv-{n}", outcome=one), distance) for n, one in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("outcomes", "known"),
    [
        ([], 0),
        (["approved"], 1 / 3),
        (["rejected"] * 3, 1),
        (["approved"] * 3 + ["rejected"], 3 / 4),
        (["approved", "rejected"], 1 / 3),
    ],
)
def test_it_is_the_share_that_agrees_of_enough_cases(outcomes: list[str], known: float) -> None:
    assert familiarity(found(outcomes)) == known


def test_a_case_that_is_too_far_tells_nothing() -> None:
    assert familiarity(found(["approved"] * 9, distance=0.26)) == 0
    assert familiarity(found(["approved"] * 9, distance=0.26), within=0.3) == 1


@given(outcomes=OUTCOMES, least=st.integers(1, 9))
def test_it_lies_between_0_and_1_and_one_more_that_agrees_never_lowers_it(
    outcomes: list[str], least: int
) -> None:
    known = familiarity(found(outcomes), least=least)
    most = max(outcomes, key=outcomes.count, default="approved")
    assert 0 <= known <= familiarity(found([*outcomes, most]), least=least) <= 1


def test_a_least_below_1_is_refused() -> None:
    with pytest.raises(GateError, match="least"):
        familiarity([], least=0)
