"""Examples to evaluate with: the rows of `export("evaluation")`.

`inputs`, `outputs` and `reference_outputs` are objects and the words of LangSmith's evaluators; in
its datasets an example's `outputs` are the `reference_outputs` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._export.decision import iso
from langgraph_hitl.inbox._export.people import Names
from langgraph_hitl.inbox._export.value import GOOD, decided, ends, shown, suggests

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case


def evaluation_row(case: Case, names: Names) -> dict[str, Any] | None:
    """What was known, what was suggested, and what people made of it in the end."""
    if not suggests(case) or not ends(case) or case.decision.get("type") not in GOOD:
        return None
    key = str(case.request["subject_key"])
    return {
        "inputs": case.request.get("context") or {},
        "outputs": {key: shown(case)},
        "reference_outputs": {key: decided(case)},
        "metadata": {
            "review_id": case.review_id,
            "action": case.action,
            "round": case.round,
            "outcome": case.outcome,
            "by": names(case.by),
            "decided_at": iso(case.at),
        },
    }
