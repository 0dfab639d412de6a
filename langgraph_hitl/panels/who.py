"""`Who`: the people that an option names, as keys: `*`, `role:editors`, `person:maria`, and of
those whose level or skills count, `level:lead`, `skill:tax`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from langgraph_hitl.errors import GateError
from langgraph_hitl.review.reviewer import Reviewer, Voter, checked_name

ANYBODY = "*"
_ROLE, _PERSON, _LEVEL, _SKILL = "role:", "person:", "level:", "skill:"


@dataclass(frozen=True)
class Skill:
    """Those who have a skill, where a panel takes roles or people."""

    name: str


class Who(NamedTuple):
    """Keys, and the roles that the named persons were given with them."""

    keys: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]] = {}

    @property
    def persons(self) -> tuple[str, ...]:
        """The ids of the named persons."""
        return tuple(name for key in self.keys if (name := person_in(key)) is not None)


def who_of(given: Any, what: str) -> Who:
    """A role, a `Reviewer`, a `Skill`, or several of these."""
    several = [given] if isinstance(given, str | Reviewer | Skill) else given
    if isinstance(several, bytes | Mapping) or not isinstance(several, Iterable):
        raise GateError(
            f"{what} takes a role (a text), a Reviewer, or several of these, "
            f"not {type(given).__name__}"
        )
    keys: list[str] = []
    roles: dict[str, tuple[str, ...]] = {}
    for one in several:
        key = skill_key(one.name) if isinstance(one, Skill) else key_of(one, what)
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


def level_key(level: str) -> str:
    """The key of those who have this very level."""
    return _LEVEL + level


def skill_key(skill: str) -> str:
    """The key of those who have a skill."""
    return _SKILL + skill


def keys_of(voter: Voter) -> tuple[str, ...]:
    """Every key that fits somebody.

    >>> keys_of(Reviewer("maria", roles="editors", level="lead", skills="tax"))
    ('*', 'person:maria', 'role:editors', 'level:lead', 'skill:tax')
    """
    level = () if voter.level is None else (level_key(voter.level),)
    roles, skills = map(role_key, voter.roles), map(skill_key, voter.skills)
    return (ANYBODY, person_key(voter.id), *roles, *level, *skills)


def person_in(key: str) -> str | None:
    """The person's id, if the key is one of a person."""
    return key[len(_PERSON) :] if key.startswith(_PERSON) else None


def role_in(key: str) -> str | None:
    """The role, if the key is one of a role."""
    return key[len(_ROLE) :] if key.startswith(_ROLE) else None


def level_in(key: str) -> str | None:
    """The level, if the key is one of a level."""
    return key[len(_LEVEL) :] if key.startswith(_LEVEL) else None


def skill_in(key: str) -> str | None:
    """The skill, if the key is one of a skill."""
    return key[len(_SKILL) :] if key.startswith(_SKILL) else None


def name_in(key: str) -> str:
    """The name in a key, for people."""
    if key == ANYBODY:
        return "anybody"
    name = key.partition(":")[2]
    return name if skill_in(key) is None else f"experts in {name}"


def in_words(keys: Iterable[str]) -> str:
    """Whom keys name, for people: `the role 'editors', or 'maria'`."""
    kinds = {"the role": role_in, "the level": level_in, "the skill": skill_in, "": person_in}
    needed = []
    for words, name_of in kinds.items():
        names = [name for key in keys if (name := name_of(key)) is not None]
        if names:
            needed.append(f"{words} {' or '.join(map(repr, names))}".lstrip())
    return ", or ".join(needed)


def holds(key: str, voter: Voter, given: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a key fits somebody, by id, by the roles they have, or by those in `given`."""
    role, level, skill = role_in(key), level_in(key), skill_in(key)
    if role is not None:
        return role in voter.roles or role in given.get(voter.id, ())
    if level is not None:
        return level == voter.level
    if skill is not None:
        return skill in voter.skills
    return key in (ANYBODY, person_key(voter.id))
