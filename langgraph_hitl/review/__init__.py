"""The nouns: reviews, decisions, outcomes, findings, records, digests. Pure; nothing runs here."""

from langgraph_hitl.review.answer import normalise
from langgraph_hitl.review.answer_rules import AnswerRules, Asked
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import Decision, DecisionType, Rating
from langgraph_hitl.review.digest import digest
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.review.outcome import Outcome
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.review.snapshot import Snapshot
from langgraph_hitl.review.state import AllReviews, LatestReview, ReviewState

__all__ = [
    "AllReviews",
    "AnswerRules",
    "Asked",
    "Choice",
    "Decision",
    "DecisionType",
    "Finding",
    "LatestReview",
    "Lens",
    "Outcome",
    "Rating",
    "ReviewRecord",
    "ReviewRequest",
    "ReviewState",
    "Snapshot",
    "digest",
    "normalise",
]
