"""`Count`: what the votes of an electorate weigh, and what may still come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from langgraph_hitl.panels.electorate import Electorate
from langgraph_hitl.panels.verdict import Refused
from langgraph_hitl.panels.vote import Vote, ballot_of
from langgraph_hitl.review.decision import Abstain, Reject, Revise


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
        return max(self.ballots.values(), default=Fraction(0))

    def refusal(self) -> Refused:
        """How the votes cast refuse: as a request for changes only where these outweigh."""
        return Refused(revise=self.revised > self.rejected)

    def certain_refusal(self) -> Refused | None:
        """The refusal, if no vote that is left can turn it into the other kind."""
        left = self.left or Fraction(0)
        if self.rejected >= self.revised + left or self.revised > self.rejected + left:
            return self.refusal()
        return None


def count(votes: Sequence[Vote], electorate: Electorate) -> Count:
    """Count the votes of those who belong to the electorate, up to its size."""
    cast = [vote for vote in votes if electorate.has(vote.identity)][: electorate.size]

    def weigh(kind: Callable[[Vote], bool]) -> Fraction:
        return sum((electorate.weight(v.identity) for v in cast if kind(v)), Fraction(0))

    ballots = dict.fromkeys(b for v in cast if (b := ballot_of(v.decision)) is not None)
    return Count(
        votes=tuple(cast),
        ballots={b: weigh(lambda v, b=b: ballot_of(v.decision) == b) for b in ballots},  # type: ignore[misc]
        rejected=weigh(lambda v: isinstance(v.decision, Reject)),
        revised=weigh(lambda v: isinstance(v.decision, Revise)),
        abstained=weigh(lambda v: isinstance(v.decision, Abstain)),
        abstentions=sum(isinstance(v.decision, Abstain) for v in cast),
        left=electorate.weight_left(cast),
        voters_left=electorate.voters_left(cast),
    )
