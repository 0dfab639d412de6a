"""`Similar`: which past cases are worth looking at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents.precedent import Precedent


class Comparable(NamedTuple):
    """A past case, and how far it is from this one: 0 is the same."""

    precedent: Precedent
    distance: float


class Similar(Protocol):
    """How past cases are found that are like the present one."""

    def nearest(
        self, context: Mapping[str, Any], past: Iterable[Precedent], limit: int
    ) -> list[Comparable]:
        """At most `limit` of the past cases, the nearest first.

        `context` has the keys of the present case; `past` are cases of the same action, without the
        present one. Leave out what cannot be compared. Called each time a person looks, so the
        same arguments should give the same list.
        """
        ...


def similar(
    context: Mapping[str, Any],
    past: Iterable[Precedent],
    *,
    action: str,
    how: Similar,
    review_id: str | None = None,
    limit: int = 5,
) -> list[Comparable]:
    """Past decisions about the same action, the nearest first.

    Args:
        context: The keys of the present case.
        past: Cases of any action.
        action: What is to be decided about now.
        how: What makes cases alike, for example `by_keys("amount", "country")`.
        review_id: The present case, which is not its own precedent.
        limit: How many at most.

    Raises `GateError` for a limit below 1.
    """
    if limit < 1:
        raise GateError(f"similar: limit must be 1 or more, not {limit}")
    known = [one for one in past if one.action == action and one.review_id != review_id]
    return how.nearest(context, known, limit)[:limit]


def in_order(found: Iterable[Comparable]) -> list[Comparable]:
    """The nearest first; among equals the latest, then by id."""
    return sorted(
        found,
        key=lambda one: (
            one.distance,
            -one.precedent.decided_at.timestamp(),
            one.precedent.review_id,
        ),
    )
