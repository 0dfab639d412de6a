"""Templates and bounds as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from langgraph_hitl._data.fields import (
    fields_of,
    kind_of,
    list_of,
    number_of,
    path_of,
    text_of,
)
from langgraph_hitl._data.place import Place
from langgraph_hitl.policies.bound import Bound, Equal, From, In, Max, Min, Until
from langgraph_hitl.policies.pattern import Pattern
from langgraph_hitl.policies.template import Template

_TEMPLATE = ("name", "version", "owner", "expires", "matches")


def template_of_data(given: Any, place: Place) -> Template:
    """One of `templates`. All its fields are required."""
    fields = fields_of(given, place, known=_TEMPLATE, required=_TEMPLATE)
    for name in ("name", "owner", "expires"):
        fields.text(name)
    bounds = bounds_of_data(fields.values["matches"], fields.at("matches"))
    with place.blamed():
        return Template(
            fields.text("name"),
            version=version_of(fields.values["version"], fields.at("version")),
            owner=fields.text("owner"),
            expires=fields.text("expires"),
            matches=bounds,
        )


def version_of(given: Any, place: Place) -> str | int:
    """A version: a text, or a whole number."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    return text_of(given, place)


def bounds_of_data(given: Any, place: Place) -> dict[str, tuple[Bound, ...]]:
    """Bounds by state key or path, as `{amount: {max: 50}}` describes them."""
    if not isinstance(given, Mapping) or not given:
        raise place.error(
            f"must be a mapping of state keys to bounds, as in {{amount: {{max: 50}}}}, "
            f"not {kind_of(given)}"
        )
    fields = fields_of(given, place, known=list(given))
    found = {}
    for key in given:
        path_of(key, fields.at(key))
        found[key] = tuple(_bounds(given[key], fields.at(key)))
        with fields.at(key).blamed():
            Pattern({key: found[key]})
    return found


def _bounds(given: Any, place: Place) -> Iterator[Bound]:
    if not isinstance(given, Mapping) or not given:
        raise place.error(
            f"must be a bound such as 'equal: ...' or 'max: ...', not {kind_of(given)}"
        )
    fields = fields_of(given, place, known=list(_BOUNDS))
    for name, value in given.items():
        read, bound = _BOUNDS[name]
        found = read(value, fields.at(name))
        with fields.at(name).blamed():
            yield bound(found)


def _scalars(given: Any, place: Place) -> list[Any]:
    return [_scalar(item, place / index) for index, item in enumerate(list_of(given, place))]


def _scalar(given: Any, place: Place) -> Any:
    if isinstance(given, bool):
        return given
    if isinstance(given, int | float):
        return number_of(given, place)
    return text_of(given, place)


_BOUNDS: dict[str, tuple[Callable[[Any, Place], Any], Callable[[Any], Bound]]] = {
    "equal": (_scalar, Equal),
    "in": (_scalars, In),
    "min": (number_of, Min),
    "max": (number_of, Max),
    "from": (text_of, From),
    "until": (text_of, Until),
}
