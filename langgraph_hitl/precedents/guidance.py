"""`Guidance`: what reviewers said about past cases, for whoever makes the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents.precedent import Precedent
from langgraph_hitl.precedents.similar import Similar


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """What was said with one decision.

    Args:
        review_id: The review.
        round: Which of its versions it was said about, from 0 on.
        action: What was decided about.
        by: Who said it.
        at: When, with a time zone.
        outcome: What that version came to: `approved`, `edited`, `needs_revision`, `rejected`, ...
        decision: The type of the decision: `approve`, `edit`, `revise` or `reject`.
        text: What was said; not blank.
        context: The keys that the person saw, as plain JSON; empty where they were not asked for.
    """

    review_id: str
    round: int
    action: str
    by: str
    at: datetime
    outcome: str
    decision: str
    text: str
    context: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise GateError(f"guidance of {self.review_id}: at needs a time zone (UTC)")
        if not self.text.strip():
            raise GateError(f"guidance of {self.review_id}: the text is blank")


@dataclass(frozen=True)
class _Said(Precedent):
    """What was said, as a case that can be compared."""

    guidance: Guidance | None = None


def guidance(
    said: Iterable[Guidance],
    *,
    context: Mapping[str, Any] | None = None,
    how: Similar | None = None,
    limit: int = 10,
) -> list[Guidance]:
    """What is worth hearing of all that was said: the newest first, or what is nearest.

    Args:
        said: About cases of one action.
        context: The keys of the present case, for `how`.
        how: What makes cases alike, for example `by_keys("amount", "country")`.
        limit: How many at most.

    Raises `GateError` for a limit below 1, and where only one of `context` and `how` is given.

    >>> guidance([])
    []
    """
    if limit < 1:
        raise GateError(f"guidance: limit must be 1 or more, not {limit}")
    if (how is None) != (context is None):
        raise GateError("guidance: how= and context= go together, one compares the other")
    newest = sorted(said, key=lambda one: (one.at, one.review_id, one.round), reverse=True)
    if how is None or context is None:
        return newest[:limit]
    found = how.nearest(context, map(_as_case, newest), limit)[:limit]
    near = [one.precedent for one in found]
    return [one.guidance for one in near if isinstance(one, _Said) and one.guidance is not None]


def texts_of(said: Iterable[Guidance], limit: int) -> list[str]:
    """What was said, each once, in the order in which it comes first."""
    return list(dict.fromkeys(one.text for one in said))[:limit]


def _as_case(one: Guidance) -> Precedent:
    return _Said(
        one.review_id,
        one.action,
        one.context,
        one.outcome,
        one.by,
        one.at,
        comment=one.text,
        guidance=one,
    )
