"""Cases as data: what a policy is expected to say."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any, Literal

from langgraph_hitl._data.fields import fields_of, kind_of, list_of, one_of, text_of
from langgraph_hitl._data.place import Place
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.policies.case import Case
from langgraph_hitl.policies.moment import read_when
from langgraph_hitl.policies.rule import DEFAULT
from langgraph_hitl.triggers.number import quoted

_FIELDS = ("name", "values", "at", "expect", "rule")


def cases_of_data(given: Any, place: Place, rules: Set[str]) -> list[Case]:
    """The list under `cases`."""
    items = enumerate(list_of(given, place))
    return [_case(item, place / index, index, rules) for index, item in items]


def _case(given: Any, place: Place, index: int, rules: Set[str]) -> Case:
    fields = fields_of(given, place, known=_FIELDS, required=("values", "expect"))
    values = fields.values["values"]
    if not isinstance(values, Mapping):
        raise fields.at("values").error(
            f"must be a mapping of state keys to values, not {kind_of(values)}"
        )
    word = one_of(fields.values["expect"], fields.at("expect"), ("ask", "pass"), "expectation")
    expect: Literal["ask", "pass"] = "pass" if word == "pass" else "ask"
    rule = fields.text("rule") or None
    known = [*sorted(rules), DEFAULT]
    if rule is not None and rule not in known:
        raise fields.at("rule").error(f"unknown rule {quoted(rule)}{suggestion(rule, known)}")
    return Case(
        name=fields.text("name") or f"case {index + 1}",
        values=values,
        expect=expect,
        rule=rule,
        at=_moment(fields.values["at"], fields.at("at")) if "at" in fields else None,
    )


def _moment(given: Any, place: Place) -> datetime:
    found = read_when(text_of(given, place))
    if not isinstance(found, datetime):
        raise place.error(
            f"must be a moment with its offset, such as 2026-12-31T18:00:00+01:00, "
            f"not {quoted(given)}"
        )
    return found
