"""`Names`: who is named in an export, or only told apart."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from langgraph_hitl._subgraph.verdict import PANEL

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case, Version

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


def masked(case: Case, names: Names, others: tuple[str, ...] = ()) -> Case:
    """The case with those who had a part in it told by `names` in what was shown and decided too.

    They are found where a value is such an id as a whole, and before what each of a panel said;
    what people wrote stays as it is.
    """
    people = {one: names(one) for one in (case.requester, case.by, *others) if one is not None}
    if all(told == one for one, told in people.items()):
        return case
    return replace(
        case,
        request=_request(case.request, people),
        decision=_told(_spoken(case.decision, people), people, ("value",)),
        before=None if case.before is None else _request(case.before, people),
        after=None if case.after is None else _request(case.after, people),
    )


def masked_version(
    version: Version, case: Case, names: Names, others: tuple[str, ...] = ()
) -> Version:
    """`masked`, of one version of the review of a case."""
    shown = replace(
        case,
        request=version.request,
        decision=version.decision or {},
        by=version.by or case.by,
        before=None,
        after=None,
    )
    told = masked(shown, names, (case.by, *others))
    decision = None if version.decision is None else told.decision
    return version._replace(request=told.request, decision=decision)


def _spoken(decision: dict[str, Any], people: Mapping[str, Any]) -> dict[str, Any]:
    """The decision of a panel, whose words are a line or more of each: `maria: too long`."""

    def line(text: str) -> str:
        name, colon, said = text.partition(": ")
        return f"{people[name]}: {said}" if colon and name in people else text

    words = {name: decision[name] for name in _SAID if isinstance(decision.get(name), str)}
    return decision | {name: "\n".join(map(line, text.split("\n"))) for name, text in words.items()}


_SAID = ("comment", "feedback", "message", "reason")


def _request(request: dict[str, Any], people: Mapping[str, Any]) -> dict[str, Any]:
    return _told(request, people, ("context", "subject"))


def _told(
    given: dict[str, Any], people: Mapping[str, Any], keys: tuple[str, ...]
) -> dict[str, Any]:
    return given | {key: _replaced(given[key], people) for key in keys if key in given}


def _replaced(value: Any, people: Mapping[str, Any]) -> Any:
    match value:
        case str():
            return people.get(value, value)
        case dict():
            return {key: _replaced(one, people) for key, one in value.items()}
        case list():
            return [_replaced(one, people) for one in value]
        case _:
            return value


def _itself(person: str | None) -> str | None:
    return person
