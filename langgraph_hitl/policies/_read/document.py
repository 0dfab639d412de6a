"""The whole of a policy as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from langgraph_hitl._data.fields import Fields, fields_of, list_of
from langgraph_hitl._data.place import Place
from langgraph_hitl.policies._read.case import cases_of_data
from langgraph_hitl.policies._read.pattern import template_of_data, version_of
from langgraph_hitl.policies._read.rule import in_order, rule_of_data, terms_of_data
from langgraph_hitl.policies.case import Case
from langgraph_hitl.policies.policy import Policy
from langgraph_hitl.policies.template import Template, matches
from langgraph_hitl.policies.words import checked_word

_FIELDS = ("name", "version", "owner", "templates", "rules", "default", "cases")


class Document(NamedTuple):
    """A policy with the cases that stand beside it, and where they stand."""

    policy: Policy
    cases: list[Case]
    place: Place


def document_of_data(given: Any, place: Place, at: datetime) -> Document:
    """The policy that a document describes."""
    fields = fields_of(given, place, known=_FIELDS, required=("name", "version", "rules"))
    in_order(given, place, "templates", "rules")
    templates = _templates(fields, at)
    triggers = {name: matches(template) for name, template in templates.items()}
    rules = _each(fields, "rules", lambda item, inside: rule_of_data(item, inside, triggers))
    options: dict[str, Any] = {}
    if "owner" in fields:
        options["owner"] = fields.text("owner")
    if "default" in fields:
        given, place_of = fields.values["default"], fields.at("default")
        options["default"] = terms_of_data(given, place_of, "the default")
    name, version = fields.text("name"), version_of(fields.values["version"], fields.at("version"))
    with place.blamed():
        policy = Policy(
            list(rules.values()),
            name=name,
            version=version,
            templates=templates.values(),
            at=at,
            **options,
        )
    cases: list[Case] = []
    if "cases" in fields:
        cases = cases_of_data(fields.values["cases"], fields.at("cases"), rules.keys())
    return Document(policy, cases, fields.at("cases"))


class _Named(Protocol):
    name: str


_N = TypeVar("_N", bound=_Named)


def _templates(fields: Fields, at: datetime) -> dict[str, Template]:
    if "templates" not in fields:
        return {}

    def read(item: Any, place: Place) -> Template:
        template = template_of_data(item, place)
        if template.expired(at):
            raise place.error(
                f"template {template.title} of {template.owner} expired: "
                f"{template.expires.isoformat()}; renew it under a new version, or take it out"
            )
        return template

    return _each(fields, "templates", read)


def _each(fields: Fields, name: str, read: Callable[[Any, Place], _N]) -> dict[str, _N]:
    """The items of a list, by names that stand once."""
    found: dict[str, _N] = {}
    lines: dict[str, int | None] = {}
    place = fields.at(name)
    for index, item in enumerate(list_of(fields.values[name], place)):
        inside = place / index
        made = read(item, inside)
        if checked_word(made.name, "name") in found:
            first = lines[made.name]
            where = "" if first is None else f", first in line {first}"
            raise (inside / "name").error(f"the name {made.name!r} stands twice{where}")
        found[made.name], lines[made.name] = made, inside.line
    return found
