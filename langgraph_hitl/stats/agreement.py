"""How far people agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from langgraph_hitl.errors import GateError

Scale = Literal["nominal", "interval"]


class Agreement(NamedTuple):
    """`alpha` is 1 where all agree and 0 where they agree as by chance; None where it cannot be
    told, since every answer was the same or no unit has two. `raw` is the share of pairs of answers
    that are the same. `units` were answered by two people at least.
    """

    alpha: float | None
    raw: float | None
    units: int


def agreement(answers: Iterable[tuple[Any, Any, Any]], *, scale: Scale = "nominal") -> Agreement:
    """Krippendorff's alpha, with the raw agreement beside it.

    Where nearly all answers are the same, alpha is low though people agree: look at both.

    Args:
        answers: Triples of unit, person and answer; what is missing is left out.
        scale: `nominal` for names, `interval` for numbers.

    Raises `GateError` for two answers of one person to one unit, and for answers on an interval
    scale that are no numbers. Source: Krippendorff (2011), Computing Krippendorff's
    alpha-reliability.

    >>> rows = [(1, "ann", "a"), (1, "bob", "a"), (2, "ann", "a"), (2, "bob", "b")]
    >>> agreement(rows)
    Agreement(alpha=0.0, raw=0.5, units=2)
    """
    pairable = [said for said in _by_unit(answers, scale).values() if len(said) > 1]
    if not pairable:
        return Agreement(None, None, 0)
    far = _DISTANCES[scale]
    totals = Counter(answer for said in pairable for answer in said)
    count = totals.total()
    observed = sum(_pairs(Counter(said), far) / (len(said) - 1) for said in pairable) / count
    expected = _pairs(totals, far) / (count * (count - 1))
    same = sum(
        (len(said) * (len(said) - 1) - _pairs(Counter(said), _names)) / (len(said) - 1)
        for said in pairable
    )
    alpha = None if expected == 0 else 1 - observed / expected
    return Agreement(alpha, same / count, len(pairable))


def _by_unit(answers: Iterable[tuple[Any, Any, Any]], scale: str) -> dict[Any, list[Any]]:
    units: dict[Any, dict[Any, Any]] = {}
    for unit, person, answer in answers:
        said = units.setdefault(unit, {})
        if person in said:
            raise GateError(f"{person!r} has answered {unit!r} twice; give the last answer")
        if scale == "interval" and (
            isinstance(answer, bool) or not isinstance(answer, int | float)
        ):
            raise GateError(f"on an interval scale an answer is a number, not {answer!r:.40}")
        said[person] = answer
    return {unit: [*said.values()] for unit, said in units.items()}


def _pairs(counts: Counter[Any], far: Callable[[Any, Any], float]) -> float:
    """The sum of the distances of all ordered pairs."""
    return sum(
        one_count * other_count * far(one, other)
        for one, one_count in counts.items()
        for other, other_count in counts.items()
    )


def _names(one: Any, other: Any) -> float:
    return float(one != other)


def _squares(one: float, other: float) -> float:
    return float((one - other) ** 2)


_DISTANCES: Mapping[str, Callable[[Any, Any], float]] = {"nominal": _names, "interval": _squares}
