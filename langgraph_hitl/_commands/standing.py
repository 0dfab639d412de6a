"""Who decides a review, by which rule, and how it stands, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from langgraph_hitl._text.duration import duration_text

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review

_MINUTE = timedelta(minutes=1)
_SAYS = {
    "approve": "approves",
    "edit": "edits",
    "reject": "rejects",
    "revise": "asks for changes",
    "respond": "answers",
    "choose": "chooses",
    "items": "decides some items",
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
    so_far = "hidden until it is settled" if panel.get("blind") else _votes(panel)
    return f"{panel['rule']}; {cast} {'vote' if cast == 1 else 'votes'} so far: {so_far}"


def still_needed(review: Review) -> str:
    """What approval lacks once somebody has voted; nothing where that is not to be seen."""
    panel = review.request.get("panel") or {}
    return "; ".join(panel.get("needed", ())) if panel.get("cast") else ""


class Leg(NamedTuple):
    """Who has a review until when; `level` is None where it is decided by no chain."""

    level: str | None
    until: datetime | None


def plan_of(review: Review, now: datetime) -> list[Leg]:
    """Who has a review that waits, and who comes after them by time alone."""
    from langgraph_hitl.inbox._catch_up import course_of

    course = course_of(review) if review.status == "pending" else None
    if course is None:
        return []
    moment = course.present(now)
    left = [span for span in course.times.spans if span.ends is None or span.ends > moment]
    return [Leg(span.stage.level, span.ends) for span in left]


def plan_text(plan: Sequence[Leg], now: datetime) -> str:
    """The same in words; nothing without any time or level."""
    if not plan:
        return ""
    ends = plan[-1].until is not None
    legs = [_leg(leg, now) for leg in plan]
    return "; then ".join([*legs, *(["it ends as timed_out"] if ends else [])])


def _leg(leg: Leg, now: datetime) -> str:
    who = f"{leg.level} " if leg.level else ""
    if leg.until is None:
        return f"{who}without a deadline"
    at = leg.until.astimezone(UTC)
    left = (leg.until - now) // _MINUTE * _MINUTE
    return f"{who}until {at:%Y-%m-%d %H:%M} (in {duration_text(left) or 'less than a minute'})"


def is_overridden(review: Review) -> bool:
    """Whether somebody overrode it after its graph had gone on: `OVERRULED`, without the extra."""
    return "overruled" in review.hooks


def looked_at_by(review: Review, now: datetime) -> str:
    """Who says that they look at it, and until when; nobody where that is over."""
    until = review.claimed_until
    if review.claimed_by is None or until is None or until <= now:
        return ""
    return f"{review.claimed_by} until {until.astimezone(UTC):%Y-%m-%d %H:%M}"


def _votes(panel: Mapping[str, Any]) -> str:
    return ", ".join(f"{vote['by']} {said(vote)}" for vote in panel.get("votes", ()))


def said(decision: Mapping[str, Any]) -> str:
    """What somebody does with a decision, as a verb."""
    chosen = " and ".join(map(str, decision.get("choices", ())))
    word = _SAYS.get(decision["type"], decision["type"])
    return f"{word} {chosen}" if chosen else word
