"""People named in code."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.people import Roster
from tests.people.crowd import away, member


def test_everybody_in_their_order() -> None:
    roster = Roster(member("zoe"), Reviewer("ann"))
    assert [one.id for one in roster.reviewers()] == ["zoe", "ann"]
    assert roster.find("ann") == member("ann")
    assert roster.find("bob") is None
    assert repr(roster) == "<Roster of 2>"
    assert Roster().reviewers() == ()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([member("ann"), Reviewer("ann")], "the id 'ann' is in the directory twice"),
        (["ann"], "several Member, not 'ann' among them"),
        ([member("ann", delegate="bob")], "ann delegates to 'bob', who is nobody here"),
        (
            [member("ann", absences=[away()], delegate="bob"), member("bob", absences=[away()])],
            "who is absent too",
        ),
    ],
)
def test_people_that_cannot_be(members: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        Roster(*members)
