"""`majority`: more than half of those who do not abstain have to say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.count import Count
from langgraph_hitl.panels.counted import OUT_OF_REACH, Counted
from langgraph_hitl.panels.electorate import electorate_of
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.verdict import Refused
from langgraph_hitl.panels.veto import veto_of
from langgraph_hitl.panels.vote import APPROVAL
from langgraph_hitl.panels.who import Who

Tie = Literal["reject", "approve"]


@dataclass(frozen=True, kw_only=True)
class Majority(Counted):
    """More than half of the weight, or half of it where a tie approves."""

    tie: Tie = "reject"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tie not in get_args(Tie):
            raise GateError(f"majority: tie must be 'reject' or 'approve', not {self.tie!r:.40}")
        if self.electorate.size is None:
            raise GateError(
                "majority: of how many? Say it with size=, of= a number, or name the people in of="
            )
        if self.electorate.weights and not self.electorate.is_closed:
            raise GateError("majority: weights= needs people in of=, to know what half of it is")

    @property
    def rule(self) -> str:
        return f"a majority of {self.electorate.size}{self._who()}"

    def carried(self, counted: Count) -> str | None:
        half = self._half(counted)
        for ballot, weight in counted.ballots.items():
            if self._wins(ballot, weight, half):
                return ballot
        return None

    def refused(self, counted: Count) -> Refused | None:
        return None if self._is_possible(counted) else counted.certain_refusal()

    def lacking(self, counted: Count) -> Iterable[str]:
        if not self._is_possible(counted):
            return (OUT_OF_REACH,)
        reach = "half" if self.tie == "approve" else "more than half"
        taking_part = self._half(counted) * 2
        return (f"{reach} of {_brief(taking_part)}, {_brief(counted.leading)} so far",)

    def to_json(self) -> dict[str, Any]:
        return self._packed("majority", tie=self.tie)

    def _half(self, counted: Count) -> Fraction:
        total = self.electorate.weight_left([])
        assert total is not None
        return (total - counted.abstained) / 2

    def _is_possible(self, counted: Count) -> bool:
        """Whether those who have not voted can still bring one answer, or a new one, to pass."""
        left, half = counted.left or Fraction(0), self._half(counted)
        hopes = {APPROVAL: Fraction(0), "a new answer": Fraction(0), **counted.ballots}
        return any(self._wins(ballot, weight + left, half) for ballot, weight in hopes.items())

    def _wins(self, ballot: str, weight: Fraction, half: Fraction) -> bool:
        tied = weight == half > 0 and ballot == APPROVAL and self.tie == "approve"
        return weight > half or tied


def majority(
    *,
    of: Any = None,
    size: int | None = None,
    weights: Mapping[Any, float] | None = None,
    veto: Any = None,
    tie: Tie = "reject",
    blind: bool = False,
    may_change: bool = True,
) -> Panel:
    r"""More than half of those who do not abstain have to say the same, else it is refused.

    It ends as soon as the votes that are left cannot change the result. If everybody abstains, it
    is refused. The options that are not named here are those of `quorum`.

    Args:
        of: People (`Reviewer`), a role with `size=`, or how many voters of any identity.
        size: How many voters a role has.
        weights: What votes weigh; needs people in `of`.
        tie: What comes of exactly half for approval: `reject`, or `approve`. Half for an edit, an
            answer or a choice never passes.

    Raises `GateError` for a panel that nobody can fill.

    >>> from langgraph_hitl import Approve, Reject
    >>> from langgraph_hitl.panels import Vote
    >>> no = [Vote(voter=voter, decision=Reject("costly")) for voter in ("ann", "bob")]
    >>> majority(of=3).tally(no).result
    Reject(message='ann: costly\nbob: costly', rating=None)
    """
    electorate = electorate_of(of, size, weights, "majority")
    who = Who(electorate.keys, electorate.given)
    return Majority(
        electorate=electorate,
        veto=veto_of(veto, who, "majority"),
        tie=tie,
        blind=blind,
        may_change=may_change,
    )


def _brief(number: Fraction) -> str:
    return f"{float(number):.12g}"
