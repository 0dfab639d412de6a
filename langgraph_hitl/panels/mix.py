"""`Mix`: how many people of each role have to be among those who approve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.number import checked_count
from langgraph_hitl.panels.who import holds, name_in, role_key
from langgraph_hitl.review.reviewer import Identity, Voter, checked_name

MAX_SEATS = 100


class Mix(NamedTuple):
    """Seats by role. A person takes one seat, whatever roles they have.

    `given` has the roles that named persons were given with them, which count instead of theirs.
    """

    seats: Mapping[str, int] = {}
    given: Mapping[str, tuple[str, ...]] = {}

    @property
    def total(self) -> int:
        """How many people it takes."""
        return sum(self.seats.values())

    def empty(self, voters: Sequence[Voter]) -> list[str]:
        """The roles of the seats that stay empty when the voters are seated as well as can be."""
        seats = [key for key, count in self.seats.items() for _ in range(count)]
        seated: dict[int, int] = {}
        for voter in range(len(voters)):
            self._seat(voter, voters, seats, seated, set())
        return [name_in(key) for seat, key in enumerate(seats) if seat not in seated]

    def _seat(
        self,
        voter: int,
        voters: Sequence[Voter],
        seats: Sequence[str],
        seated: dict[int, int],
        tried: set[int],
    ) -> bool:
        """Seat a voter, moving others to other seats of theirs where that helps."""
        for seat in self._fitting(voters[voter], seats):
            if seat in tried:
                continue
            tried.add(seat)
            if seat not in seated or self._seat(seated[seat], voters, seats, seated, tried):
                seated[seat] = voter
                return True
        return False

    def _fitting(self, voter: Voter, seats: Sequence[str]) -> Iterator[int]:
        seen = Identity(voter.id, self.given.get(voter.id, voter.roles))
        return (seat for seat, key in enumerate(seats) if holds(key, seen, {}))

    @property
    def names(self) -> str:
        """The seats, for people."""
        return " and ".join(f"{count} of {name_in(key)}" for key, count in self.seats.items())


NO_MIX = Mix()


def mix_of(given: Any, roles: Mapping[str, tuple[str, ...]], what: str) -> Mix:
    """The mix that the option `roles=` describes."""
    if given is None:
        return NO_MIX
    if not isinstance(given, Mapping) or not given:
        raise GateError(f"{what}: roles maps roles to numbers of people, such as {{'legal': 1}}")
    seats = {
        role_key(checked_name(role, f"a role in {what}: roles")): checked_count(
            number, f"{what}: the number of people of a role"
        )
        for role, number in given.items()
    }
    mix = Mix(seats, roles)
    if mix.total > MAX_SEATS:
        raise GateError(f"{what}: roles= takes {mix.total} people; at most {MAX_SEATS} can be")
    return mix
