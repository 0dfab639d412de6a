"""Past cases for the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph_hitl.precedents import Comparable, Precedent

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def case(
    review_id: str = "rv-1",
    *,
    action: str = "refund",
    outcome: str = "approved",
    days: int = 0,
    **context: Any,
) -> Precedent:
    decided_at = MONDAY + timedelta(days=days)
    return Precedent(review_id, action, context, outcome, "maria", decided_at)


def ids(found: list[Comparable]) -> list[str]:
    return [one.precedent.review_id for one in found]
