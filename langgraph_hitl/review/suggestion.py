"""Suggestions: what a model would change in a text, each bound to the words that it replaces.

>>> one = anchored({"id": "1", "replaces": "grate", "replacement": "great"}, "A grate day")
>>> one["at"], with_suggestions("A grate day", [one]).text
(2, 'A great day')
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import count
from typing import Any, NamedTuple, NotRequired

from typing_extensions import TypedDict

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import ProposalFailed
from langgraph_hitl.review.digest import NotJson, digest, plain_json
from langgraph_hitl.review.items import id_of

GONE = "its words are not in the text"
SEVERAL = "its words stand in several places of the text, and `at` names none of them"
CHANGED = "the text has changed since this was shown"
OVERLAPS = "it replaces words that {others} replaces too, accepted at the same time: accept one"
NOTHING_LEFT = "together with what was accepted at the same time it leaves nothing of the text"

_NAMED = 3
_ANCHOR = ("at", "on", "conflict")


class Suggestion(TypedDict):
    """One change to a text, as plain JSON.

    `replaces` quotes the text; to insert, quote the words beside and repeat them. `at` is the place
    of the quotation in characters, `on` the digest of the text that it was found in. `conflict`
    says why it can not be applied, or was not.
    """

    id: str
    replaces: str
    replacement: str
    why: NotRequired[str]
    at: NotRequired[int]
    on: NotRequired[str]
    conflict: NotRequired[str]


class Changed(NamedTuple):
    """A text with suggestions in it; `conflicts` says by id which of them are not, and why."""

    text: str
    conflicts: dict[str, str]


def read_suggestions(
    given: Any, *, of: str, text: str, numbered_from: int = 1, taken: Collection[str] = ()
) -> list[dict[str, Any]]:
    """What a model returned, as anchored suggestions. Those without an id are numbered.

    `taken` are the ids of others that are open. Raises `ProposalFailed`, which names `of` and the
    culprit. A quotation that is not in the text is no error: people see it as a conflict.
    """
    found = listed(given, "suggestions", of)
    own = {id_of(raw, "id") for raw in found}
    numbers = (str(n) for n in count(numbered_from) if str(n) not in own and str(n) not in taken)
    read: dict[str, dict[str, Any]] = {}
    for place, raw in enumerate(found):
        one = _read(raw, f"{of}: suggestion {place}", next(numbers))
        if one["id"] in read or one["id"] in taken:
            raise ProposalFailed(
                f"{of}: two open suggestions have the id {one['id']!r}; leave ids out to "
                "have them numbered"
            )
        read[one["id"]] = anchored(one, text)
    return list(read.values())


def anchored(one: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The suggestion with the place of its words in this text, or with the conflict.

    A place that was found in another text does not count.
    """
    kept = {name: value for name, value in one.items() if name not in _ANCHOR}
    now = digest(text)
    at = one.get("at") if one.get("on") in (None, now) else None
    place = _place(text, one["replaces"], at)
    return {**kept, "on": now, **({"at": place} if type(place) is int else {"conflict": place})}


def with_suggestions(text: str, accepted: Iterable[Mapping[str, Any]]) -> Changed:
    """The text with what was accepted, in whatever order it comes.

    Where two of them replace the same words, neither is applied; nor is one that was shown with
    another text, or whose words are not where it says.
    """
    now = digest(text)
    spans: list[tuple[int, int, Mapping[str, Any]]] = []
    conflicts: dict[str, str] = {}
    for one in accepted:
        place = _place(text, one["replaces"], one.get("at"))
        if one.get("on") not in (None, now):
            conflicts[one["id"]] = CHANGED
        elif type(place) is int:
            spans.append((place, place + len(one["replaces"]), one))
        else:
            conflicts[one["id"]] = str(place)
    conflicts |= _overlaps(spans)
    free = [span for span in spans if span[2]["id"] not in conflicts]
    changed = text
    for start, end, one in sorted(free, key=lambda span: span[0], reverse=True):
        changed = changed[:start] + one["replacement"] + changed[end:]
    if is_blank(changed) and not is_blank(text):
        return Changed(text, conflicts | {one["id"]: NOTHING_LEFT for _, _, one in free})
    return Changed(changed, conflicts)


def listed(given: Any, field: str, of: str) -> list[Any]:
    """The list that a model returned: by itself, or as the only thing in an object."""
    if hasattr(given, "model_dump"):
        given = given.model_dump(mode="json")
    if isinstance(given, Mapping) and set(given) == {field}:
        given = given[field]
    if not isinstance(given, list | tuple):
        raise ProposalFailed(f"{of} returned {given!r:.80} instead of a list of {field}")
    return [each.model_dump(mode="json") if hasattr(each, "model_dump") else each for each in given]


def with_id(raw: Any, what: str, number: str) -> dict[str, Any]:
    """An object with an id that is a text: its own, or the number."""
    try:
        one = plain_json(raw)
    except NotJson as error:
        raise ProposalFailed(f"{what} is not JSON ({error})") from None
    if not isinstance(one, dict):
        raise ProposalFailed(f"{what} is {raw!r:.80} instead of an object")
    found = number if one.get("id") is None else id_of(one, "id")
    if found is None:
        raise ProposalFailed(f"{what}: its id {one['id']!r:.80} is no text; leave it out")
    given = {name: value for name, value in one.items() if name != "id" and value is not None}
    return {"id": found, **given}


def _read(raw: Any, what: str, number: str) -> dict[str, Any]:
    one = with_id(raw, what, number)
    for name in ("replaces", "replacement"):
        if not isinstance(one.get(name), str):
            raise ProposalFailed(f"{what}: {name!r} is no text: {one.get(name)!r:.80}")
    if not one["replaces"]:
        raise ProposalFailed(
            f"{what}: 'replaces' is empty; to insert, quote the words beside and repeat them"
        )
    if one["replaces"] == one["replacement"]:
        raise ProposalFailed(f"{what} changes nothing: {one['replaces']!r:.80}")
    return {name: value for name, value in one.items() if name not in ("on", "conflict")}


def _place(text: str, words: str, at: Any) -> int | str:
    """Where the words stand, or what is wrong with them."""
    first = text.find(words) if words else -1
    if first < 0:
        return GONE
    if text.find(words, first + 1) < 0:
        return first
    return at if type(at) is int and at >= 0 and text.startswith(words, at) else SEVERAL


def _overlaps(spans: list[tuple[int, int, Mapping[str, Any]]]) -> dict[str, str]:
    ordered = sorted(spans, key=lambda span: (span[0], span[1], span[2]["id"]))
    others: dict[str, list[str]] = {}
    for number, (_, end, one) in enumerate(ordered):
        for start, _, other in ordered[number + 1 :]:
            if start >= end:
                break
            for item, same in ((one, other["id"]), (other, one["id"])):
                named = others.setdefault(item["id"], [])
                if len(named) <= _NAMED:
                    named.append(same)
    return {item: OVERLAPS.format(others=_named(same)) for item, same in others.items()}


def _named(others: list[str]) -> str:
    if len(others) > _NAMED:
        return f"{', '.join(map(repr, others[:_NAMED]))} and others"
    return " and ".join(map(repr, sorted(others)))
