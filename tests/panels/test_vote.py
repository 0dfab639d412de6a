"""What a vote is for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from langgraph_hitl import Edit, Respond
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.panels import quorum
from langgraph_hitl.panels.vote import ballot_of
from langgraph_hitl.review import Decision
from langgraph_hitl.review.decision import parse, to_json
from tests.panels.voting import vote
from tests.strategies import DECISIONS


@given(DECISIONS)
def test_a_vote_that_was_stored_is_for_the_same(decision: Decision) -> None:
    assert ballot_of(parse(to_json(decision))) == ballot_of(decision)


@given(DECISIONS)
def test_whoever_rejects_asks_for_changes_or_abstains_is_for_nothing(decision: Decision) -> None:
    kind = to_json(decision)["type"]
    assert (ballot_of(decision) is None) is (kind in ("reject", "revise", "abstain"))


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, object(), "a\x00", 10**40])
def test_a_value_that_is_no_json_is_refused(value: Any) -> None:
    for decision in (Edit(value), Respond(value)):
        with pytest.raises(InvalidDecision):
            quorum(2).tally([vote("ann", decision)])
