"""Where people come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from langgraph_hitl.errors import GateError
from langgraph_hitl.people import Directory, Member, members_of
from tests.people.crowd import member


class Own:
    """A directory as a user writes it."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def reviewers(self) -> Iterable[Member]:
        found: Iterable[Member] = self.given
        return found


def test_a_directory_has_one_method() -> None:
    ann, bob = member("ann"), member("bob")
    directory: Directory = Own(iter([ann, bob]))
    assert members_of(directory) == {"ann": ann, "bob": bob}
    assert members_of(Own([])) == {}


@pytest.mark.parametrize("given", [None, "ann", 5, ["ann"], [None]])
def test_a_directory_gives_members(given: Any) -> None:
    with pytest.raises(GateError, match="a directory gives several Member"):
        members_of(Own(given))


def test_an_id_is_there_once() -> None:
    with pytest.raises(GateError, match="the id 'ann' is in the directory twice"):
        members_of(Own([member("ann"), member("ann")]))
