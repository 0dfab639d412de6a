"""`Count`: what the votes of an electorate weigh, and what may still come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from langgraph_hitl.panels.electorate import Electorate
from langgraph_hitl.panels.verdict import Refused
from langgraph_hitl.panels.vote import Vote, ballot_of
from langgraph_hitl.review.decision import Abstain, to_json

NONE = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Count:
    """Weights of the votes cast. `left` is the most that can still come, None without limit."""

    votes: tuple[Vote, ...]
    ballots: dict[str, Fraction]
    rejected: Fraction
    revised: Fraction
    abstained: Fraction
    abstentions: int
    left: Fraction | None
    voters_left: int | None

    @property
    def against(self) -> Fraction:
        """The weight of rejections and requests for changes."""
        return self.rejected + self.revised

    @property
    def leading(self) -> Fraction:
        """The weight of the answer that leads."""
        return max(self.ballots.values(), default=NONE)

    def refusal(self) -> Refused:
        """How the votes cast refuse: as a request for changes only where these outweigh."""
        return Refused(revise=self.revised > self.rejected)

    def certain_refusal(self) -> Refused | None:
        """The refusal, if no vote that is left can turn it into the other kind."""
        left = self.left or NONE
        if self.rejected >= self.revised + left or self.revised > self.rejected + left:
            return self.refusal()
        return None


def count(votes: Sequence[Vote], electorate: Electorate) -> Count:
    """Count the votes of those who belong to the electorate, up to its size."""
    cast = [vote for vote in votes if electorate.has(vote.identity)][: electorate.size]
    ballots: dict[str, Fraction] = {}
    weights = dict.fromkeys(("reject", "revise", "abstain"), NONE)
    for vote in cast:
        ballot, weight = ballot_of(vote.decision), electorate.weight(vote.identity)
        if ballot is not None:
            ballots[ballot] = ballots.get(ballot, NONE) + weight
        else:
            kind = to_json(vote.decision)["type"]
            weights[kind] += weight
    return Count(
        votes=tuple(cast),
        ballots=ballots,
        rejected=weights["reject"],
        revised=weights["revise"],
        abstained=weights["abstain"],
        abstentions=sum(isinstance(v.decision, Abstain) for v in cast),
        left=electorate.weight_left(cast),
        voters_left=electorate.voters_left(cast),
    )
