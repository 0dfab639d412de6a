"""Every decision with what was shown: the rows of `export("decisions")`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._export.people import Names
from langgraph_hitl.inbox._export.value import decided, shown, suggests
from langgraph_hitl.inbox.review import OVERRULED, Ballot

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case, Executed

_FACTS = ("graph", "thread_id", "kind", "action", "queue", "risk", "score", "mode")


def decision_row(
    case: Case, ballots: list[Ballot], executed: list[Executed], names: Names
) -> dict[str, Any]:
    """One decided version. `suggested` is the subject, None of a question; `question` its text."""
    return {
        "review_id": case.review_id,
        "round": case.round,
        **{name: getattr(case, name) for name in _FACTS},
        "requester": names(case.requester),
        "asked_at": iso(case.asked_at),
        "decided_at": iso(case.at),
        "wait_seconds": max((case.at - case.asked_at).total_seconds(), 0.0),
        "question": None if suggests(case) else shown(case),
        "subject_key": case.request.get("subject_key"),
        "suggested": shown(case) if suggests(case) else None,
        "context": case.request.get("context") or {},
        "criteria": case.request.get("criteria") or [],
        "finding": case.request.get("finding"),
        "decision": case.decision or None,
        "decided": decided(case),
        "outcome": case.outcome,
        "by": names(case.by),
        "channel": case.channel,
        "executed": [one.content | {"at": iso(one.at)} for one in executed],
        "overruled": OVERRULED in case.hooks,
        "votes": [
            {"by": names(one.voter), "decision": one.decision, "at": iso(one.at)} for one in ballots
        ],
    }


def iso(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
