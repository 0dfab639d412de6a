"""Who decides a review, by which rule, and how it stands, in words."""

from __future__ import annotations

from collections.abc import Mapping
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


def _votes(panel: Mapping[str, Any]) -> str:
    return ", ".join(f"{vote['by']} {_said(vote)}" for vote in panel.get("votes", ()))


def _said(vote: Mapping[str, Any]) -> str:
    chosen = " and ".join(vote.get("choices", ()))
    said = _SAYS.get(vote["type"], vote["type"])
    return f"{said} {chosen}" if chosen else said
