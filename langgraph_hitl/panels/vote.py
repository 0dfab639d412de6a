"""`Vote`: what one person says; `ballot_of` tells which votes are for the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.decision import (
    Abstain,
    Approve,
    Choose,
    Decision,
    Edit,
    Items,
    ItemVerdict,
    Reject,
    Respond,
    Revise,
)
from langgraph_hitl.review.digest import NotJson, digest, plain_json
from langgraph_hitl.review.items import RejectRest, Skip
from langgraph_hitl.review.reviewer import Identity

APPROVAL = "approve"
"""The ballot of those who let the subject pass as it was shown."""


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One person's decision about one version of a review, with what the person was then.

    `cast_by` is the delegate, where somebody acted for a voter who was away.

    >>> from langgraph_hitl import Approve
    >>> Vote(voter="maria", roles=("editors",), decision=Approve()).voter
    'maria'
    """

    voter: str
    roles: tuple[str, ...] = ()
    level: str | None = None
    skills: tuple[str, ...] = ()
    decision: Decision
    cast_by: str | None = None

    @property
    def said_by(self) -> str:
        """Whose words they are."""
        return self.cast_by or self.voter

    @property
    def identity(self) -> Identity:
        """Who voted."""
        return Identity(self.voter, self.roles, self.level, self.skills)


def ballot_of(decision: Decision) -> str | None:
    """What a decision is for: equal texts mean the same thing. None for those against, or neither.

    Edits, answers and choices are each for their own value; the order of choices does not matter.
    """
    match decision:
        case Approve():
            return APPROVAL
        case Edit(value):
            return f"edit {_digest(value)}"
        case Respond(message):
            return f"respond {_digest(message)}"
        case Choose(choices):
            return f"choose {_digest(sorted(choices))}"
        case Items(verdicts):
            said = {item: _item_ballot(verdict) for item, verdict in verdicts.items()}
            return f"items {_digest(said)}"
        case Reject() | Revise() | Abstain():
            return None
        case _:
            assert_never(decision)


def _item_ballot(verdict: ItemVerdict) -> str:
    """What a verdict on one item is for; items are counted one by one, see `per_item`."""
    match verdict:
        case Approve() | Edit():
            return ballot_of(verdict) or ""
        case Skip():
            return "skip"
        case Reject() | RejectRest():
            return "reject"
        case _:
            assert_never(verdict)


def _digest(value: Any) -> str:
    try:
        return digest(plain_json(value, "value"))
    except NotJson as error:
        raise InvalidDecision(str(error)) from None
