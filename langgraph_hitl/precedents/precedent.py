"""`Precedent`: a case that people have decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langgraph_hitl.errors import GateError

OVERRULED = "overruled"
"""The outcome of a case whose decision somebody overruled after its action."""


@dataclass(frozen=True)
class Precedent:
    """What was decided about one review, by whom, and in which context.

    Args:
        review_id: The review.
        action: What was decided about; only cases of one action are compared.
        context: The keys that the person saw, as plain JSON.
        outcome: What the review came to: `approved`, `edited`, `rejected`, ...; `overruled`
            where somebody found afterwards that it should not have been decided so.
        decided_by: Who decided.
        decided_at: When, with a time zone.
        comment: What the person said about it.
        value: What was approved or put in its place, as plain JSON.
    """

    review_id: str
    action: str
    context: Mapping[str, Any] = field(hash=False)
    outcome: str
    decided_by: str
    decided_at: datetime
    comment: str | None = None
    value: Any = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if self.decided_at.tzinfo is None:
            raise GateError(f"precedent {self.review_id}: decided_at needs a time zone (UTC)")
