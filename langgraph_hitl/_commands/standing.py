"""Who decides a review, by which rule, and how it stands, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review

_SAYS = {
    "approve": "approves",
    "edit": "edits",
    "reject": "rejects",
    "revise": "asks for changes",
    "respond": "answers",
    "choose": "chooses",
    "abstain": "abstains",
}


def who_decides(review: Review) -> str:
    """The rule of the panel and the votes on the version that waits.

    Who said what is told only where the inbox gives it: a blind panel keeps it until the end.
    """
    panel = review.request.get("panel")
    if not panel:
        return "anybody"
    cast = panel.get("cast", 0)
    if not cast:
        return str(panel["rule"])
    said = "hidden until it is settled" if panel.get("blind") else _votes(panel)
    return f"{panel['rule']}; {cast} {'vote' if cast == 1 else 'votes'} so far: {said}"


def still_needed(review: Review) -> str:
    """What approval lacks once somebody has voted; nothing where that is not to be seen."""
    panel = review.request.get("panel") or {}
    return "; ".join(panel.get("needed", ())) if panel.get("cast") else ""


def level_of(review: Review) -> str | None:
    """The level of its chain that a review has reached; None where it is decided by no chain."""
    from langgraph_hitl.inbox._catch_up import course_of
    from langgraph_hitl.panels.chain import Chain

    course = course_of(review)
    panel = None if course is None else course.panel_at(course.present(review.updated_at))
    return panel.level if isinstance(panel, Chain) else None


def looked_at_by(review: Review, now: datetime) -> str:
    """Who says that they look at it, and until when; nobody where that is over."""
    until = review.claimed_until
    if review.claimed_by is None or until is None or until <= now:
        return ""
    return f"{review.claimed_by} until {until.astimezone(UTC):%Y-%m-%d %H:%M}"


def _votes(panel: Mapping[str, Any]) -> str:
    return ", ".join(f"{vote['by']} {_said(vote)}" for vote in panel.get("votes", ()))


def _said(vote: Mapping[str, Any]) -> str:
    chosen = " and ".join(vote.get("choices", ()))
    said = _SAYS.get(vote["type"], vote["type"])
    return f"{said} {chosen}" if chosen else said
