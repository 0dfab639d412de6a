"""`unanimous`: all who do not abstain have to say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.count import Count
from langgraph_hitl.panels.counted import Counted
from langgraph_hitl.panels.electorate import electorate_of
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.verdict import Refused


@dataclass(frozen=True, kw_only=True)
class Unanimous(Counted):
    """Everybody; the first vote against ends it, as what it is."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.electorate.size is None:
            raise GateError(
                "unanimous: how many are all? Say it with size=, of= a number, or name the people "
                "in of="
            )

    @property
    def rule(self) -> str:
        return f"all of {self.electorate.size}{self._who()}"

    def carried(self, counted: Count) -> str | None:
        if counted.voters_left or counted.against or len(counted.ballots) != 1:
            return None
        return next(iter(counted.ballots))

    def refused(self, counted: Count) -> Refused | None:
        if counted.against:
            return counted.refusal()
        split = len(counted.ballots) > 1
        return Refused(revise=False) if split or not counted.voters_left else None

    def lacking(self, counted: Count) -> Iterable[str]:
        return (f"{counted.voters_left} more",)

    def to_json(self) -> dict[str, Any]:
        return self._packed("unanimous")


def unanimous(
    *,
    of: Any = None,
    size: int | None = None,
    blind: bool = False,
    may_change: bool = True,
) -> Panel:
    """Everybody who does not abstain has to say the same.

    The first rejection or request for changes ends it, as what it is; two different answers, or
    nothing but abstentions, refuse it. The options are those of `majority`.

    Raises `GateError` for a panel that nobody can fill.

    >>> from langgraph_hitl import Revise
    >>> from langgraph_hitl.panels import Vote
    >>> unanimous(of=3).tally([Vote(voter="ann", decision=Revise("shorter"))]).result
    Revise(feedback='ann: shorter', rating=None, parts=None)
    """
    electorate = electorate_of(of, size, None, "unanimous")
    return Unanimous(electorate=electorate, blind=blind, may_change=may_change)
