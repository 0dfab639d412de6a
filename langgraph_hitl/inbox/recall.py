"""`Recall`: what a graph has done, for those who have to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langgraph_hitl.review.decision import Decision


@dataclass(frozen=True, kw_only=True)
class Recall:
    """What was done, by whose decision, and what was decided since.

    An `on_recall` that names it gets it:

    ```python
    def on_recall(request, decision, *, recall):
        bank.refund(recall.idempotency_key, recall.value["amount"], why=recall.reason)
    ```

    `value` is what the graph went on with, plain JSON like `request.subject`: the edited one where
    it was edited. `outcome` and `idempotency_key` are those of the record that its nodes read.
    `earlier` is what `earlier_by` decided at `earlier_at`; None where nobody did: it passed without
    a person, was cancelled, or timed out. `decision` is what `by` decided at `at` instead; an
    override has a `reason`.
    """

    review_id: str
    outcome: str
    value: Any
    idempotency_key: str
    earlier: Decision | None
    earlier_by: str | None
    earlier_at: datetime | None
    decision: Decision
    by: str
    at: datetime
    reason: str | None = None
