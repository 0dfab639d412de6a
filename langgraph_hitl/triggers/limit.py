"""`over`: a person is asked where a number exceeds a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.number import (
    beside,
    checked_number,
    exact,
    exceeds,
    json_number,
    number_of,
    shown,
)
from langgraph_hitl.triggers.source import Path, Source, source_of
from langgraph_hitl.triggers.trigger import Leaf, Trigger


def over(field: str | Callable[[Any], Any] | Source, limit: float | Decimal) -> Trigger:
    """A person is asked where `field` is greater than `limit`; at the limit nobody is.

    Args:
        field: A state key, a path into it (`payment.amount`), or a function of the state.
        limit: Any finite number, in the unit of the field.

    A value that is missing or not a finite number asks a person and says so.

    >>> over("payment.amount", 1000)({"payment": {"amount": 1200}}).sentence
    'The payment.amount 1200 is over 1000.'
    """
    highest = checked_number(limit, "limit")
    source = source_of(field, "field")
    name = source.text if isinstance(source, Path) else "value"

    def test(values: Mapping[str, Any], _now: datetime) -> bool:
        return exceeds(number_of(values["value"], name), highest)

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        found = number_of(values["value"], name)
        over_it = exceeds(found, highest)
        relation = "over" if over_it else "not over"
        return Finding(
            needed=over_it,
            sentence=f"The {name} {beside(found, highest)} is {relation} {shown(highest)}.",
            details={"field": name, "value": json_number(found), "limit": json_number(highest)},
        )

    options = f"{name!r}, {shown(highest)}"
    return Leaf(
        name="over",
        judge=judge,
        sources={"value": source},
        options=options,
        test=test,
        same=(source, exact(highest)),
    )
