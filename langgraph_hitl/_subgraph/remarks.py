"""What a person says in a decision, beside deciding: words for whoever goes on, and a rating."""

from __future__ import annotations

from typing import assert_never

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
from langgraph_hitl.review.items import RejectRest, Skip


def feedback_text(decision: Decision) -> str | None:
    """The person's words in a decision."""
    match decision:
        case Approve(comment) | Edit(_, comment):
            return comment
        case Reject(message) | Abstain(message):
            return message
        case Items(verdicts, comment):
            remarks = [f"{item}: {said}" for item, one in verdicts.items() if (said := _said(one))]
            return "\n".join(text for text in (comment, *remarks) if text) or None
        case Revise(feedback, _, parts):
            remarks = [f"{part}: {remark}" for part, remark in (parts or {}).items()]
            return "\n".join(text for text in (feedback.strip(), *remarks) if text) or None
        case Respond() | Choose():
            return None
        case _:
            assert_never(decision)


def _said(verdict: ItemVerdict) -> str | None:
    match verdict:
        case Approve(comment) | Edit(_, comment):
            return comment
        case Skip(message) | Reject(message) | RejectRest(message):
            return message
        case _:
            assert_never(verdict)


def rating_of(decision: Decision) -> str | None:
    """The rating in a decision."""
    match decision:
        case Approve(_, rating) | Reject(_, rating) | Revise(_, rating):
            return rating
        case Edit() | Respond() | Choose() | Items() | Abstain():
            return None
        case _:
            assert_never(decision)
