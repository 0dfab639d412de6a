"""`Reviewer`: a person who decides, known by an id, and by roles, a level and skills."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.digest import NotJson, plain_json

MAX_NAME = 200
_RESERVED = ("direct", "*")


class Voter(Protocol):
    """Somebody who may or may not decide: a `Reviewer`, or an `Identity`."""

    @property
    def id(self) -> str: ...

    @property
    def roles(self) -> tuple[str, ...]: ...

    @property
    def level(self) -> str | None: ...

    @property
    def skills(self) -> tuple[str, ...]: ...


class Identity(NamedTuple):
    """An id, roles, level and skills as they were claimed or stored; nothing is checked."""

    id: str
    roles: tuple[str, ...] = ()
    level: str | None = None
    skills: tuple[str, ...] = ()


DIRECT = Identity("direct")
"""Whoever resumes the graph itself. Eligible where anybody may decide, and one voter in all."""


@dataclass(frozen=True, init=False)
class Reviewer:
    """A person who decides.

    Args:
        id: What tells this person from everybody else: a user name, an address. It is compared
            exactly. Not blank, at most 200 characters, and none of the package's own names
            (`direct`, `*`, `system:...`).
        roles: The roles that the person has; a single text is one role.
        name: How the person is shown; the id without it.
        level: How much authority the person has: a level of a `Ladder`, such as `lead`. None is
            less than the lowest one.
        skills: What the person knows well; a single text is one skill.

    Raises `GateError` for anything else.

    >>> maria = Reviewer("maria", roles=("editors", "legal"), level="lead", skills="tax")
    >>> maria.id, maria.roles, maria.name, maria.level, maria.skills
    ('maria', ('editors', 'legal'), 'maria', 'lead', ('tax',))
    """

    id: str
    roles: tuple[str, ...]
    name: str
    level: str | None
    skills: tuple[str, ...]

    def __init__(
        self,
        id: str,
        roles: Iterable[str] = (),
        *,
        name: str | None = None,
        level: str | None = None,
        skills: Iterable[str] = (),
    ) -> None:
        checked = checked_name(id, "the id of a Reviewer")
        if checked in _RESERVED or checked.startswith("system:"):
            raise GateError(
                f"the id of a Reviewer must not be {checked!r}: direct, * and what begins with "
                "system: are names of the package itself"
            )
        shown = checked if name is None else checked_name(name, "the name of a Reviewer")
        object.__setattr__(self, "id", checked)
        object.__setattr__(self, "roles", checked_roles(roles))
        object.__setattr__(self, "name", shown)
        checked_level = None if level is None else checked_name(level, "the level of a Reviewer")
        object.__setattr__(self, "level", checked_level)
        object.__setattr__(self, "skills", checked_names(skills, "skills", "a skill"))


def checked_roles(given: Any) -> tuple[str, ...]:
    """Roles as a tuple, each once."""
    return checked_names(given, "roles", "a role")


def checked_names(given: Any, what: str, one: str) -> tuple[str, ...]:
    """Names as a tuple, each once; a single text is one of them."""
    if isinstance(given, str):
        given = (given,)
    if not isinstance(given, Iterable) or isinstance(given, bytes | bytearray | dict):
        raise GateError(f"{what} must be a tuple of texts, not {type(given).__name__}")
    return tuple(dict.fromkeys(checked_name(name, one) for name in given))


def checked_name(given: Any, what: str) -> str:
    """A text that is not blank and that a database takes."""
    if not isinstance(given, str) or is_blank(given):
        raise GateError(f"{what} must be a text that is not blank, not {_brief(given)}")
    if len(given) > MAX_NAME:
        raise GateError(f"{what} must have at most {MAX_NAME} characters, not {len(given)}")
    try:
        text: str = plain_json(given, what)
    except NotJson as error:
        raise GateError(str(error)) from None
    if text == "*":
        raise GateError(f"{what} must not be '*', which stands for anybody")
    return text


def _brief(given: Any) -> str:
    return repr(given) if isinstance(given, str) and len(given) < 40 else type(given).__name__
