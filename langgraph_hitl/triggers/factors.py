"""`Factor`: one part of a score, from 0 to 1, with its weight; `weighted` adds them up."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers.number import (
    checked_fraction,
    checked_number,
    exact,
    fraction_of,
    listed,
    number_of,
    quoted,
    shown,
)
from langgraph_hitl.triggers.source import Derived, Source, checked_text, source_of

Given: TypeAlias = str | Callable[[Any], Any] | Source
Bands: TypeAlias = Mapping[int, float] | Mapping[float, float] | Mapping[Decimal, float]

PERSONAL_DATA = {"none": 0.0, "contact": 0.4, "financial": 0.8, "special": 1.0}
"""What kinds of personal data weigh; `special` are those of GDPR article 9, such as health."""
REVERSIBILITY = {"reversible": 0.0, "costly": 0.5, "irreversible": 1.0}
REACH = {"internal": 0.0, "partners": 0.3, "customers": 0.6, "public": 1.0}


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 1 with the share that each factor has in it; the shares add up to it.

    Raises `Unreadable` for a value outside 0 to 1, so that a scorer of your own cannot pass one on.
    """

    value: float
    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", fraction_of(self.value, "score"))


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """One factor of a score."""

    name: str
    source: Source
    weight: float = 1.0

    def __post_init__(self) -> None:
        checked_text(self.name, "the name of a factor")
        object.__setattr__(self, "source", source_of(self.source, self.name))
        object.__setattr__(self, "weight", checked_weight(self.weight, self.name))


def factor(name: str, value: Given, *, weight: float = 1.0) -> Factor:
    """A factor of one's own: `value` is a state key, a path or a function that gives 0 to 1."""
    return Factor(checked_text(name, "the name of a factor"), source_of(value, name), weight)


def amount_bands(
    field: Given, bands: Bands, *, weight: float = 1.0, name: str = "amount"
) -> Factor:
    """A factor that grows with an amount: `bands` has the value from each amount on.

    Below the first band it is 0. A negative amount below the first band cannot be read, so that a
    person is asked.

    >>> risk = weighted(amount_bands("amount", {1_000: 0.3, 10_000: 0.7, 100_000: 1.0}))
    >>> risk({"amount": 12_500}).value
    0.7
    """
    if not isinstance(bands, Mapping) or not bands:
        raise GateError(f"{name}: bands map amounts to values from 0 to 1, not {quoted(bands)}")
    known = {
        exact(checked_number(edge, "an amount in bands")): checked_fraction(
            value, "a value in bands"
        )
        for edge, value in bands.items()
    }
    edges = sorted(known)
    values = (0.0, *(known[edge] for edge in edges))

    def value(read: Mapping[str, Any]) -> float:
        amount = number_of(read["amount"], name)
        if exact(amount) < min(edges[0], Decimal(0)):
            raise Unreadable(f"The {name} {shown(amount)} lies below the first band.")
        return values[bisect_right(edges, exact(amount))]

    return Factor(name, Derived({"amount": source_of(field, name)}, value), weight)


def personal_data(
    field: Given = "personal_data",
    *,
    weight: float = 1.0,
    kinds: Mapping[str, float] = PERSONAL_DATA,
) -> Factor:
    """A factor for personal data: `field` holds a kind, a list of kinds (the gravest counts), or
    true or false.
    """
    return _graded("personal data", field, kinds, weight, several=True, truth=True)


def irreversibility(
    field: Given = "reversibility",
    *,
    weight: float = 1.0,
    kinds: Mapping[str, float] = REVERSIBILITY,
) -> Factor:
    """A factor for what cannot be undone: `field` holds one of `kinds`."""
    return _graded("irreversibility", field, kinds, weight)


def public_reach(
    field: Given = "reach", *, weight: float = 1.0, kinds: Mapping[str, float] = REACH
) -> Factor:
    """A factor for who sees it: `field` holds one of `kinds`, or a list of them."""
    return _graded("public reach", field, kinds, weight, several=True)


def weighted(*factors: Factor) -> Source:
    """The weighted mean of factors, a score from 0 to 1 for `risk_at_least`.

    >>> risk = weighted(
    ...     amount_bands("amount", {1_000: 0.3, 10_000: 0.7, 100_000: 1.0}, weight=2),
    ...     irreversibility("reversibility"),
    ... )
    >>> risk({"amount": 12_500, "reversibility": "irreversible"})
    Score(value=0.8, shares={'amount': 0.466666666667, 'irreversibility': 0.333333333333})
    """
    if not factors or not all(isinstance(each, Factor) for each in factors):
        raise GateError("weighted takes factors, see langgraph_hitl.triggers.factors")
    weights = {each.name: each.weight for each in factors}
    if len(weights) < len(factors):
        raise GateError(
            "weighted: two factors have the same name; make one of them with factor(name, ...)"
        )
    check_weights(weights)
    sources = {each.name: each.source for each in factors}
    return Derived(sources, lambda read: weighted_mean(read, weights))


def weighted_mean(values: Mapping[str, Any], weights: Mapping[str, float]) -> Score:
    """The score of values from 0 to 1, to 12 digits; every weight's factor has to be there."""
    greatest = max(weights.values())
    weights = {name: weight / greatest for name, weight in weights.items()}
    total = math.fsum(weights.values())
    fractions = {name: value_of(values.get(name), name) for name in weights}
    parts = {name: weights[name] * fractions[name] for name in weights}
    shares = {name: round(part / total, 12) for name, part in parts.items()}
    return Score(min(round(math.fsum(parts.values()) / total, 12), 1.0), shares)


def value_of(given: Any, name: str) -> float:
    """The value of a factor: a number from 0 to 1, or a score of other factors."""
    return given.value if isinstance(given, Score) else fraction_of(given, name)


def check_weights(weights: Mapping[str, float]) -> None:
    """Refuse weights that sum to nothing."""
    if not any(weights.values()):
        raise GateError(f"the weights of {listed(weights)} sum to nothing")


def checked_weight(weight: Any, name: str) -> float:
    """A weight that a user gave."""
    number = float(checked_number(weight, f"the weight of {name}"))
    if number < 0:
        raise GateError(f"the weight of {name} is {shown(number)}; a weight is 0 or more")
    return number


def _graded(
    name: str,
    field: Given,
    kinds: Mapping[str, float],
    weight: float,
    *,
    several: bool = False,
    truth: bool = False,
) -> Factor:
    """A factor whose kinds have names. `truth` also takes true, the gravest, and false."""
    if not isinstance(kinds, Mapping) or not kinds:
        raise GateError(f"{name}: kinds map names to values from 0 to 1, not {quoted(kinds)}")
    known = {
        checked_text(kind, f"{name}: a kind"): checked_fraction(value, f"{name}: {kind}")
        for kind, value in kinds.items()
    }
    gravest, mildest = max(known.values()), min(known.values())

    def grade(value: Any) -> float:
        if truth and isinstance(value, bool):
            return gravest if value else mildest
        if isinstance(value, str) and value in known:
            return known[value]
        raise Unreadable(f"The {name} is {quoted(value)}, which is none of {listed(known)}.")

    def value(read: Mapping[str, Any]) -> float:
        found = read["kind"]
        if found is None:
            raise Unreadable(f"The {name} is missing.")
        if several and isinstance(found, list | tuple):
            return max(map(grade, found), default=mildest)
        return grade(found)

    return Factor(name, Derived({"kind": source_of(field, name)}, value), weight)
