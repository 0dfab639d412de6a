"""The full count, written down a second time: what a panel comes to when everybody has voted.

Knows nothing of early ends. `electors` maps the voters to their weights and roles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import NamedTuple, TypeAlias

Cast: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of voter and what they said, a key of `SAID`; sorted, for it does not depend on the order.
"""


class Elector(NamedTuple):
    """One voter."""

    weight: Fraction = Fraction(1)
    roles: tuple[str, ...] = ()


Electors: TypeAlias = Mapping[str, Elector]
FullCount: TypeAlias = Callable[[Cast], str]


def full_quorum(electors: Electors, n: Fraction, seats: Mapping[str, int]) -> FullCount:
    """So much weight for one answer, with the seats filled by different people."""

    def count(cast: Cast) -> str:
        for answer in ("yes", "edit"):
            behind = [voter for voter, said in cast if said == answer]
            if weight_of(behind, electors) >= n and seated(behind, electors, seats):
                return answer
        return refusal(cast, electors)

    return count


def full_majority(electors: Electors, tie: str) -> FullCount:
    """More than half of those who do not abstain."""

    def count(cast: Cast) -> str:
        taking_part = weight_of((voter for voter, said in cast if said != "abstain"), electors)
        for answer in ("yes", "edit"):
            behind = weight_of((voter for voter, said in cast if said == answer), electors)
            if 2 * behind > taking_part:
                return answer
            if tie == "approve" and answer == "yes" and 2 * behind == taking_part > 0:
                return answer
        return refusal(cast, electors)

    return count


def full_unanimous(cast: Cast) -> str:
    """Everybody who does not abstain says the same."""
    said = {said for _, said in cast} - {"abstain"}
    return said.pop() if len(said) == 1 and said <= {"yes", "edit"} else "refused"


def refusal(cast: Cast, electors: Electors) -> str:
    """A request for changes where these outweigh."""
    revised = weight_of((voter for voter, said in cast if said == "revise"), electors)
    rejected = weight_of((voter for voter, said in cast if said == "no"), electors)
    return "revise" if revised > rejected else "no"


def weight_of(voters: Iterable[str], electors: Electors) -> Fraction:
    """What voters weigh together."""
    return sum((electors[voter].weight for voter in voters), Fraction(0))


def seated(behind: list[str], electors: Electors, seats: Mapping[str, int]) -> bool:
    """Whether the seats can be filled: every way of seating people is tried."""
    chairs = [role for role, count in seats.items() for _ in range(count)]
    return any(
        all(role in electors[voter].roles for role, voter in zip(chairs, people, strict=True))
        for people in permutations(behind, len(chairs))
    )


def certain_ends(
    voters: Iterable[str], choices: Iterable[str], full: FullCount
) -> Callable[[Cast], frozenset[str]]:
    """What the remaining voters can still make of a state, whatever they do."""
    everybody, said = tuple(voters), tuple(choices)

    @cache
    def possible(cast: Cast) -> frozenset[str]:
        missing = set(everybody) - {voter for voter, _ in cast}
        if not missing:
            return frozenset({full(cast)})
        voter = min(missing)
        return frozenset().union(*(possible(tuple(sorted([*cast, (voter, c)]))) for c in said))

    return possible
