"""`by_keys`: cases are alike that agree in the keys which somebody has named."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents.precedent import Precedent
from langgraph_hitl.precedents.similar import Comparable, in_order

_NOTHING = object()


@dataclass(frozen=True)
class ByKeys:
    """The mean difference over the keys; see `by_keys`."""

    keys: tuple[str, ...]
    scales: tuple[tuple[str, float], ...]

    def nearest(
        self, context: Mapping[str, Any], past: Iterable[Precedent], limit: int
    ) -> list[Comparable]:
        """See `Similar.nearest`. A case that shares none of the keys is not comparable.

        Raises `GateError` for a key that neither this case nor any of the past ones has.
        """
        past = [*past]
        self._check_known(context, past)
        found = [
            Comparable(precedent, distance)
            for precedent in past
            if (distance := self.distance(context, precedent.context)) is not None
        ]
        return in_order(found)[:limit]

    def distance(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> float | None:
        """From 0 (the same) to 1; None where neither has any of the keys, or they share none."""
        scales = dict(self.scales)
        pairs = {key: (_at(one, key), _at(other, key)) for key in self.keys}
        known = {key: pair for key, pair in pairs.items() if pair != (_NOTHING, _NOTHING)}
        if not any(_NOTHING not in pair for pair in known.values()):
            return None
        return sum(_difference(*pair, scales.get(key)) for key, pair in known.items()) / len(known)

    def _check_known(self, context: Mapping[str, Any], past: Sequence[Precedent]) -> None:
        """A misspelt key would have no effect. Without past cases nothing is compared."""
        cases = [context, *(one.context for one in past)]
        unknown = [key for key in self.keys if all(_at(case, key) is _NOTHING for case in cases)]
        if unknown and past:
            there = set[str]().union(*cases)
            keys = ", ".join(sorted(map(str, there))) or "none"
            raise GateError(
                f"by_keys: no case has the key {unknown[0]!r}, neither this one nor the "
                f"{len(past)} before it; there are: {keys}"
            )


def by_keys(*keys: str, scales: Mapping[str, float] | None = None) -> ByKeys:
    """Compare cases by these keys of their context, all of the same weight.

    Two numbers differ by their distance, divided by the scale of the key or, without one, by the
    larger of them, and by 1 at most; everything else differs by 0 where it is equal, else by 1, and
    so does a key that only one of them has.

    Args:
        keys: One or more, each once: a key of the declared context or a path into it
            (`"order.country"`), or a key of the subject itself, where that is an object.
        scales: For numbers, the distance at which two cases have nothing to do with each other.

    Raises `GateError` without a key, and for a scale that is not above 0 or has no key; when cases
    are compared, also for a key that none of them has, with the names of those there are.

    >>> how = by_keys("amount", "country", scales={"amount": 100})
    >>> how.distance({"amount": 20, "country": "DE"}, {"amount": 70, "country": "DE"})
    0.25
    """
    if not keys or len(set(keys)) < len(keys):
        raise GateError(f"by_keys takes the names of different keys of the context, not {keys!r}")
    given = dict(scales or {})
    for key, scale in given.items():
        if key not in keys:
            raise GateError(f"by_keys: {key!r} has a scale and is none of the keys {keys!r}")
        if isinstance(scale, bool) or not 0 < scale < math.inf:
            raise GateError(
                f"by_keys: the scale of {key!r} must be a number above 0, not {scale!r}"
            )
    return ByKeys(keys, tuple(sorted(given.items())))


def _at(case: Mapping[str, Any], key: str) -> Any:
    """What a case has under a key, or at the end of a path."""
    if key in case:
        return case[key]
    value: Any = case
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _NOTHING
        value = value[part]
    return value


def _difference(one: Any, other: Any, scale: float | None) -> float:
    if not (_is_number(one) and _is_number(other)):
        return 0.0 if _same(one, other) else 1.0
    widest = scale or max(abs(one), abs(other))
    apart = abs(one - other)
    return min(1.0, apart / widest) if apart else 0.0


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max


def _same(one: Any, other: Any) -> bool:
    """Equal and of one kind: True is not 1."""
    return type(one) is type(other) and bool(one == other)
