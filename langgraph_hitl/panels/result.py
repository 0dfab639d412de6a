"""`result_of`: one decision from a verdict and the votes, with nobody's words lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from langgraph_hitl.panels.verdict import Passed, Refused, Verdict
from langgraph_hitl.panels.vote import Vote, ballot_of
from langgraph_hitl.review.decision import (
    Abstain,
    Approve,
    Choose,
    Decision,
    Edit,
    Items,
    Rating,
    Reject,
    Respond,
    Revise,
)

_WORST_FIRST: tuple[Rating, ...] = (
    "incorrect",
    "needs_improvement",
    "partially_correct",
    "correct",
)


def result_of(verdict: Verdict, votes: Sequence[Vote]) -> Decision:
    """The decision of the panel: everybody's words in the order of the votes, the worst rating."""
    match verdict:
        case Passed(ballot):
            agreeing = [vote for vote in votes if ballot_of(vote.decision) == ballot]
            return _passed(agreeing, _words(votes))
        case Refused(revise):
            words, rating = _words(votes), _worst(votes)
            return Revise(words or "", rating, _parts(votes)) if revise else Reject(words, rating)
        case _:
            assert_never(verdict)


def _passed(agreeing: Sequence[Vote], words: str | None) -> Decision:
    first = agreeing[0].decision
    match first:
        case Approve():
            rated = any(getattr(vote.decision, "rating", None) for vote in agreeing)
            return Approve(words, "correct" if rated else None)
        case Edit(value):
            return Edit(value, words)
        case Respond() | Choose() | Items():
            return first
        case Reject() | Revise() | Abstain():
            raise AssertionError("only what is for something passes")
        case _:
            assert_never(first)


def _words(votes: Iterable[Vote]) -> str | None:
    said = ((vote.said_by, _text(vote.decision)) for vote in votes)
    return "\n".join(f"{voter}: {text.strip()}" for voter, text in said if text.strip()) or None


def _text(decision: Decision) -> str:
    match decision:
        case Approve(comment) | Edit(_, comment):
            return comment or ""
        case Reject(text) | Abstain(text):
            return text or ""
        case Revise(feedback):
            return feedback
        case Items(_, comment):
            return comment or ""
        case Respond() | Choose():
            return ""
        case _:
            assert_never(decision)


def _worst(votes: Iterable[Vote]) -> Rating | None:
    """The worst rating of those who were against."""
    given = {vote.decision.rating for vote in votes if isinstance(vote.decision, Reject | Revise)}
    return next((rating for rating in _WORST_FIRST if rating in given), None)


def _parts(votes: Iterable[Vote]) -> dict[str, str] | None:
    parts: dict[str, str] = {}
    for vote in votes:
        if isinstance(vote.decision, Revise):
            for part, remark in (vote.decision.parts or {}).items():
                line = f"{vote.said_by}: {remark}"
                parts[part] = f"{parts[part]}\n{line}" if part in parts else line
    return parts or None
