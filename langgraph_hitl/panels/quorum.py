"""`quorum` and `anyone`: so many have to say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.count import Count
from langgraph_hitl.panels.counted import OUT_OF_REACH, Counted
from langgraph_hitl.panels.electorate import Electorate, electorate_of
from langgraph_hitl.panels.mix import NO_MIX, Mix, mix_of
from langgraph_hitl.panels.number import checked_count, checked_weight, exact, plain
from langgraph_hitl.panels.panel import Panel, named
from langgraph_hitl.panels.verdict import Refused
from langgraph_hitl.panels.veto import veto_of
from langgraph_hitl.panels.vote import ballot_of
from langgraph_hitl.panels.who import ANYBODY, Who, name_in, who_of
from langgraph_hitl.review.reviewer import Reviewer, Voter


@dataclass(frozen=True, kw_only=True)
class Quorum(Counted):
    """So many for the same answer; so many against end it, or that approval is out of reach."""

    n: float
    against: float | None = None
    mix: Mix = NO_MIX

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_reach(self)

    @property
    def single(self) -> bool:
        if self.veto.keys or self.mix.seats or self.electorate.weights:
            return False
        return self.n == 1 and (self.against == 1 or self.electorate.size == 1)

    @property
    def rule(self) -> str:
        if self.single:
            return f"any of {named(self.electorate.keys)}".replace("any of anybody", "anybody")
        of = "" if self.electorate.size is None else f" of {self.electorate.size}"
        mix = f", with {self.mix.names}" if self.mix.seats else ""
        return f"{self.n}{of}{self._who()}{mix}"

    def carried(self, counted: Count) -> str | None:
        """The first answer to reach the quorum."""
        behind: dict[str, list[Voter]] = {}
        for vote in counted.votes:
            ballot = ballot_of(vote.decision)
            if ballot is None:
                continue
            agreeing = behind.setdefault(ballot, [])
            agreeing.append(vote.identity)
            if self._weight(agreeing) >= exact(self.n) and not self.mix.empty(agreeing):
                return ballot
        return None

    def refused(self, counted: Count) -> Refused | None:
        if self.against is not None and counted.against >= exact(self.against):
            return counted.refusal()
        return None if self._is_possible(counted) else counted.certain_refusal()

    def lacking(self, counted: Count) -> Iterable[str]:
        if not self._is_possible(counted):
            return (OUT_OF_REACH,)
        leading = max(counted.ballots, key=lambda ballot: counted.ballots[ballot], default=None)
        agreeing = _behind(leading, counted)
        more = exact(self.n) - self._weight(agreeing)
        lacking = [f"{plain(more)} more"] if more > 0 else []
        return [*lacking, *(f"one of {role}" for role in self.mix.empty(agreeing))]

    def to_json(self) -> dict[str, Any]:
        options: dict[str, Any] = {"n": self.n}
        if self.against is not None:
            options["against"] = self.against
        if self.mix.seats:
            options["roles"] = {name_in(key): count for key, count in self.mix.seats.items()}
        return self._packed("quorum", **options)

    def _keys(self) -> Iterable[str]:
        return (*super()._keys(), *self.mix.seats)

    def _weight(self, voters: Iterable[Voter]) -> Fraction:
        return sum(map(self.electorate.weight, voters), Fraction(0))

    def _is_possible(self, counted: Count) -> bool:
        """Whether those who have not voted can still bring one answer, or a new one, to pass."""
        if counted.left is None:
            return True
        named, unnamed = self.electorate.who_is_left(counted.votes)
        for ballot in (*counted.ballots, None):
            agreeing = _behind(ballot, counted)
            reached = self._weight(agreeing) + counted.left >= exact(self.n)
            if reached and len(self.mix.empty([*agreeing, *named])) <= unnamed:
                return True
        return False


def _behind(ballot: str | None, counted: Count) -> list[Voter]:
    """Those who have given an answer; nobody for one that nobody has given."""
    if ballot is None:
        return []
    return [vote.identity for vote in counted.votes if ballot_of(vote.decision) == ballot]


def anyone(*who: str | Reviewer) -> Panel:
    """The first vote decides, whatever it is.

    Args:
        who: Roles (texts) and people (`Reviewer`); anybody without it.

    Raises `GateError` for anything else.

    >>> anyone("editors", Reviewer("maria")).eligible_keys
    ('role:editors', 'person:maria')
    >>> anyone().single
    True
    """
    given: Any = who[0] if len(who) == 1 and isinstance(who[0], list | tuple) else who
    found = who_of(given, "anyone") if who else Who((ANYBODY,))
    return Quorum(electorate=Electorate(keys=found.keys, given=found.roles), n=1, against=1)


def quorum(
    n: float,
    *,
    of: Any = None,
    size: int | None = None,
    weights: Mapping[Any, float] | None = None,
    veto: Any = None,
    roles: Mapping[str, int] | None = None,
    against: float | None = None,
    blind: bool = False,
    may_change: bool = True,
) -> Panel:
    """`n` people who say the same let it pass.

    What counts as the same: approvals together, and edits, answers and choices each for their own
    value. The first to be said by `n` passes. It is refused when enough have rejected it or asked
    for changes: with a known number of voters as soon as approval is out of reach, otherwise when
    as many are against as approval takes, so that it cannot hang. The refusal is a request for
    changes where these outweigh the rejections, and a rejection otherwise. An abstention takes one
    possible approval away.

    Args:
        n: How many; with `weights`, how much weight.
        of: A role, a `Reviewer`, several of these, or how many voters of any identity.
        size: How many voters there are, where `of` names a role.
        weights: What the vote of a role or a person weighs; 1 without it. A person's own weight
            goes before that of roles, and of several roles the largest counts.
        veto: Roles or people whose rejection, or request for changes, ends it at once. Approval
            waits until each of them has voted, one for a role; an abstention is enough.
        roles: How many different people of each role must be among those who approve. A person
            counts for one role only.
        against: How much weight against ends it, instead of the rule above. The first to be
            reached decides.
        blind: Votes are not shown before it is settled.
        may_change: A voter may replace the vote while it is open.

    Raises `GateError` for a panel that nobody can fill.

    >>> from langgraph_hitl import Approve, Reject
    >>> from langgraph_hitl.panels import Vote
    >>> panel = quorum(2, of="security", size=3)
    >>> yes = [Vote(voter=v, roles=("security",), decision=Approve()) for v in ("ann", "bob")]
    >>> panel.tally(yes[:1]).settled, panel.tally(yes).result
    (False, Approve(comment=None, rating=None))
    """
    what = "quorum"
    if of is None and isinstance(roles, Mapping) and roles:
        of = [*roles]
    electorate = electorate_of(of, size, weights, what)
    least = checked_weight if weights else checked_count
    n = least(n, f"{what}: n")
    if against is not None:
        against = least(against, f"{what}: against")
    elif electorate.size is None:
        against = n
    who = Who(electorate.keys, electorate.given)
    return Quorum(
        electorate=electorate,
        n=n,
        against=against,
        veto=veto_of(veto, who, what),
        mix=mix_of(roles, electorate.given, what),
        blind=blind,
        may_change=may_change,
    )


def _check_reach(panel: Quorum) -> None:
    """Nobody could fill the panel otherwise."""
    size, most = panel.electorate.size, panel.electorate.weight_left([])
    if panel.mix.total > panel.n and not panel.electorate.weights:
        raise GateError(
            f"quorum: roles= takes {panel.mix.total} people, so n must be {panel.mix.total} "
            f"at least, not {panel.n}"
        )
    if size is None or most is None:
        return
    if most < exact(panel.n):
        raise GateError(
            f"quorum: {size} voters with a weight of {plain(most)} in all never reach "
            f"{panel.n}; lower n, or name more people"
        )
    named, unnamed = panel.electorate.who_is_left([])
    lacking = panel.mix.empty(named)
    if len(lacking) > unnamed:
        raise GateError(
            f"quorum: roles= takes {panel.mix.names}, and of= has nobody for {', '.join(lacking)}; "
            "name more people, with their roles: Reviewer('maria', roles=('legal',))"
        )
    if panel.against is not None and most < exact(panel.against):
        raise GateError(
            f"quorum: {size} voters with a weight of {plain(most)} in all never reach "
            f"against={panel.against}; lower it, or leave it out"
        )
