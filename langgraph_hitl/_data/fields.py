"""`Fields`: a mapping in a description, of which every field is known and has the right type."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from langgraph_hitl._data.place import Place
from langgraph_hitl._text.duration import duration_of
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import checked_fraction, quoted
from langgraph_hitl.triggers.source import Path

_KINDS = {
    type(None): "empty",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    dict: "a mapping",
    list: "a list",
}


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping whose fields are all known."""

    values: Mapping[str, Any]
    place: Place

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def at(self, name: str) -> Place:
        return self.place / name

    def text(self, name: str, default: str = "") -> str:
        return text_of(self.values[name], self.at(name)) if name in self else default

    def path(self, name: str, default: str = "") -> str:
        return path_of(self.values[name], self.at(name)) if name in self else default

    def texts(self, name: str) -> list[str]:
        return texts_of(self.values[name], self.at(name)) if name in self else []

    def item(self, name: str, index: int) -> Place:
        """The place of one of `texts`."""
        return item_at(self.values[name], self.at(name), index)

    def number(self, name: str) -> float:
        return number_of(self.values[name], self.at(name))

    def fraction(self, name: str) -> float:
        return fraction_of(self.values[name], self.at(name))

    def duration(self, name: str) -> timedelta:
        return duration_at(self.values[name], self.at(name), name)


def fields_of(
    given: Any, place: Place, *, known: Iterable[str], required: Sequence[str] = ()
) -> Fields:
    """The fields of a mapping. An unknown field and a missing one are errors."""
    if not isinstance(given, Mapping):
        raise place.error(f"must be a mapping with {', '.join(known)}, not {kind_of(given)}")
    for name in given:
        if not isinstance(name, str):
            raise place.error(f"the name of a field is a text, not {kind_of(name)}")
        if name not in known:
            raise (place / name).error(f"unknown field {quoted(name)}{suggestion(name, known)}")
    for name in required:
        if name not in given:
            raise place.error(f"the field {name!r} is missing")
    return Fields(given, place)


def text_of(given: Any, place: Place) -> str:
    """A text that is not blank, without the white space around it."""
    if not isinstance(given, str):
        hint = "" if given is None or _is_tree(given) else "; put it in quotes"
        raise place.error(f"must be a text, not {kind_of(given)}{hint}")
    if not given.strip():
        raise place.error("must be a text that is not blank")
    if "\x00" in given or any("\ud800" <= char <= "\udfff" for char in given):
        raise place.error("has a character that cannot be stored")
    return given.strip()


def path_of(given: Any, place: Place) -> str:
    """A state key, or a way into its value."""
    text = text_of(given, place)
    with place.blamed():
        return Path(text).text


def texts_of(given: Any, place: Place) -> list[str]:
    """A list of texts; a single text stands for itself."""
    if isinstance(given, str):
        return [text_of(given, place)]
    texts = [text_of(item, place / index) for index, item in enumerate(list_of(given, place))]
    for index, text in enumerate(texts):
        if text in texts[:index]:
            raise (place / index).error(f"{quoted(text)} stands twice in the list")
    return texts


def item_at(given: Any, place: Place, index: int) -> Place:
    """The place of an item of `texts_of`."""
    return place if isinstance(given, str) else place / index


def list_of(given: Any, place: Place) -> Sequence[Any]:
    """A list with something in it."""
    if not isinstance(given, list | tuple):
        raise place.error(f"must be a list, not {kind_of(given)}")
    if not given:
        raise place.error("the list is empty")
    return given


def number_of(given: Any, place: Place) -> float:
    """A finite number."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise place.error(f"must be a number, not {kind_of(given)}")
    try:
        finite = math.isfinite(given)
    except OverflowError:
        finite = False
    if not finite:
        raise place.error("must be a finite number")
    return given


def fraction_of(given: Any, place: Place) -> float:
    """A number from 0 to 1."""
    number = number_of(given, place)
    try:
        return checked_fraction(number, "it")
    except GateError:
        raise place.error(f"must be a number from 0 to 1, not {number!r}") from None


def duration_at(given: Any, place: Place, what: str) -> timedelta:
    """A duration such as `24h`; `what` names it in errors."""
    with place.blamed():
        return duration_of(given, what)


def one_of(given: Any, place: Place, known: Sequence[str], what: str) -> str:
    """A word out of those that are known."""
    text = text_of(given, place)
    if text not in known:
        raise place.error(f"unknown {what} {quoted(text)}{suggestion(text, known)}")
    return text


def kind_of(given: Any) -> str:
    """What a value is, in the words of a description.

    >>> kind_of(5), kind_of(None), kind_of(["a"])
    ('a number (5)', 'empty', 'a list')
    """
    kind = _KINDS.get(type(given), f"a {type(given).__name__}")
    return f"{kind} ({quoted(given)})" if isinstance(given, bool | int | float) else kind


def _is_tree(given: Any) -> bool:
    return isinstance(given, Mapping | list | tuple)
