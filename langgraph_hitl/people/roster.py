"""`Roster`: people named in code."""

from __future__ import annotations

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.delegation import delegation_problem
from langgraph_hitl.people.directory import members_of
from langgraph_hitl.people.member import Member
from langgraph_hitl.review.reviewer import Reviewer


class Roster:
    """A directory of people named in code.

    Args:
        members: Everybody; a `Reviewer` is one who is always there.

    Raises `GateError` for an id that is there twice, a delegate who is not, who is absent too, or
    whose own delegate leads back.

    >>> roster = Roster(Member(Reviewer("maria"), delegate="cem"), Reviewer("cem"))
    >>> [member.id for member in roster.reviewers()]
    ['maria', 'cem']
    >>> roster.find("zoe") is None
    True
    """

    def __init__(self, *members: Member | Reviewer) -> None:
        self._members = tuple(Member(one) if isinstance(one, Reviewer) else one for one in members)
        self._by_id = members_of(self)
        problem = delegation_problem(self._members)
        if problem is not None:
            raise GateError(problem.text)

    def reviewers(self) -> tuple[Member, ...]:
        """Everybody, in the order in which they were named."""
        return self._members

    def find(self, id: str) -> Member | None:
        """The person with an id."""
        return self._by_id.get(id)

    def __repr__(self) -> str:
        return f"<Roster of {len(self._members)}>"
