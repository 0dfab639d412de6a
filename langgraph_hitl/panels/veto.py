"""`Veto`: people who can stop what everybody else wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.panels.who import Who, holds, name_in, who_of
from langgraph_hitl.review.decision import Reject, Revise
from langgraph_hitl.review.reviewer import Reviewer, Voter


class Veto(NamedTuple):
    """Who holds it, by key. `given` has the roles that named persons were given with them."""

    keys: tuple[str, ...] = ()
    given: Mapping[str, tuple[str, ...]] = {}

    def held_by(self, voter: Voter) -> bool:
        """Whether somebody holds it."""
        return any(holds(key, voter, self.given) for key in self.keys)

    def objection(self, votes: Sequence[Vote]) -> Vote | None:
        """The first vote against by somebody who holds it."""
        against = (vote for vote in votes if isinstance(vote.decision, Reject | Revise))
        return next((vote for vote in against if self.held_by(vote.identity)), None)

    def unheard(self, votes: Sequence[Vote]) -> tuple[str, ...]:
        """Those who have not voted; one person speaks for a role."""
        return tuple(
            key
            for key in self.keys
            if not any(holds(key, vote.identity, self.given) for vote in votes)
        )

    @property
    def names(self) -> str:
        """Those who hold it, for people."""
        return ", ".join(map(name_in, self.keys))


NO_VETO = Veto()


def veto_of(given: Any, who: Who, what: str) -> Veto:
    """The veto that the option `veto=` describes."""
    if given is None:
        return NO_VETO
    several = [given] if isinstance(given, str | Reviewer) else given
    if isinstance(several, list | tuple | set | frozenset):
        by_id = {person: Reviewer(person, roles) for person, roles in who.roles.items()}
        several = [by_id.get(one, one) if isinstance(one, str) else one for one in several]
    holders = who_of(several, f"{what}: veto")
    return Veto(holders.keys, who.roles)
