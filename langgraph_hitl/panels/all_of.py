"""`all_of`: several panels, each of which has to approve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.panel import VERSION, Panel
from langgraph_hitl.panels.verdict import Passed, Refused, Verdict
from langgraph_hitl.panels.vote import Vote, ballot_of
from langgraph_hitl.panels.who import ANYBODY
from langgraph_hitl.review.decision import Abstain, Reject, Revise
from langgraph_hitl.review.reviewer import Voter


@dataclass(frozen=True, kw_only=True)
class AllOf(Panel):
    """Every part, with the same answer."""

    parts: tuple[Panel, ...]
    blind: bool = False
    may_change: bool = True

    def __post_init__(self) -> None:
        for option in ("blind", "may_change"):
            if not isinstance(getattr(self, option), bool):
                raise GateError(f"{option} must be True or False")
        if len(self.parts) < 2:
            raise GateError("all_of takes two panels or more; one is enough by itself")
        for part in self.parts:
            if not isinstance(part, Panel):
                raise GateError(
                    f"all_of takes panels, such as anyone('legal'), not {type(part).__name__}"
                )
            if part.blind or not part.may_change:
                raise GateError("blind= and may_change= belong to all_of itself, not to its parts")

    def for_review(
        self, *, score: Any = None, risk: str | None = None, level: str | None = None
    ) -> Panel:
        """With each part as it is for the review."""
        parts = [part.for_review(score=score, risk=risk, level=level) for part in self.parts]
        return replace(self, parts=tuple(parts))

    @property
    def varies(self) -> bool:
        return any(part.varies for part in self.parts)

    @property
    def single(self) -> bool:
        return False

    @property
    def rule(self) -> str:
        return "; and ".join(part.rule for part in self.parts)

    @property
    def eligible_keys(self) -> tuple[str, ...]:
        keys = dict.fromkeys(key for part in self.parts for key in part.eligible_keys)
        return (ANYBODY,) if ANYBODY in keys else tuple(keys)

    def is_eligible(self, voter: Voter) -> bool:
        return any(part.is_eligible(voter) for part in self.parts)

    def judge(self, votes: Sequence[Vote]) -> Verdict | None:
        verdicts = [part.verdict(votes) for part in self.parts]
        refusals = [verdict for verdict in verdicts if isinstance(verdict, Refused)]
        if refusals:
            return Refused(revise=all(refusal.revise for refusal in refusals))
        passed = {verdict.ballot for verdict in verdicts if isinstance(verdict, Passed)}
        if len(passed) > 1:
            return Refused(revise=False)
        return None if None in verdicts else Passed(passed.pop())

    def needed(self, votes: Sequence[Vote]) -> tuple[str, ...]:
        return tuple(
            f"{part.rule}: {lack}"
            for part in self.parts
            if part.verdict(votes) is None
            for lack in part.needed([vote for vote in votes if part.may_vote(vote.identity)])
        )

    def weighed(self, votes: Sequence[Vote]) -> tuple[float, float, int]:
        ballots = [ballot for vote in votes if (ballot := ballot_of(vote.decision)) is not None]
        leading = max((ballots.count(ballot) for ballot in set(ballots)), default=0)
        against = sum(isinstance(vote.decision, Reject | Revise) for vote in votes)
        return leading, against, sum(isinstance(vote.decision, Abstain) for vote in votes)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "panel": "all_of",
            "parts": [part.to_json() for part in self.parts],
            "blind": self.blind,
            "may_change": self.may_change,
        }

    def _keys(self) -> Iterable[str]:
        return (key for part in self.parts for key in part._keys())


def all_of(*panels: Panel, blind: bool = False, may_change: bool = True) -> Panel:
    """Every one of the panels has to come to the same answer; the first that refuses ends it.

    A vote counts in each panel in which the person has one. (Where they must be different people,
    `quorum(2, roles={"legal": 1, "finance": 1})` says so.) Panels that come to different answers
    refuse it. `blind` and `may_change` are those of `quorum`, and not of the parts.

    Raises `GateError` for anything but two panels or more.

    >>> from langgraph_hitl import Approve
    >>> from langgraph_hitl.panels import Vote, anyone, quorum
    >>> panel = all_of(anyone("legal"), quorum(2, of="editors"))
    >>> panel.tally([Vote(voter="lee", roles=("legal",), decision=Approve())]).needed
    ('2 by editors: 2 more',)
    """
    return AllOf(parts=panels, blind=blind, may_change=may_change)
