"""What log-probabilities amount to, and which numbers are none."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from langgraph_hitl.confidence.logprobs import Aggregate
from langgraph_hitl.errors import Unreadable
from tests.confidence.reading import openai, read
from tests.confidence.shapes import entries

LOGPROB = st.floats(max_value=0.0, allow_nan=False)
AGGREGATES: list[Aggregate] = ["mean", "min", "joint"]


@given(st.lists(LOGPROB, min_size=1, max_size=30))
@example([-9999.0, -0.1])
@example([float("-inf")])
@example([-0.0])
@example([-1.7e308, -1.7e308])
def test_a_confidence_is_a_probability(values: list[float]) -> None:
    content = [{"token": "a", "logprob": value} for value in values]
    message = openai(content, "a" * len(values))
    mean, least, joint = (read(message, aggregate) for aggregate in AGGREGATES)
    assert 0 <= joint <= least <= 1
    assert least <= mean * (1 + 1e-9)
    assert mean <= 1
    if len(values) == 1:
        assert mean == least == joint


@given(st.lists(LOGPROB, min_size=1, max_size=8), st.data())
def test_one_bad_value_spoils_all(values: list[float], data: st.DataObject) -> None:
    bad = data.draw(
        st.one_of(
            st.none(),
            st.booleans(),
            st.text(max_size=3),
            st.just(float("nan")),
            st.floats(min_value=1e-5, allow_nan=False),
        )
    )
    at = data.draw(st.integers(0, len(values)))
    content = [{"token": "a", "logprob": value} for value in (*values[:at], bad, *values[at:])]
    for aggregate in AGGREGATES:
        with pytest.raises(Unreadable):
            read(openai(content, "a" * len(content)), aggregate)


@pytest.mark.parametrize("placeholder", [-9999, -9999.0, -(10**400), float("-inf")])
def test_a_placeholder_for_a_most_unlikely_token_is_a_probability_of_0(placeholder: float) -> None:
    content = [{"token": "The", "logprob": placeholder}, *entries()[1:]]
    assert read(openai(content), "min") == 0
    assert read(openai(content), "mean") == 0


def test_rounding_may_exceed_0_by_a_little() -> None:
    content = [{"token": "Yes", "logprob": 2.4e-7}]
    assert read(openai(content, "Yes")) == 1.0
