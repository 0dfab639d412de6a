"""`Directory`: where people come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.member import Member
from langgraph_hitl.triggers.number import quoted


class Directory(Protocol):
    """Where people come from: a `Roster`, a YAML file, or something of your own."""

    def reviewers(self) -> Iterable[Member]:
        """Everybody who may review, each once, whether they are there now or not.

        It is asked again for every decision that depends on it, so that somebody who has left has
        no authority any more; what takes long should be kept for a while. Ids are those that
        reviews are decided under. Whoever is not in it has no level, skills or absences. If it
        raises, nobody is authorised, and nothing is assigned to anybody.
        """
        ...


def members_of(directory: Directory) -> dict[str, Member]:
    """Everybody in a directory, by id.

    Raises `GateError` for what is no `Member`, and for an id that is there twice.

    >>> from langgraph_hitl.people import Reviewer, Roster
    >>> list(members_of(Roster(Reviewer("maria"), Reviewer("cem"))))
    ['maria', 'cem']
    """
    found: dict[str, Member] = {}
    given: Any = directory.reviewers()
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise GateError(f"a directory gives several Member, not {quoted(given)}")
    for member in given:
        if not isinstance(member, Member):
            raise GateError(f"a directory gives several Member, not {quoted(member)} among them")
        if member.id in found:
            raise GateError(f"the id {member.id!r} is in the directory twice")
        found[member.id] = member
    return found
