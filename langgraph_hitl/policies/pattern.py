"""`Pattern`: what several values of a case must be, and the trigger `where` that tests it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from langgraph_hitl.errors import GateError
from langgraph_hitl.policies.bound import Bound, Equal, From, In, Max, Min, Until, check_together
from langgraph_hitl.review.finding import Finding, readable
from langgraph_hitl.triggers.number import kind_of, quoted
from langgraph_hitl.triggers.source import Path
from langgraph_hitl.triggers.trigger import Leaf, Trigger

Bounds: TypeAlias = Mapping[str, Bound | tuple[Bound, ...]]

_LONGEST = 300


class Pattern:
    """Bounds by state key or path (`payment.amount`). All of them have to hold."""

    def __init__(self, given: Bounds) -> None:
        if not isinstance(given, Mapping) or not given:
            raise GateError(
                "a pattern maps state keys to bounds, as in {'amount': Max(50)}, and has one at "
                f"least, not {kind_of(given)}"
            )
        bounds = {key: _bounds(key, bound) for key, bound in given.items()}
        self.bounds: Mapping[str, tuple[Bound, ...]] = MappingProxyType(bounds)
        self._each = [(key, one.holds) for key, several in bounds.items() for one in several]
        self.sources = {key: Path(key) for key in bounds}

    @property
    def texts(self) -> frozenset[str] | None:
        """The texts for which it holds, where it compares one value with texts."""
        several = [*self.bounds.values()]
        match several:
            case [(Equal(value=str(text)),)]:
                return frozenset({text})
            case [(In() as one,)] if one.texts:
                return one.texts
            case _:
                return None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether all bounds hold. None is skipped, so that what cannot be read always raises."""
        if len(self._each) == 1:
            [(key, holds)] = self._each
            return holds(values[key], key)
        held = True
        for key, holds in self._each:
            if not holds(values[key], key):
                held = False
        return held

    def sentence(self, values: Mapping[str, Any]) -> str:
        """What holds; or, if something does not, what does not."""
        parts: dict[bool, list[str]] = {True: [], False: []}
        for key, bound in ((key, one) for key, several in self.bounds.items() for one in several):
            held = bound.holds(values[key], key)
            found, words = readable(quoted(values[key]), 60), readable(bound.words, 120)
            parts[held].append(f"The {key} {found} is {'' if held else 'not '}{words}.")
        return readable(" ".join(parts[False] or parts[True]), _LONGEST)


def where(bounds: Bounds) -> Trigger:
    """A person is asked where all bounds hold.

    Args:
        bounds: A bound, or a tuple of them, by state key or path.

    A value that is missing or of another kind than its bound asks a person and says so.

    >>> from langgraph_hitl.policies import In, Max, where
    >>> local = where({"country": In(["DE", "FR"]), "amount": Max(50)})
    >>> local({"country": "DE", "amount": 70}).sentence
    'The amount 70 is not at most 50.'
    >>> local({"country": "DE"}).sentence
    'The amount is missing.'
    """
    pattern = Pattern(bounds)
    holds = pattern.holds

    def test(values: Mapping[str, Any], _now: datetime) -> bool:
        return holds(values)

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        return Finding(needed=pattern.holds(values), sentence=pattern.sentence(values))

    return Leaf(
        name="where",
        judge=judge,
        sources=pattern.sources,
        options=", ".join(map(repr, pattern.bounds)),
        test=test,
        texts=pattern.texts,
    )


def _bounds(key: Any, given: Any) -> tuple[Bound, ...]:
    Path(key)
    bounds = given if isinstance(given, tuple) else (given,)
    if not bounds:
        raise GateError(f"{key}: has no bound")
    for bound in bounds:
        if not isinstance(bound, Equal | In | Min | Max | From | Until):
            raise GateError(
                f"{key}: a bound is Equal, In, Min, Max, From or Until, not {quoted(bound)}"
            )
    try:
        check_together(bounds)
    except GateError as error:
        raise GateError(f"{key}: {error}") from None
    return bounds
