"""One checkpoint out of a document that has one, or several under `checkpoints`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph_hitl._data.fields import fields_of, kind_of, list_of, text_of
from langgraph_hitl._data.place import Place
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.triggers.number import quoted


def selected(data: Any, place: Place, name: str | None) -> tuple[Any, Place]:
    """The checkpoint of that name, and its place."""
    if isinstance(data, list):
        raise place.error("must be a mapping, not a list; several stand under 'checkpoints'")
    if not isinstance(data, Mapping) or "checkpoints" not in data:
        if name is not None and _name(data, place) != name:
            raise place.error(f"the checkpoint is not named {quoted(name)}")
        return data, place
    fields = fields_of(data, place, known=("checkpoints",))
    found = _by_name(fields.values["checkpoints"], fields.at("checkpoints"))
    if name is None:
        raise place.error(f"which checkpoint? Pass name=, one of {', '.join(found)}")
    if not isinstance(name, str) or name not in found:
        raise place.error(f"no checkpoint is named {quoted(name)}{suggestion(name, found)}")
    return found[name]


def _by_name(given: Any, place: Place) -> dict[str, tuple[Any, Place]]:
    found: dict[str, tuple[Any, Place]] = {}
    for index, item in enumerate(list_of(given, place)):
        inside = place / index
        name = _name(item, inside)
        if name in found:
            first = found[name][1].line
            raise inside.error(f"the name {name!r} stands twice, first in line {first}")
        found[name] = (item, inside)
    return found


def _name(data: Any, place: Place) -> str:
    if not isinstance(data, Mapping):
        raise place.error(f"a checkpoint is a mapping, not {kind_of(data)}")
    if "name" not in data:
        raise place.error("the field 'name' is missing")
    return text_of(data["name"], place / "name")
