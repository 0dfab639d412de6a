"""How well a case is known grows with approvals of cases like it, and with nothing else."""

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
        (["approved"] * 2, 0),
        (["approved"] * 3, 1),
        (["approved"] * 3 + ["rejected"], 3 / 4),
        (["approved"] * 3 + ["edited"] * 3, 1 / 2),
        (["rejected"] * 9, 0),
        (["edited"] * 9, 0),
        (["answered", "partial", "needs_revision"], 0),
    ],
)
def test_it_is_the_share_that_was_approved_as_it_was_shown(
    outcomes: list[str], known: float
) -> None:
    assert familiarity(found(outcomes)) == known


def test_a_case_that_is_too_far_tells_nothing() -> None:
    assert familiarity(found(["approved"] * 9, distance=0.26)) == 0
    assert familiarity(found(["approved"] * 9, distance=0.26), within=0.3) == 1


@given(outcomes=OUTCOMES, least=st.integers(1, 9))
def test_more_approvals_never_lower_it_and_nothing_else_raises_it(
    outcomes: list[str], least: int
) -> None:
    known = familiarity(found(outcomes), least=least)
    assert 0 <= known <= familiarity(found([*outcomes, "approved"]), least=least) <= 1
    if len(outcomes) >= least:
        assert familiarity(found([*outcomes, "rejected"]), least=least) <= known


def test_a_least_below_1_is_refused() -> None:
    with pytest.raises(GateError, match="least"):
        familiarity([], least=0)
