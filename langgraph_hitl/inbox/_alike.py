"""Past decisions that are like a case, as those see them who decide it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langgraph_hitl._subgraph.remarks import feedback_text
from langgraph_hitl.inbox._case import context_of
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox.review import OVERRULED
from langgraph_hitl.precedents import Comparable, Precedent, Similar, similar, suggestion
from langgraph_hitl.review.decision import parse

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.decided import PastDecision

_log = logging.getLogger(__name__)

SHOWN = 5
AMONG = 500
_TEACHING = ("approve", "edit", "reject", "revise")
_LONGEST = 2_000
"""Characters of the context of a past case that is shown with another."""


def alike(
    office: Office,
    request: Mapping[str, Any],
    *,
    how: Similar,
    limit: int,
    among: int = AMONG,
) -> list[Comparable]:
    """The past decisions about the action of a request, the nearest first, but its own."""
    return alike_in(
        office,
        context_of(request),
        action=str(request["action"]),
        how=how,
        review_id=str(request["review_id"]),
        limit=limit,
        among=among,
    )


def alike_in(
    office: Office,
    context: Mapping[str, Any],
    *,
    action: str,
    how: Similar,
    review_id: str | None = None,
    limit: int = AMONG,
    among: int = AMONG,
) -> list[Comparable]:
    """The past decisions about an action that are like a case with these keys."""
    with office.ledger.looking() as rx:
        past = rx.decided(action, among=among, but=review_id)
    known = [_precedent(one, action) for one in past]
    return similar(context, known, action=action, how=how, review_id=review_id, limit=limit)


def shown_alike(office: Office, request: Mapping[str, Any], how: Similar) -> dict[str, Any]:
    """`similar` and `suggestion` of a request, as plain JSON. They stop no review."""
    try:
        found = alike(office, request, how=how, limit=AMONG)
        suggested = suggestion(found)
    except Exception:
        _log.exception("no past decisions are shown with review %s", request["review_id"])
        return {"similar": [], "suggestion": None}
    return {
        "similar": [_shown(one) for one in found[:SHOWN]],
        "suggestion": None if suggested is None else suggested.to_json(),
    }


def _shown(found: Comparable) -> dict[str, Any]:
    past = found.precedent
    context = dict(past.context)
    return {
        "review_id": past.review_id,
        "outcome": past.outcome,
        "decided_by": past.decided_by,
        "decided_at": past.decided_at.isoformat(),
        "comment": past.comment,
        "distance": round(found.distance, 3),
        "context": context if len(json.dumps(context)) <= _LONGEST else {},
    }


def text_of(decision: Mapping[str, Any]) -> str | None:
    """What was said with a decision that teaches something, if it is not blank."""
    if decision.get("type") not in _TEACHING:
        return None
    text = feedback_text(parse(decision))
    return text if text and text.strip() else None


def _precedent(past: PastDecision, action: str) -> Precedent:
    stands = OVERRULED not in past.hooks
    return Precedent(
        past.review_id,
        action,
        context_of(past.request),
        past.outcome if stands else OVERRULED,
        past.by,
        past.at,
        comment=text_of(past.decision) if stands else None,
        value=_value(past) if stands else None,
    )


def _value(past: PastDecision) -> Any:
    """What was approved, or put in its place."""
    decision = past.decision
    match decision.get("type"):
        case "approve":
            return past.request.get("subject")
        case "edit":
            return decision["value"]
        case "respond":
            return decision["message"]
        case "choose":
            return decision["choices"]
        case _:
            return None
