"""`Open` and `Settled`: how the votes of a panel stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.review.decision import Decision


@dataclass(frozen=True, kw_only=True)
class Open:
    """The votes cast so far do not settle it; `needed` says what approval still lacks.

    `for_` is the weight of the answer that leads, `against` that of rejections and requests for
    changes, `abstained` how many took no side. `votes` has those that count, in their order.
    """

    for_: float
    against: float
    abstained: int
    needed: tuple[str, ...]
    votes: tuple[Vote, ...]
    settled: Literal[False] = field(default=False, init=False)
    result: None = field(default=None, init=False)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The panel has decided: `result`. No later vote changes it.

    `votes` has those that count, in their order; the last of them settled it.
    """

    result: Decision
    for_: float
    against: float
    abstained: int
    votes: tuple[Vote, ...]
    settled: Literal[True] = field(default=True, init=False)


Tally: TypeAlias = Open | Settled
