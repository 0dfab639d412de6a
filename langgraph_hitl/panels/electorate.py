"""`Electorate`: who votes, how many they are, and what each vote weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.number import checked_count, checked_weight, exact
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.panels.who import (
    ANYBODY,
    Who,
    holds,
    key_of,
    name_in,
    person_in,
    person_key,
    role_in,
    role_key,
    who_of,
)
from langgraph_hitl.review.reviewer import Identity, Voter

ONE = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Electorate:
    """The voters. `size` is None where nobody knows how many there are.

    `given` has the roles that named persons were given with them; `weights` are by key.
    """

    keys: tuple[str, ...]
    size: int | None = None
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def persons(self) -> tuple[str, ...]:
        """The ids of those who are named."""
        return Who(self.keys).persons

    @property
    def is_closed(self) -> bool:
        """Whether everybody in it is named."""
        return len(self.persons) == len(self.keys)

    def has(self, voter: Voter) -> bool:
        """Whether somebody belongs to it."""
        return any(holds(key, voter, {}) for key in self.keys)

    def weight(self, voter: Voter) -> Fraction:
        """The person's own weight, else the largest of their roles, else 1.

        Those who are named by id weigh what the roles given with them weigh, so that the weight of
        the whole does not depend on who has voted.
        """
        if not self.weights:
            return ONE
        own = self.weights.get(person_key(voter.id))
        if own is not None:
            return exact(own)
        roles = self.given.get(voter.id, voter.roles)
        weights = [self.weights[key] for role in roles if (key := role_key(role)) in self.weights]
        return max(map(exact, weights), default=ONE)

    def voters_left(self, votes: Sequence[Vote]) -> int | None:
        """How many have not voted."""
        return None if self.size is None else max(0, self.size - len(votes))

    def weight_left(self, votes: Sequence[Vote]) -> Fraction | None:
        """The most that those who have not voted can weigh."""
        if self.size is None:
            return None
        if not self.weights:
            return Fraction(max(0, self.size - len(votes)))
        named, unnamed = self.who_is_left(votes)
        known = sum(map(self.weight, named), Fraction(0))
        return known + self._most_of_unnamed({vote.voter for vote in votes}, unnamed)

    def who_is_left(self, votes: Sequence[Vote]) -> tuple[list[Identity], int]:
        """Those who are named and have not voted, and how many others, if that is known."""
        voted = {vote.voter for vote in votes}
        named = [
            Identity(name, self.given.get(name, ())) for name in self.persons if name not in voted
        ]
        return named, max(0, (self.voters_left(votes) or 0) - len(named))

    def to_json(self) -> dict[str, Any]:
        """The fields that are set, as plain JSON."""
        packed: dict[str, Any] = {"of": [*self.keys]}
        if self.size is not None:
            packed["size"] = self.size
        if any(self.given.values()):
            packed["given"] = {name: [*roles] for name, roles in self.given.items()}
        if self.weights:
            packed["weights"] = dict(self.weights)
        return packed

    def _most_of_unnamed(self, voted: set[str], count: int) -> Fraction:
        """The most that `count` voters can weigh who are not named in `keys`."""
        roles = [exact(weight) for key, weight in self.weights.items() if role_in(key) is not None]
        usual = max((ONE, *roles))
        own = [
            exact(weight)
            for key, weight in self.weights.items()
            if (name := person_in(key)) is not None and key not in self.keys and name not in voted
        ]
        heavy = sorted((weight for weight in own if weight > usual), reverse=True)[:count]
        return sum(heavy, usual * (count - len(heavy)))


def electorate_of(
    of: Any, size: int | None, weights: Mapping[Any, float] | None, what: str
) -> Electorate:
    """The electorate that the options `of=`, `size=` and `weights=` describe.

    `of` is a role, a `Reviewer`, several of these, a number of voters of any identity, or None for
    anybody.
    """
    if isinstance(of, int | float):
        if size is not None:
            raise GateError(f"{what}: of={of!r} already says how many; leave size= out")
        who, size = Who((ANYBODY,)), checked_count(of, f"{what}: of")
    else:
        who = Who((ANYBODY,)) if of is None else who_of(of, f"{what}: of")
        size = None if size is None else checked_count(size, f"{what}: size")
    return Electorate(
        keys=who.keys,
        size=_size(who, size, what),
        given=who.roles,
        weights=_weights(weights, who, what),
    )


def _size(who: Who, size: int | None, what: str) -> int | None:
    named = len(who.persons)
    if named == len(who.keys):
        if size not in (None, named):
            raise GateError(f"{what}: of= names {named} people, so size={size} cannot be")
        return named
    if size is not None and size <= named:
        raise GateError(f"{what}: size={size} leaves nobody for the roles beside {named} people")
    return size


def _weights(given: Mapping[Any, float] | None, who: Who, what: str) -> dict[str, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not given:
        raise GateError(f"{what}: weights maps roles or people to numbers, such as {{'lead': 2}}")
    weights: dict[str, float] = {}
    for name, weight in given.items():
        key = key_of(name, f"{what}: weights", who.persons)
        if key in weights:
            raise GateError(f"{what}: weights names {name_in(key)!r} twice")
        weights[key] = checked_weight(weight, f"{what}: the weight of {name_in(key)!r}")
    if len(who.persons) == len(who.keys):
        reached = {*who.keys, *(role_key(role) for roles in who.roles.values() for role in roles)}
        for key in weights:
            if key not in reached:
                raise GateError(
                    f"{what}: the weight of {name_in(key)!r} has no effect: nobody in of= is it"
                )
    return weights
