"""Panels as data: a role, a list of roles, or one kind of panel with its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from langgraph_hitl._data.fields import (
    Fields,
    duration_at,
    fields_of,
    kind_of,
    list_of,
    number_of,
    text_of,
    texts_of,
)
from langgraph_hitl._data.place import Place
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import (
    Ladder,
    Panel,
    Reviewer,
    all_of,
    anyone,
    by_risk,
    chain,
    expert,
    majority,
    quorum,
    unanimous,
)
from langgraph_hitl.review.finding import readable
from langgraph_hitl.triggers.number import quoted

Read: TypeAlias = Callable[[Any, Place, int], Panel]

_MAX_DEPTH = 10
_WHO = ("of", "people", "size")
_HOW = ("blind", "may_change")


def panel_of_data(given: Any, place: Place, depth: int = 0) -> Panel:
    """The panel that `reviewers` describes. A text is a role."""
    if depth > _MAX_DEPTH:
        raise place.error(f"is nested more than {_MAX_DEPTH} deep")
    if isinstance(given, str | list):
        roles = texts_of(given, place)
        with place.blamed():
            return anyone(*roles)
    if not isinstance(given, Mapping):
        raise place.error(
            f"must be a role (a text), a list of roles, or one of {', '.join(_KINDS)}, "
            f"not {kind_of(given)}"
        )
    if len(given) != 1:
        named = ", ".join(map(quoted, given)) or "nothing"
        raise place.error(
            f"must name one of {', '.join(_KINDS)}, not {readable(named, 80)}; what a panel takes "
            "stands under its name: {quorum: {n: 2, of: security, veto: ciso}}"
        )
    ((kind, options),) = given.items()
    inside = place / str(kind)
    if kind not in _KINDS:
        raise inside.error(f"unknown panel {quoted(kind)}{suggestion(kind, _KINDS)}")
    return _KINDS[kind](options, inside, depth + 1)


def _anyone(given: Any, place: Place, _depth: int) -> Panel:
    fields = fields_of(given, place, known=("of", "people"))
    who = _who(fields)
    if not who:
        raise place.error("names nobody: give the roles in 'of', or the ids in 'people'")
    with place.blamed():
        return anyone(*who)


def _quorum(given: Any, place: Place, _depth: int) -> Panel:
    known = ("n", *_WHO, "veto", "against", *_HOW)
    fields = fields_of(given, place, known=known, required=("n",))
    options = _options(fields, "veto", "against")
    number = fields.number("n")
    with place.blamed():
        return quorum(number, **options)


def _majority(given: Any, place: Place, _depth: int) -> Panel:
    fields = fields_of(given, place, known=(*_WHO, "veto", "tie", *_HOW))
    options = _options(fields, "veto", "tie")
    with place.blamed():
        return majority(**options)


def _unanimous(given: Any, place: Place, _depth: int) -> Panel:
    options = _options(fields_of(given, place, known=(*_WHO, *_HOW)))
    with place.blamed():
        return unanimous(**options)


def _all_of(given: Any, place: Place, depth: int) -> Panel:
    parts = [
        panel_of_data(item, place / index, depth)
        for index, item in enumerate(list_of(given, place))
    ]
    with place.blamed():
        return all_of(*parts)


def _chain(given: Any, place: Place, _depth: int) -> Panel:
    """Levels, the lowest first; or with the time that each has, and the scores they begin at."""
    if isinstance(given, str | list):
        given = {"levels": given}
    known = ("levels", "ladder", "within", "bands")
    fields = fields_of(given, place, known=known, required=("levels",))
    options: dict[str, Any] = {}
    if "ladder" in fields:
        with fields.at("ladder").blamed():
            options["ladder"] = Ladder(*fields.texts("ladder"))
    if "within" in fields:
        options["within"] = _within(fields.values["within"], fields.at("within"))
    if "bands" in fields:
        at = fields.at("bands")
        edges = list_of(fields.values["bands"], at)
        options["bands"] = [number_of(edge, at / index) for index, edge in enumerate(edges)]
    levels = fields.texts("levels")
    with place.blamed():
        return chain(*levels, **options)


def _within(given: Any, place: Place) -> dict[str, timedelta]:
    if not isinstance(given, Mapping):
        raise place.error(f"must map levels to durations, not {kind_of(given)}")
    return {
        str(level): duration_at(limit, place / str(level), f"the time of {level!r}")
        for level, limit in given.items()
    }


def _by_risk(given: Any, place: Place, depth: int) -> Panel:
    if not isinstance(given, Mapping):
        raise place.error(f"must map risks or scores to panels, not {kind_of(given)}")
    parts = {
        _risk_or_score(name): panel_of_data(one, place / str(name), depth)
        for name, one in given.items()
    }
    with place.blamed():
        return by_risk(parts)


def _risk_or_score(name: Any) -> Any:
    """The names of fields are texts; a score is one that stands in quotes."""
    try:
        return float(name)
    except (TypeError, ValueError):
        return name


def _expert(given: Any, place: Place, _depth: int) -> Panel:
    if isinstance(given, str | list):
        given = {"skill": given}
    fields = fields_of(given, place, known=("skill", "n", "size", *_HOW), required=("skill",))
    options: dict[str, Any] = {
        name: _whole(fields.values[name], fields.at(name))
        for name in ("n", "size")
        if name in fields
    }
    for name in _HOW:
        if name in fields:
            options[name] = _yes_or_no(fields.values[name], fields.at(name))
    skill = fields.texts("skill")
    with place.blamed():
        return expert(skill=skill, **options)


def _options(fields: Fields, *more: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if who := _who(fields):
        options["of"] = who
    if "size" in fields:
        options["size"] = _whole(fields.values["size"], fields.at("size"))
    if "veto" in more and "veto" in fields:
        options["veto"] = fields.texts("veto")
    if "against" in more and "against" in fields:
        options["against"] = number_of(fields.values["against"], fields.at("against"))
    if "tie" in more and "tie" in fields:
        options["tie"] = fields.text("tie")
    for name in _HOW:
        if name in fields:
            options[name] = _yes_or_no(fields.values[name], fields.at(name))
    return options


def _who(fields: Fields) -> list[str | Reviewer]:
    return [*fields.texts("of"), *(_person(fields, index) for index in range(_count(fields)))]


def _count(fields: Fields) -> int:
    return len(fields.texts("people"))


def _person(fields: Fields, index: int) -> Reviewer:
    place = fields.item("people", index)
    try:
        return Reviewer(text_of(fields.texts("people")[index], place))
    except GateError as error:
        raise place.error(str(error)) from None


def _whole(given: Any, place: Place) -> int:
    number = number_of(given, place)
    if not isinstance(number, int):
        raise place.error(f"must be a whole number, not {number!r}")
    return number


def _yes_or_no(given: Any, place: Place) -> bool:
    if not isinstance(given, bool):
        raise place.error(f"must be true or false, not {kind_of(given)}")
    return given


_KINDS: dict[Any, Read] = {
    "anyone": _anyone,
    "quorum": _quorum,
    "majority": _majority,
    "unanimous": _unanimous,
    "all_of": _all_of,
    "chain": _chain,
    "by_risk": _by_risk,
    "expert": _expert,
}
