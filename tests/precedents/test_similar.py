"""Which past cases a person is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents import Comparable, Precedent, by_keys, similar
from tests.precedents.cases import MONDAY, case, ids

PAST = [
    case("rv-1", amount=10),
    case("rv-2", amount=20),
    case("rv-3", amount=11),
    case("rv-4", action="payment", amount=10),
]


def test_cases_of_the_same_action_and_never_the_case_itself() -> None:
    found = similar(
        {"amount": 10}, PAST, action="refund", how=by_keys("amount"), review_id="rv-1", limit=2
    )
    assert ids(found) == ["rv-3", "rv-2"]


def test_another_way_to_find_them() -> None:
    class Newest:
        def nearest(
            self, context: Mapping[str, Any], past: Iterable[Precedent], limit: int
        ) -> list[Comparable]:
            return [Comparable(one, 0.0) for one in reversed(list(past))]

    found = similar({}, PAST, action="refund", how=Newest(), limit=2)
    assert ids(found) == ["rv-3", "rv-2"]


def test_a_limit_that_finds_nothing_is_told() -> None:
    with pytest.raises(GateError, match="1 or more"):
        similar({}, PAST, action="refund", how=by_keys("amount"), limit=0)


def test_a_precedent_has_a_moment() -> None:
    with pytest.raises(GateError, match="time zone"):
        Precedent("rv-1", "refund", {}, "approved", "maria", MONDAY.replace(tzinfo=None))
