"""What reviewers said: the newest first, or about the nearest cases first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents import Comparable, Guidance, Precedent, by_keys, guidance
from langgraph_hitl.precedents.guidance import texts_of
from tests.precedents.cases import MONDAY


def said(
    text: str = "Ask for the receipt.",
    *,
    review_id: str = "rv-1",
    round: int = 0,
    days: int = 0,
    **context: Any,
) -> Guidance:
    return Guidance(
        review_id=review_id,
        round=round,
        action="refund",
        by="maria",
        at=MONDAY + timedelta(days=days),
        outcome="needs_revision",
        decision="revise",
        text=text,
        context=context,
    )


def texts(found: Iterable[Guidance]) -> list[str]:
    return [one.text for one in found]


def test_the_newest_comes_first() -> None:
    given = [said("old"), said("new", days=2), said("between", days=1)]
    assert texts(guidance(given)) == ["new", "between", "old"]
    assert texts(guidance(given, limit=1)) == ["new"]


def test_of_one_review_the_last_version_comes_first() -> None:
    assert texts(guidance([said("first"), said("second", round=1)])) == ["second", "first"]


def test_what_was_said_about_the_nearest_case_comes_first() -> None:
    given = [said("small", amount=10), said("large", days=1, amount=900), said("none", days=2)]
    found = guidance(given, context={"amount": 20}, how=by_keys("amount"))
    assert texts(found) == ["small", "large"]
    assert texts(guidance(given, context={"amount": 20}, how=by_keys("amount"), limit=1)) == [
        "small"
    ]


def test_two_versions_of_a_review_that_were_told_the_same_are_two() -> None:
    given = [said("again", amount=1), said("again", round=1, amount=1)]
    found = guidance(given, context={"amount": 1}, how=by_keys("amount"))
    assert {one.round for one in found} == {0, 1}


def test_another_way_to_compare_sees_what_was_said_as_cases() -> None:
    class OfTheSameOutcome:
        def nearest(
            self, context: Mapping[str, Any], past: Iterable[Precedent], limit: int
        ) -> list[Comparable]:
            alike = [one for one in past if one.outcome == context["outcome"]]
            return [Comparable(replace(one), 0.0) for one in alike][:limit]

    given = [said("revised"), replace(said("refused"), outcome="rejected", decision="reject")]
    found = guidance(given, context={"outcome": "rejected"}, how=OfTheSameOutcome())
    assert found == [given[1]]


def test_a_text_is_given_once() -> None:
    assert texts_of([said("a"), said("b"), said("a"), said("c")], 2) == ["a", "b"]


MANY = st.lists(
    st.builds(
        said,
        st.sampled_from(["a", "b", "c"]),
        review_id=st.sampled_from(["rv-1", "rv-2"]),
        round=st.integers(0, 3),
        days=st.integers(0, 3),
        amount=st.integers(0, 5),
    ),
    max_size=12,
)


@given(MANY, st.integers(1, 15), st.booleans(), st.integers(0, 5))
def test_nothing_is_made_up_and_nothing_comes_too_often(
    given: list[Guidance], limit: int, compared: bool, amount: int
) -> None:
    how = by_keys("amount") if compared else None
    context = {"amount": amount} if compared else None
    found = guidance(given, context=context, how=how, limit=limit)
    assert len(found) == min(limit, len(given))
    left = list(given)
    for one in found:
        left.remove(one)
    every = guidance(given, context=context, how=how, limit=99)
    assert texts(found) == texts(every)[:limit]
    if not compared:
        assert [one.at for one in every] == sorted((one.at for one in given), reverse=True)


@pytest.mark.parametrize(
    "options", [{"limit": 0}, {"context": {}}, {"how": by_keys("amount")}], ids=str
)
def test_what_could_give_nothing_is_told(options: Any) -> None:
    with pytest.raises(GateError, match="guidance"):
        guidance([], **options)


@pytest.mark.parametrize(
    "changed", [{"text": " \n"}, {"at": datetime(2026, 1, 5)}], ids=["blank", "no zone"]
)
def test_what_cannot_be_guidance_is_told(changed: Any) -> None:
    with pytest.raises(GateError, match="rv-1"):
        replace(said(), **changed)
