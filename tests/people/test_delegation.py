"""Who acts for somebody who is away: one step, by somebody who is there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.people import Member, acts_for, deputy_of, may_act_for
from langgraph_hitl.people.delegation import delegation_problem, deputies
from tests.people.crowd import NOON, at, away, member

NAMES = ("ann", "bob", "cem", "dee")


@st.composite
def crowds(draw: st.DrawFn) -> list[Member]:
    """People with any delegates and absences, those that a roster refuses too."""
    crowd = []
    for name in NAMES:
        others = st.none() | st.sampled_from([one for one in (*NAMES, "zoe") if one != name])
        absences = [away(-1, 1, draw(others))] if draw(st.booleans()) else []
        crowd.append(member(name, absences=absences, delegate=draw(others)))
    return crowd


def test_a_delegate_acts_during_the_absence_and_not_before_or_after() -> None:
    crowd = [member("ann", absences=[away(0, 1)], delegate="bob"), member("bob")]
    found = [deputy_of(crowd, "ann", at(hour)) for hour in (-1, 0, 0.5, 1)]
    assert found == [None, crowd[1], crowd[1], None]
    assert acts_for(crowd, "bob", NOON) == (crowd[0],)
    assert acts_for(crowd, "bob", at(1)) == ()


@given(crowds())
def test_whoever_acts_is_there_and_was_named_by_somebody_who_is_not(crowd: list[Member]) -> None:
    by_id = {one.id: one for one in crowd}
    for absent in crowd:
        deputy = deputy_of(crowd, absent.id, NOON)
        named = by_id.get(absent.delegate_at(NOON) or "")
        if deputy is not None:
            assert absent.is_absent(NOON)
            assert not deputy.is_absent(NOON)
            assert deputy is named
        else:
            assert not absent.is_absent(NOON) or named is None or named.is_absent(NOON)


@given(crowds())
def test_delegation_never_goes_further_than_one_step(crowd: list[Member]) -> None:
    acting = deputies(crowd, NOON)
    assert not acting.keys() & {deputy.id for deputy in acting.values()}
    for name in NAMES:
        assert deputy_of(crowd, name, NOON) == acting.get(name)
        assert [one.id for one in acts_for(crowd, name, NOON)] == [
            absent for absent in NAMES if may_act_for(crowd, name, absent, NOON)
        ]


@given(crowds())
def test_where_no_problem_was_found_everybody_with_a_delegate_is_acted_for(
    crowd: list[Member],
) -> None:
    if delegation_problem(crowd) is None:
        for one in crowd:
            if one.delegate_at(NOON) is not None:
                assert deputy_of(crowd, one.id, NOON) is not None


def test_nobody_acts_for_somebody_unknown() -> None:
    assert deputy_of([member("ann")], "zoe", NOON) is None
    assert not may_act_for([member("ann")], "ann", "zoe", NOON)


@pytest.mark.parametrize(
    ("crowd", "id", "absence", "text"),
    [
        (
            [member("ann", delegate="bbo"), member("bob")],
            "ann",
            None,
            "ann delegates to 'bbo', who is nobody here; did you mean 'bob'?",
        ),
        (
            [member("ann", absences=[away(), away(5, 6, "zoe")], delegate="bob"), member("bob")],
            "ann",
            1,
            "ann delegates to 'zoe', who is nobody here; known: bob",
        ),
        (
            [member("ann", delegate="bob"), member("bob", delegate="ann")],
            "ann",
            None,
            "delegation goes round: ann > bob > ann; leave one delegate out, and name it with "
            "each absence",
        ),
        (
            [
                member("zoe", delegate="ann"),
                member("ann", delegate="bob"),
                member("bob", delegate="cem"),
                member("cem", delegate="ann"),
            ],
            "ann",
            None,
            "delegation goes round: ann > bob > cem > ann; leave one delegate out, and name it "
            "with each absence",
        ),
        (
            [
                member("ann", absences=[away(0, 2)], delegate="bob"),
                member("bob", absences=[away(1, 3)]),
            ],
            "ann",
            0,
            "ann is away from 2026-12-01 12:00 to 2026-12-01 14:00 UTC and delegates to bob, who "
            "is absent too, from 2026-12-01 13:00 to 2026-12-01 15:00 UTC; name another delegate "
            "for that time",
        ),
    ],
)
def test_what_is_known_when_people_are_loaded(
    crowd: Any, id: str, absence: int | None, text: str
) -> None:
    assert delegation_problem(crowd) == (id, text, absence)


def test_two_who_are_away_at_different_times_may_act_for_each_other() -> None:
    crowd = [
        member("ann", absences=[away(0, 1, "bob")]),
        member("bob", absences=[away(1, 2, "ann")]),
    ]
    assert delegation_problem(crowd) is None
    assert may_act_for(crowd, "bob", "ann", at(0.5))
    assert may_act_for(crowd, "ann", "bob", at(1.5))
