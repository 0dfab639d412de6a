"""`Outcome`: how a review ended, and which way out of the gate it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Outcome = Literal[
    "approved",
    "edited",
    "auto_approved",
    "answered",
    "chosen",
    "partial",
    "needs_revision",
    "improve",
    "regenerate",
    "rejected",
    "timed_out",
    "cancelled",
]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

APPROVING: frozenset[Outcome] = frozenset(
    {"approved", "edited", "auto_approved", "answered", "partial"}
)
"""Outcomes after which the value of the record may run: of `partial`, the items that passed."""

_FOLLOWS_APPROVED: frozenset[str] = frozenset({"edited", "auto_approved"})


def way_of(outcome: str, ways: Mapping[str, str], *, replaces_subject: bool) -> str | None:
    """The name of the way that `outcome` takes among `ways`, or None if there is none.

    A named outcome takes its own way. `edited` and `auto_approved` follow `approved`, as does
    `answered` where the answer replaces the subject; everything else follows `rejected`.

    >>> way_of("edited", {"approved": "pay", "rejected": "stop"}, replaces_subject=True)
    'approved'
    >>> way_of("timed_out", {"approved": "pay", "rejected": "stop"}, replaces_subject=True)
    'rejected'
    """
    if outcome in ways:
        return outcome
    follows_approved = outcome in _FOLLOWS_APPROVED or (outcome == "answered" and replaces_subject)
    fallback = "approved" if follows_approved else "rejected"
    return fallback if fallback in ways else None
