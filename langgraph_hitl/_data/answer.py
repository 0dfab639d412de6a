"""The kinds of answer as data: yes or no, one of several, several of them, or free form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from langgraph_hitl._data.fields import fields_of, kind_of, one_of, texts_of
from langgraph_hitl._data.place import Place
from langgraph_hitl.review.choice import Choice

Answer: TypeAlias = Literal["yes_no", "free_form"] | Choice

_CHOICES = ("choose_one", "choose_several")
_KNOWN = ("yes_no", "free_form", *_CHOICES)


def answer_of_data(given: Any, place: Place) -> Answer:
    """The kind of answer that `answer` describes."""
    if isinstance(given, Mapping):
        return _choice(given, place)
    if not isinstance(given, str):
        raise place.error(f"must be one of {', '.join(_KNOWN)}, not {kind_of(given)}")
    word = one_of(given, place, _KNOWN, "kind of answer")
    if word in _CHOICES:
        raise place.error(f"{word!r} needs options: write '{word}: [...]' under it")
    return "yes_no" if word == "yes_no" else "free_form"


def _choice(given: Mapping[Any, Any], place: Place) -> Choice:
    fields = fields_of(given, place, known=_KNOWN)
    if len(given) != 1:
        raise place.error(f"must name one kind of answer, not {len(given)}")
    (kind,) = fields.values
    inside = fields.at(kind)
    if kind not in _CHOICES:
        raise inside.error(f"{kind!r} has no options: write 'answer: {kind}'")
    options = texts_of(fields.values[kind], inside)
    with inside.blamed():
        return Choice(*options, multiple=kind == "choose_several")
