"""`Names`: who is named in an export, or only told apart."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Literal, TypeAlias

from langgraph_hitl._subgraph.verdict import PANEL

People = Literal["named", "hashed"]
Names: TypeAlias = Callable[[str | None], str | None]
"""The id of a person as an export tells it."""


def names(people: People, *, token: Callable[[], str]) -> Names:
    """Ids as they are, or pseudonyms under a key that nobody keeps.

    With `hashed` the same person has the same pseudonym within one export, and another one in the
    next: who knows the ids cannot try them out. The ids of the system and of a panel stay.
    """
    if people == "named":
        return _itself
    key = token().encode()

    def pseudonym(person: str | None) -> str | None:
        if person is None or person == PANEL or person.startswith("system:"):
            return person
        return "p-" + hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:16]

    return pseudonym


def _itself(person: str | None) -> str | None:
    return person
