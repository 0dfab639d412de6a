"""Rules and their terms as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from langgraph_hitl._data.fields import duration_at, fields_of, list_of, one_of, text_of
from langgraph_hitl._data.place import Place
from langgraph_hitl._data.trigger import trigger_of_data
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.policies._read.panel import panel_of_data
from langgraph_hitl.policies._read.pattern import bounds_of_data
from langgraph_hitl.policies.pattern import where
from langgraph_hitl.policies.rule import Rule
from langgraph_hitl.policies.terms import ON_DEFER, ON_TIMEOUT, PRIORITIES, Terms
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.trigger import Trigger

_FIELDS = ("name", "when", "then")
_TERMS = ("reviewers", "timeout", "on_timeout", "remind", "on_defer", "priority", "queue")
_WORDS = ("ask", "pass")


def rule_of_data(given: Any, place: Place, templates: Mapping[str, Trigger]) -> Rule:
    """One of `rules`. `when` is required: a condition that was lost must not hold for every case.

    `then` comes after it, so that a file that ends too early has no rule without its condition.
    `templates` are the triggers of the templates, by name.
    """
    fields = fields_of(given, place, known=_FIELDS, required=_FIELDS)
    in_order(given, place, "when", "then")
    name = fields.text("name")
    when = _trigger(fields.values["when"], fields.at("when"), templates)
    then = _then(fields.values["then"], fields.at("then"), name)
    with place.blamed():
        return Rule(name, when=when, then=then)


def terms_of_data(given: Any, place: Place, whose: str) -> Terms:
    """Who is asked, and by when; `whose` terms they are, errors say."""
    fields = fields_of(given, place, known=_TERMS)
    options: dict[str, Any] = {}
    if "reviewers" in fields:
        options["reviewers"] = panel_of_data(fields.values["reviewers"], fields.at("reviewers"))
    if "timeout" in fields:
        options["timeout"] = fields.duration("timeout")
    if "remind" in fields:
        options["remind"] = _reminders(fields.values["remind"], fields.at("remind"))
    for name, known in (
        ("on_timeout", ON_TIMEOUT),
        ("on_defer", ON_DEFER),
        ("priority", PRIORITIES),
    ):
        if name in fields:
            options[name] = one_of(fields.values[name], fields.at(name), known, name)
    if "queue" in fields:
        options["queue"] = fields.text("queue")
    try:
        return Terms(**options)
    except GateError as error:
        raise place.error(f"{whose}: {error}") from None


def _reminders(given: Any, place: Place) -> list[timedelta]:
    """A duration, or a list of them."""
    if not isinstance(given, list | tuple):
        return [duration_at(given, place, "remind")]
    several = enumerate(list_of(given, place))
    return [duration_at(one, place / index, "remind") for index, one in several]


def in_order(given: Mapping[str, Any], place: Place, first: str, second: str) -> None:
    """A file that ends too early must lack what acts, not what limits it."""
    names = list(given)
    if first in names and second in names and names.index(first) > names.index(second):
        raise (place / second).error(f"{second!r} stands before {first!r}; put it after it")


def _then(given: Any, place: Place, name: str) -> Terms | Literal["ask", "pass"]:
    if isinstance(given, Mapping):
        fields = fields_of(given, place, known=("ask",), required=("ask",))
        return terms_of_data(fields.values["ask"], fields.at("ask"), f"rule {quoted(name)}")
    return "pass" if one_of(given, place, _WORDS, "word for what follows") == "pass" else "ask"


def _trigger(given: Any, place: Place, templates: Mapping[str, Trigger]) -> Trigger:
    def read_matches(name: Any, inside: Place) -> Trigger:
        text = text_of(name, inside)
        if text not in templates:
            raise inside.error(f"unknown template {quoted(text)}{suggestion(text, templates)}")
        return templates[text]

    def read_where(bounds: Any, inside: Place) -> Trigger:
        return where(bounds_of_data(bounds, inside))

    return trigger_of_data(given, place, more={"matches": read_matches, "where": read_where})
