"""Settlements and ballots as the graph reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from langgraph_hitl._subgraph.desk import CANCEL, Verdict
from langgraph_hitl._subgraph.verdict import single_decisions
from langgraph_hitl.inbox._staff import acting_for
from langgraph_hitl.inbox.review import Authority, Ballot, Channel, Review, Settlement
from langgraph_hitl.panels import Panel
from langgraph_hitl.review.reviewer import Voter

_OUTCOMES = {
    "approve": "approved",
    "edit": "edited",
    "reject": "rejected",
    "revise": "needs_revision",
    "respond": "answered",
    "choose": "chosen",
    "items": "partial",
    CANCEL: "cancelled",
}


def settlement_by(
    voter: Voter, review: Review, decision: dict[str, Any], *, at: datetime, channel: Channel
) -> Settlement:
    """What somebody decides about the version that waits."""
    had = Authority(
        roles=tuple(voter.roles),
        level=voter.level,
        skills=tuple(voter.skills),
        acting_for=acting_for(voter),
    )
    return Settlement(
        review_id=review.id,
        round=review.round,
        digest=review.digest,
        decision=decision,
        outcome=_OUTCOMES[decision["type"]],
        by=voter.id,
        at=at,
        channel=channel,
        authority=had,
    )


def verdict_of(settlement: Settlement, ballots: list[Ballot]) -> Verdict:
    """What was decided, with the votes that led to it."""
    verdict: Verdict = {
        "decision": settlement.decision,
        "by": settlement.by,
        "at": settlement.at.astimezone(UTC).isoformat(),
    }
    had = settlement.authority or Authority()
    if had.roles:
        verdict["roles"] = list(had.roles)
    if had.level is not None:
        verdict["level"] = had.level
    if had.skills:
        verdict["skills"] = list(had.skills)
    if ballots:
        verdict["votes"] = single_decisions([stored(ballot) for ballot in ballots])
    return verdict


def stored(ballot: Ballot) -> dict[str, Any]:
    """A ballot as a panel counts it."""
    return {
        "by": ballot.voter,
        "roles": list(ballot.roles),
        "level": ballot.level,
        "skills": list(ballot.skills),
        "decision": ballot.decision,
        "at": ballot.at.astimezone(UTC).isoformat(),
        **({} if ballot.acting_for is None else {"acting_for": ballot.acting_for}),
    }


def counted_already(ballots: list[Ballot], new: Voter, panel: Panel) -> str | None:
    """Why a vote cannot stand beside those there are: nobody has two, through a delegate either."""
    absent = acting_for(new)
    whose = absent or new.id
    for other in ballots:
        if other.voter == new.id or (other.acting_for or other.voter) != whose:
            continue
        if absent is not None and other.acting_for is None:
            return f"{whose} has voted already, before being away"
        if not panel.may_change:
            return f"{other.voter} has voted for {whose}, and votes of this panel cannot be changed"
    return None
