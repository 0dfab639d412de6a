"""Triggers as data: a word, one trigger with its options, or `all`, `any` and `not` of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from langgraph_hitl._data.fields import (
    Fields,
    fields_of,
    fraction_of,
    item_at,
    kind_of,
    list_of,
    number_of,
    one_of,
    path_of,
    text_of,
    texts_of,
)
from langgraph_hitl._data.place import Place
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.triggers.calendar import Calendar
from langgraph_hitl.triggers.complexity import complexity_above
from langgraph_hitl.triggers.confidence import below_confidence
from langgraph_hitl.triggers.constant import always, never
from langgraph_hitl.triggers.draw import QA_SAMPLE, Salt
from langgraph_hitl.triggers.flag import flagged
from langgraph_hitl.triggers.hours import during, outside
from langgraph_hitl.triggers.level import LEVELS
from langgraph_hitl.triggers.limit import over
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.risk import risk_at_least
from langgraph_hitl.triggers.sample import sampled
from langgraph_hitl.triggers.schedule import Span
from langgraph_hitl.triggers.trigger import AllOf, AnyOf, Trigger

Read: TypeAlias = Callable[[Any, Place], Trigger]

_MAX_DEPTH = 20
_NO_MORE: Mapping[str, Read] = {}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def trigger_of_data(
    given: Any, place: Place, *, depth: int = 0, more: Mapping[str, Read] = _NO_MORE
) -> Trigger:
    """The trigger that `when` describes; `more` are those that only this kind of document has."""
    if depth > _MAX_DEPTH:
        raise place.error(f"is nested more than {_MAX_DEPTH} deep")
    if isinstance(given, str):
        return _bare(text_of(given, place), place, more)
    if not isinstance(given, Mapping):
        raise place.error(f"must be a trigger such as 'always' or 'over: ...', {_not(given)}")
    if len(given) != 1:
        raise place.error(
            f"must name one trigger, not {len(given)}; combine several under 'all' or 'any'"
        )
    ((name, options),) = given.items()
    inside = place / name if isinstance(name, str) else place
    if name in _COMBINATIONS:
        return _COMBINATIONS[name](options, inside, depth + 1, more)
    if name in _BARE:
        raise inside.error(f"{name!r} has no options: write 'when: {name}'")
    leaves = {**_LEAVES, **more}
    if not isinstance(name, str) or name not in leaves:
        raise inside.error(f"unknown trigger {quoted(name)}{suggestion(name, (*_KNOWN, *more))}")
    return leaves[name](options, inside)


def _not(given: Any) -> str:
    return f"not {kind_of(given)}"


def _bare(word: str, place: Place, more: Mapping[str, Read]) -> Trigger:
    known = (*_KNOWN, *more)
    if word in _BARE:
        return _BARE[word]()
    if word in known:
        raise place.error(f"{word!r} needs options: write '{word}: ...' under it")
    raise place.error(f"unknown trigger {quoted(word)}{suggestion(word, known)}")


# Combinations


def _all(given: Any, place: Place, depth: int, more: Mapping[str, Read]) -> Trigger:
    return _combined(AllOf, _parts(given, place, depth, more))


def _any(given: Any, place: Place, depth: int, more: Mapping[str, Read]) -> Trigger:
    return _combined(AnyOf, _parts(given, place, depth, more))


def _inverse(given: Any, place: Place, depth: int, more: Mapping[str, Read]) -> Trigger:
    return ~trigger_of_data(given, place, depth=depth, more=more)


def _parts(given: Any, place: Place, depth: int, more: Mapping[str, Read]) -> list[Trigger]:
    items = enumerate(list_of(given, place))
    return [trigger_of_data(item, place / index, depth=depth, more=more) for index, item in items]


def _combined(kind: type[AllOf] | type[AnyOf], parts: Sequence[Trigger]) -> Trigger:
    """In halves, so that a long list does not become a deep tree."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return kind(_combined(kind, parts[:middle]), _combined(kind, parts[middle:]))


# Single triggers; a threshold may stand alone where the rest has defaults


def _below_confidence(given: Any, place: Place) -> Trigger:
    if not isinstance(given, Mapping):
        return below_confidence(fraction_of(given, place))
    fields = fields_of(given, place, known=("threshold", "confidence"), required=("threshold",))
    return below_confidence(
        fields.fraction("threshold"), confidence=fields.path("confidence", "confidence")
    )


def _risk_at_least(given: Any, place: Place) -> Trigger:
    if not isinstance(given, Mapping):
        return risk_at_least(_level_or_score(given, place))
    fields = fields_of(given, place, known=("threshold", "risk"), required=("threshold",))
    threshold = _level_or_score(fields.values["threshold"], fields.at("threshold"))
    return risk_at_least(threshold, risk=fields.path("risk", "risk"))


def _level_or_score(given: Any, place: Place) -> str | float:
    if isinstance(given, str):
        return one_of(given, place, LEVELS, "level")
    return fraction_of(given, place)


def _complexity_above(given: Any, place: Place) -> Trigger:
    if not isinstance(given, Mapping):
        return complexity_above(fraction_of(given, place))
    known = ("threshold", "factors", "weights")
    fields = fields_of(given, place, known=known, required=("threshold",))
    threshold, factors, weights = fields.fraction("threshold"), _factors(fields), _weights(fields)
    with place.blamed():
        return complexity_above(threshold, factors=factors, weights=weights)


def _factors(fields: Fields) -> str | dict[str, str]:
    factors = fields.values.get("factors", "complexity")
    if not isinstance(factors, Mapping):
        return fields.path("factors", "complexity")
    named = _named(factors, fields.at("factors"))
    return {name: named.path(name) for name in factors}


def _weights(fields: Fields) -> dict[str, float] | None:
    if "weights" not in fields:
        return None
    weights = _named(fields.values["weights"], fields.at("weights"))
    return {name: weights.number(name) for name in weights.values}


def _named(given: Any, place: Place) -> Fields:
    """A mapping whose names are the user's own."""
    if not isinstance(given, Mapping) or not given:
        raise place.error(f"must be a mapping with the names of factors, {_not(given)}")
    for name in given:
        text_of(name, place)
    return fields_of(given, place, known=list(given))


def _flagged(given: Any, place: Place) -> Trigger:
    flags = enumerate(texts_of(given, place))
    return flagged(*(path_of(flag, item_at(given, place, index)) for index, flag in flags))


def _sampled(given: Any, place: Place) -> Trigger:
    if isinstance(given, Mapping) and "salt" in given:
        raise (place / "salt").error(
            "the secret does not stand in the file: name the environment variable in 'salt_env'"
        )
    fields = fields_of(
        given,
        place,
        known=("rate", "item_id", "salt_env", "purpose"),
        required=("rate", "item_id", "salt_env"),
    )
    rate, item_id = fields.fraction("rate"), fields.path("item_id")
    purpose = fields.text("purpose", QA_SAMPLE)
    salt = _salt(fields.values["salt_env"], fields.at("salt_env"))
    with place.blamed():
        return sampled(rate, item_id=item_id, salt=salt, purpose=purpose)


def _salt(variable: Any, place: Place) -> Salt:
    """The salt of an environment variable. What is no name is not repeated: it may be the salt."""
    variable = variable.strip() if isinstance(variable, str) else ""
    if not _VARIABLE.fullmatch(variable):
        raise place.error("must be the name of an environment variable")
    with place.blamed():
        return Salt.from_env(variable)


def _over(given: Any, place: Place) -> Trigger:
    fields = fields_of(given, place, known=("field", "limit"), required=("field", "limit"))
    return over(fields.path("field"), number_of(fields.values["limit"], fields.at("limit")))


def _during(given: Any, place: Place) -> Trigger:
    return _hours(during, given, place)


def _outside(given: Any, place: Place) -> Trigger:
    return _hours(outside, given, place)


def _hours(kind: Callable[..., Trigger], given: Any, place: Place) -> Trigger:
    fields = fields_of(given, place, known=("spans", "calendars", "tz"), required=("tz",))
    if not ("spans" in fields or "calendars" in fields):
        raise place.error("the fields 'spans' and 'calendars' are missing; one of them is needed")
    hours = [*_spans(fields), *_calendars(fields)]
    zone = fields.text("tz")
    with fields.at("tz").blamed():
        return kind(*hours, tz=zone)


def _spans(fields: Fields) -> Iterator[str]:
    texts = fields.texts("spans")
    for index, text in enumerate(texts):
        place = fields.item("spans", index)
        if place.steps in place.origin.flowing and ":" not in text and index + 1 < len(texts):
            raise place.error(
                f"is {quoted(text)} a span, or does one begin with it? Put quotes around each span"
            )
        with place.blamed():
            Span.parse(text)
        yield text


def _calendars(fields: Fields) -> Iterator[Calendar]:
    for index, text in enumerate(fields.texts("calendars")):
        place = fields.item("calendars", index)
        with place.blamed():
            yield Calendar.read(str(place.origin.folder / text))


_BARE: dict[str, Callable[[], Trigger]] = {"always": always, "never": never}
_COMBINATIONS: dict[Any, Callable[[Any, Place, int, Mapping[str, Read]], Trigger]] = {
    "all": _all,
    "any": _any,
    "not": _inverse,
}
_LEAVES: dict[str, Read] = {
    "below_confidence": _below_confidence,
    "risk_at_least": _risk_at_least,
    "complexity_above": _complexity_above,
    "flagged": _flagged,
    "sampled": _sampled,
    "over": _over,
    "during": _during,
    "outside": _outside,
}
_KNOWN = (*_BARE, *_LEAVES, *_COMBINATIONS)
