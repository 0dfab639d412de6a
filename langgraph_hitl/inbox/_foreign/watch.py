"""`Watch`: who decides what a watched graph asks, by when, and where it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langgraph_hitl._subgraph.filing_options import DEFAULT_QUEUE, checked_priority, filing_fields
from langgraph_hitl._subgraph.spec import Priority
from langgraph_hitl.deadlines import Limit
from langgraph_hitl.errors import GateError
from langgraph_hitl.inbox._course import Course, begun
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.panels import Panel, anyone
from langgraph_hitl.people import vacancy


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What `Inbox.watch` was told; `panel` is None where anybody may decide."""

    panel: Panel | None = None
    limit: Limit | None = None
    queue: str = DEFAULT_QUEUE
    priority: Priority = "normal"

    def course(self, now: datetime) -> Course | None:
        """The course of a review that is asked for now."""
        return begun(self.panel or anyone(), self.limit, now)


def watch_of(
    inbox: Any, *, reviewers: Any, queue: str | None, priority: Any, timeout: Any, roll: Roll | None
) -> Watch:
    """Check the options. Raises `GateError`."""
    fields = filing_fields(
        inbox=inbox,
        reviewers=reviewers,
        timeout=timeout,
        on_timeout=None,
        remind=None,
        on_defer=None,
        policy=None,
        escalations=None,
        requester=None,
        similar=None,
        queue=queue,
        priority=priority,
        mode="blocking",
        on_asked=None,
        on_decided=None,
        on_recall=None,
    )
    panel = fields["panel"]
    if panel is not None:
        panel = panel.for_review(score=None, risk=None)
    if roll is not None and roll.problem is None:
        lack = vacancy(panel or anyone(), roll.members.values())
        if lack is not None:
            raise GateError(f"watch: {lack}; nobody else is in the directory")
    return Watch(
        panel=panel,
        limit=fields["limit"],
        queue=fields["queue"],
        priority=checked_priority(priority),
    )
