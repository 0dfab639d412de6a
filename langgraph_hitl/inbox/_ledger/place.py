"""`place_digest`: where a version waits, for whom and about what, as its filing tells."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from langgraph_hitl.inbox._ledger.values import canonical

_ALWAYS = (
    "graph",
    "thread_id",
    "gate",
    "root_checkpoint",
    "kind",
    "action",
    "mode",
    "queue",
    "rank",
    "risk",
    "requester",
)
_SCORE = "score"
_LED = ("due", "eligible")
"""What follows from its course where a review has one, and never changes where it has none."""

PLACED = (*_ALWAYS, _SCORE, *_LED, "course")
"""The columns of `hitl_reviews` that a place is made of."""


def place_digest(row: Mapping[str, Any]) -> str:
    """The digest of `PLACED` of a row of `hitl_reviews`, as they are stored."""
    score = row[_SCORE]
    number = repr(float(score)) if isinstance(score, int | float) else score
    facts = [*(row[name] for name in _ALWAYS), number]
    if row["course"] is None:
        facts += [row[name] for name in _LED]
    return hashlib.sha256(canonical(facts)).hexdigest()
