"""A reviewer, and when this person is there."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.people import Member, SessionLimit, WorkingHours
from tests.people.crowd import HOUR, NOON, at, away, member


def test_somebody_without_options_is_always_there() -> None:
    ann = member("ann")
    assert ann.id == "ann"
    assert ann.is_working(NOON)
    assert ann.is_rested([NOON] * 1000, NOON)
    assert not ann.is_absent(NOON)
    assert not ann.on_call
    assert ann.delegate_at(NOON) is None


def test_who_is_away_does_not_work() -> None:
    ann = member("ann", absences=[away(5, 6), away(-1, 1)])
    assert ann.absence_at(NOON) == away(-1, 1)
    assert [ann.is_working(at(hour)) for hour in (-2, -1, 0, 1, 5, 6)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]


def test_who_is_at_home_is_not_away() -> None:
    ann = member("ann", hours=WorkingHours("09:00-11:00", tz="UTC"))
    assert not ann.is_working(NOON)
    assert not ann.is_absent(NOON)
    assert ann.is_working(at(-2))


def test_an_absence_may_have_a_delegate_of_its_own() -> None:
    ann = member("ann", absences=[away(0, 1, "cem"), away(2, 3)], delegate="bob")
    assert [ann.delegate_at(at(hour)) for hour in (0, 1, 2, 3)] == ["cem", None, "bob", None]


def test_a_limit_asks_for_rest() -> None:
    ann = member("ann", limit=SessionLimit(decisions=2, within=HOUR))
    assert ann.is_rested([at(-0.5)], NOON)
    assert not ann.is_rested([at(-0.5), at(-0.2)], NOON)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"absences": [away(0, 2), away(1, 3)]},
            "ann: two absences overlap: from 2026-12-01 12:00",
        ),
        ({"absences": [NOON]}, "ann: absences takes Absence"),
        ({"absences": None}, "ann: absences takes several Absence"),
        ({"absences": "always"}, "ann: absences takes several Absence"),
        ({"delegate": "ann"}, "ann: nobody can be their own delegate"),
        ({"absences": [away(delegate="ann")]}, "ann: nobody can be their own delegate"),
        ({"delegate": ""}, "ann: delegate must be a text"),
        ({"delegate": Reviewer("bob")}, "ann: delegate must be a text"),
        ({"hours": "Mon-Fri"}, "ann: hours must be WorkingHours, not 'Mon-Fri'"),
        ({"on_call": "yes"}, "ann: on_call must be True or False, not 'yes'"),
        ({"limit": 40}, "ann: limit must be a SessionLimit, not 40"),
    ],
    ids=str,
)
def test_a_member_that_is_none(options: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        member("ann", **options)


def test_a_member_is_made_of_a_reviewer() -> None:
    with pytest.raises(GateError, match="a Member is made of a Reviewer, not 'ann'"):
        Member("ann")  # type: ignore[arg-type]
