"""Pairs of a better and a worse version: the rows of `export("preferences")`.

The keys `prompt`, `chosen` and `rejected` are those that trainers of preferences read (DPO and its
kin; the standard format of TRL), each a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._export.prompt import prompt_of, text_of
from langgraph_hitl.inbox._export.value import decided, ends, shown, suggests

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case


def preference_row(case: Case) -> dict[str, Any] | None:
    """What was approved or edited in the end, over the version before it."""
    if not suggests(case) or not ends(case):
        return None
    match case.decision.get("type"):
        case "edit" | "items" if decided(case):
            worse = shown(case)
        case "approve" if case.before is not None and not case.before.get("redacted"):
            worse = case.before.get("subject")
        case _:
            return None
    chosen, rejected = text_of(decided(case)), text_of(worse)
    if chosen == rejected:
        return None
    return {"prompt": prompt_of(case), "chosen": chosen, "rejected": rejected}
