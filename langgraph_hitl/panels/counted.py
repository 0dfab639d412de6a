"""`Counted`: what the panels share that count the votes of one electorate."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.count import Count, count
from langgraph_hitl.panels.electorate import Electorate
from langgraph_hitl.panels.number import plain
from langgraph_hitl.panels.panel import VERSION, Panel, named
from langgraph_hitl.panels.verdict import Passed, Refused, Verdict
from langgraph_hitl.panels.veto import NO_VETO, Veto
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.panels.who import ANYBODY, name_in
from langgraph_hitl.review.decision import Revise
from langgraph_hitl.review.reviewer import Voter

OUT_OF_REACH = "nothing more: it cannot pass"


@dataclass(frozen=True, kw_only=True)
class Counted(Panel):
    """A panel with one electorate, and perhaps with people who hold a veto."""

    electorate: Electorate
    veto: Veto = NO_VETO
    blind: bool = False
    may_change: bool = True

    def __post_init__(self) -> None:
        for option in ("blind", "may_change"):
            if not isinstance(getattr(self, option), bool):
                raise GateError(f"{option} must be True or False")

    @property
    def single(self) -> bool:
        return self.electorate.size == 1 and not self.veto.keys

    @property
    def eligible_keys(self) -> tuple[str, ...]:
        if ANYBODY in self.electorate.keys:
            return (ANYBODY,)
        return tuple(dict.fromkeys((*self.electorate.keys, *self.veto.keys)))

    def is_eligible(self, voter: Voter) -> bool:
        return self.electorate.has(voter) or self.veto.held_by(voter)

    def judge(self, votes: Sequence[Vote]) -> Verdict | None:
        if objection := self.veto.objection(votes):
            return Refused(revise=isinstance(objection.decision, Revise))
        counted = count(votes, self.electorate)
        ballot = self.carried(counted)
        if ballot is not None:
            return None if self.veto.unheard(votes) else Passed(ballot)
        return self.refused(counted)

    @abstractmethod
    def carried(self, counted: Count) -> str | None:
        """The answer that has enough votes whatever else comes, a veto apart."""

    @abstractmethod
    def refused(self, counted: Count) -> Refused | None:
        """The refusal, if it is certain. No answer has enough votes."""

    @abstractmethod
    def lacking(self, counted: Count) -> Iterable[str]:
        """What approval lacks, a veto apart."""

    def needed(self, votes: Sequence[Vote]) -> tuple[str, ...]:
        counted = count(votes, self.electorate)
        lacking = () if self.carried(counted) is not None else self.lacking(counted)
        unheard = (f"the vote of {name_in(key)}" for key in self.veto.unheard(votes))
        return (*lacking, *unheard)

    def weighed(self, votes: Sequence[Vote]) -> tuple[float, float, int]:
        counted = count(votes, self.electorate)
        return plain(counted.leading), plain(counted.against), counted.abstentions

    def _keys(self) -> Iterable[str]:
        return (*self.eligible_keys, *self.veto.keys, *self.electorate.weights)

    def _who(self) -> str:
        by = "" if self.electorate.keys == (ANYBODY,) else f" by {named(self.electorate.keys)}"
        weighted = ", weighted" if self.electorate.weights else ""
        return by + weighted + (f", veto by {self.veto.names}" if self.veto.keys else "")

    def _packed(self, rule: str, **options: Any) -> dict[str, Any]:
        packed = {"version": VERSION, "panel": rule, **self.electorate.to_json(), **options}
        if self.veto.keys:
            packed["veto"] = [*self.veto.keys]
        return packed | {"blind": self.blind, "may_change": self.may_change}
