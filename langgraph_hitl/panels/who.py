"""`Who`: the people that an option names, as keys: `*`, `role:editors`, `person:maria`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from langgraph_hitl.errors import GateError
from langgraph_hitl.review.reviewer import Reviewer, Voter, checked_name

ANYBODY = "*"
_ROLE, _PERSON = "role:", "person:"


class Who(NamedTuple):
    """Keys, and the roles that the named persons were given with them."""

    keys: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]] = {}

    @property
    def persons(self) -> tuple[str, ...]:
        """The ids of the named persons."""
        return tuple(name for key in self.keys if (name := person_in(key)) is not None)


def who_of(given: Any, what: str) -> Who:
    """A role, a `Reviewer`, or several of these."""
    several = [given] if isinstance(given, str | Reviewer) else given
    if isinstance(several, bytes | Mapping) or not isinstance(several, Iterable):
        raise GateError(
            f"{what} takes a role (a text), a Reviewer, or several of these, "
            f"not {type(given).__name__}"
        )
    keys: list[str] = []
    roles: dict[str, tuple[str, ...]] = {}
    for one in several:
        key = key_of(one, what)
        if key in keys:
            raise GateError(f"{what} names {name_in(key)!r} twice; everybody votes once")
        keys.append(key)
        if isinstance(one, Reviewer):
            roles[one.id] = one.roles
    if not keys:
        raise GateError(f"{what} names nobody; name a role or a Reviewer")
    return Who(tuple(keys), roles)


def key_of(given: Any, what: str, persons: Iterable[str] = ()) -> str:
    """The key of a `Reviewer` or a role; a text that is the id of one of `persons` means them."""
    if isinstance(given, Reviewer):
        return _PERSON + given.id
    name = checked_name(given, f"a role or Reviewer in {what}")
    return (_PERSON if name in persons else _ROLE) + name


def role_key(role: str) -> str:
    """The key of a role."""
    return _ROLE + role


def person_key(id: str) -> str:
    """The key of a person."""
    return _PERSON + id


def person_in(key: str) -> str | None:
    """The person's id, if the key is one of a person."""
    return key[len(_PERSON) :] if key.startswith(_PERSON) else None


def role_in(key: str) -> str | None:
    """The role, if the key is one of a role."""
    return key[len(_ROLE) :] if key.startswith(_ROLE) else None


def name_in(key: str) -> str:
    """The name in a key, for people."""
    return "anybody" if key == ANYBODY else key.partition(":")[2]


def holds(key: str, voter: Voter, given: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a key fits somebody, by id, by the roles they have, or by those in `given`."""
    if key == ANYBODY:
        return True
    role = role_in(key)
    if role is None:
        return key == person_key(voter.id)
    return role in voter.roles or role in given.get(voter.id, ())
