"""Which way an outcome takes; never from a refusal to the good way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.review.outcome import APPROVING, OUTCOMES, way_of

BOTH = {"approved": "go", "rejected": "stop"}
GO_WITH_A_SUBJECT = {"approved", "edited", "auto_approved", "answered"}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_with_two_ways_every_outcome_has_one(outcome: str) -> None:
    expected = "approved" if outcome in GO_WITH_A_SUBJECT else "rejected"
    assert way_of(outcome, BOTH, replaces_subject=True) == expected


def test_an_answer_that_replaces_no_subject_is_no_approval() -> None:
    assert way_of("answered", BOTH, replaces_subject=False) == "rejected"


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("replaces", [True, False])
def test_a_named_outcome_takes_its_own_way(outcome: str, replaces: bool) -> None:
    assert way_of(outcome, {**BOTH, outcome: "own"}, replaces_subject=replaces) == outcome


@given(
    st.sampled_from(sorted(set(OUTCOMES) - GO_WITH_A_SUBJECT)) | st.text(),
    st.sets(st.sampled_from(OUTCOMES)),
    st.booleans(),
)
def test_nothing_else_ever_follows_approved(outcome: str, named: set[str], replaces: bool) -> None:
    ways = dict.fromkeys(named, "node")
    way = way_of(outcome, ways, replaces_subject=replaces)
    assert way in {outcome, "rejected", None}
    assert way is None or way in ways


@given(st.sampled_from(OUTCOMES), st.booleans())
def test_without_a_way_there_is_none(outcome: str, replaces: bool) -> None:
    assert way_of(outcome, {}, replaces_subject=replaces) is None


def test_what_may_run_afterwards() -> None:
    assert set(APPROVING) == GO_WITH_A_SUBJECT | {"partial"}  # of which the passing items may
