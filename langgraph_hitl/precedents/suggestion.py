"""`Suggestion`: what a form is filled in with, marked as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents.precedent import OVERRULED
from langgraph_hitl.precedents.similar import Comparable


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The outcome that comparable cases had. Nobody has decided anything by it.

    `agreeing` of `compared` cases had it; `precedents` are their reviews, the nearest first.
    """

    outcome: str
    agreeing: int
    compared: int
    precedents: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What a person is told."""
        cases = "case" if self.compared == 1 else "cases"
        return f"{self.outcome} in {self.agreeing} of {self.compared} comparable {cases}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, marked as a suggestion."""
        return {
            "suggested": True,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "precedents": list(self.precedents),
        }


def suggestion(
    comparables: Sequence[Comparable],
    *,
    least: int = 3,
    share: float = 0.8,
    within: float = 0.25,
) -> Suggestion | None:
    """What nearly all comparable cases came to; None where there are too few, or they differ.

    What somebody overruled afterwards suggests nothing, and speaks against the others.

    Args:
        comparables: Past cases, the nearest first; see `similar`.
        least: How many have to agree at least.
        share: Which share of them has to agree.
        within: The largest distance of a case that counts.

    Raises `GateError` for a share not above one half, or a `least` below 1.

    >>> suggestion([]) is None
    True
    """
    if not 0.5 < share <= 1:
        raise GateError(f"suggestion: share must be above 0.5 and at most 1, not {share}")
    if least < 1:
        raise GateError(f"suggestion: least must be 1 or more, not {least}")
    near = [one.precedent for one in comparables if one.distance <= within]
    if not near:
        return None
    [(outcome, agreeing)] = Counter(one.outcome for one in near).most_common(1)
    if outcome == OVERRULED or agreeing < least or agreeing < share * len(near):
        return None
    return Suggestion(
        outcome=outcome,
        agreeing=agreeing,
        compared=len(near),
        precedents=tuple(one.review_id for one in near if one.outcome == outcome),
    )
