"""`Destination`: where an escalation of one type leads, as it was filed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from langgraph_hitl._subgraph.terms import risk_in
from langgraph_hitl.panels import Panel, panel_from_json

if TYPE_CHECKING:
    from langgraph_hitl.inbox.review import Review
    from langgraph_hitl.policies import Escalation

RANKS = {"critical": 0, "high": 1, "normal": 2, "low": 3}
"""The order of the priorities."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Who decides from then on, how long they have, and where it waits; None leaves it as it is.

    `panel` is that for any value: the score of the case may choose from it.
    """

    panel: Panel | None
    timeout: timedelta | None
    queue: str | None
    rank: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, which `destination_from_json` reads."""
        return {
            "panel": None if self.panel is None else self.panel.to_json(),
            "timeout": None if self.timeout is None else self.timeout.total_seconds(),
            "queue": self.queue,
            "rank": self.rank,
        }


def destination_from_json(stored: Mapping[str, Any]) -> Destination:
    """The inverse of `Destination.to_json`."""
    panel, timeout = stored["panel"], stored["timeout"]
    return Destination(
        panel=None if panel is None else panel_from_json(panel),
        timeout=None if timeout is None else timedelta(seconds=timeout),
        queue=stored["queue"],
        rank=stored["rank"],
    )


def destination_of(escalation: Escalation) -> Destination:
    """Where an escalation of a gate leads."""
    return Destination(
        panel=escalation.reviewers,
        timeout=escalation.timeout,
        queue=escalation.queue,
        rank=None if escalation.priority is None else RANKS[escalation.priority],
    )


def for_case(panel: Panel | None, review: Review) -> Panel | None:
    """The panel that decides a review, where that depends on the case."""
    if panel is None:
        return None
    finding = ((review.question or {}).get("question") or {}).get("finding") or {}
    return panel.for_review(score=finding.get("score"), risk=risk_in(finding))


def destinations_of(review: Review) -> dict[str, Destination]:
    """Where a review can be passed on to, as it was filed; whatever its gate says by now."""
    stored = (review.question or {}).get("escalations", {})
    return {name: destination_from_json(one) for name, one in stored.items()}


def left_of(review: Review) -> dict[str, list[str]]:
    """What its request says of the escalations that are left: each leads there once."""
    names = review.request.get("escalations")
    passed = (review.course or {}).get("escalated", ())
    return {"escalations": [name for name in names if name not in passed]} if names else {}
