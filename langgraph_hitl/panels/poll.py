"""`poll`: several people answer by themselves, and the answer that most of them gave passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.count import Count
from langgraph_hitl.panels.counted import Counted
from langgraph_hitl.panels.electorate import electorate_of
from langgraph_hitl.panels.number import checked_count, exact
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.verdict import Refused

_LEAST = Fraction(2)  # one person is no consensus, however many abstain


@dataclass(frozen=True, kw_only=True)
class Poll(Counted):
    """So many votes; the answer ahead of all others passes if its share of them is large enough."""

    n: int
    consensus: float = 0.5
    early: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        size = self.electorate.size
        if size is not None and size < self.n:
            raise GateError(f"poll: {size} people never give {self.n} answers; name more people")

    @property
    def single(self) -> bool:
        return False

    @property
    def rule(self) -> str:
        share = f"{100 * self.consensus:.12g} %"
        return f"{self.n} answers{self._who()}, {share} of them for one"

    def carried(self, counted: Count) -> str | None:
        left = self._left(counted)
        if left and not self.early:
            return None
        ranked = sorted(counted.ballots.items(), key=lambda ballot: ballot[1], reverse=True)
        if not ranked:
            return None
        leader, weight = ranked[0]
        behind = ranked[1][1] if len(ranked) > 1 else Fraction(0)
        enough = weight >= max(_LEAST, exact(self.consensus) * self.n)
        return leader if enough and weight - behind > left else None

    def refused(self, counted: Count) -> Refused | None:
        return None if self._left(counted) else counted.refusal()

    def lacking(self, counted: Count) -> Iterable[str]:
        left = self._left(counted)
        return (f"{left} more",) if left else ("nothing more: nobody is far enough ahead",)

    def to_json(self) -> dict[str, Any]:
        return self._packed("poll", n=self.n, consensus=self.consensus, early=self.early)

    def _left(self, counted: Count) -> int:
        return max(0, self.n - len(counted.votes))


def poll(
    n: int,
    *,
    of: Any = None,
    consensus: float = 0.5,
    early: bool = False,
    blind: bool = True,
    may_change: bool = True,
) -> Panel:
    """`n` people answer by themselves; the answer that is ahead of all others passes.

    At least two people have to give it, and a share of `consensus` of all `n`: who abstains is one
    of them and supports nothing. Without that, and where two answers are ahead together, it is
    refused. Nobody sees the votes of others before it is settled.

    Args:
        n: How many people answer or abstain, two at least.
        of: A role, a `Reviewer`, several of these; anybody without it.
        consensus: From 0 to 1: the least share of all `n` for the leading answer.
        early: End as soon as the answers that are missing cannot change who leads. All answers are
            taken without it, which says more about how sure people are.
        blind: Votes are not shown before it is settled.
        may_change: A voter may replace the vote while it is open.

    Raises `GateError` for a panel that nobody can fill.

    >>> from langgraph_hitl import Choose
    >>> from langgraph_hitl.panels import Vote
    >>> said = {"ann": "cat", "bob": "cat", "cem": "dog"}
    >>> cast = [Vote(voter=who, decision=Choose(what)) for who, what in said.items()]
    >>> poll(3).tally(cast[:2]).settled, poll(3).tally(cast).result
    (False, Choose(choices=('cat',)))
    """
    n = checked_count(n, "poll: n")
    if n < 2:
        raise GateError("poll: one answer is no poll; use anyone(...)")
    if isinstance(consensus, bool) or not isinstance(consensus, int | float):
        raise GateError(f"poll: consensus must be a number from 0 to 1, not {consensus!r:.40}")
    if not 0 <= consensus <= 1:
        raise GateError(f"poll: consensus must be a number from 0 to 1, not {consensus!r}")
    if not isinstance(early, bool):
        raise GateError(f"poll: early must be True or False, not {early!r:.40}")
    return Poll(
        electorate=electorate_of(of, None, None, "poll"),
        n=n,
        consensus=consensus,
        early=early,
        blind=blind,
        may_change=may_change,
    )
