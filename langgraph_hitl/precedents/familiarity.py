"""How well a case is known from cases like it, from 0 to 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents.similar import Comparable


def familiarity(
    comparables: Sequence[Comparable], *, least: int = 3, within: float = 0.25
) -> float:
    """The share of comparable cases that came to the same end; 1 where all of enough cases did.

    Args:
        comparables: Past cases; see `similar`.
        least: How many there have to be. Of fewer, each one that is missing counts as a case that
            came to another end, so that without any it is 0.
        within: The largest distance of a case that counts.

    Raises `GateError` for a `least` below 1.

    >>> from datetime import UTC, datetime
    >>> from langgraph_hitl.precedents import Precedent
    >>> def case(number, outcome):
    ...     monday = datetime(2026, 1, 5, tzinfo=UTC)
    ...     return Comparable(Precedent(f"rv-{number}", "pay", {}, outcome, "ann", monday), 0.1)
    >>> familiarity([]), familiarity([case(1, "approved")], least=2)
    (0.0, 0.5)
    >>> familiarity([case(n, "rejected" if n == 4 else "approved") for n in range(1, 5)])
    0.75
    """
    if least < 1:
        raise GateError(f"familiarity: least must be 1 or more, not {least}")
    ends = Counter(one.precedent.outcome for one in comparables if one.distance <= within)
    if not ends:
        return 0.0
    [(_, agreeing)] = ends.most_common(1)
    return agreeing / max(ends.total(), least)
