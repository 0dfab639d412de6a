"""How well a case is known from cases like it that people approved, from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph_hitl.errors import GateError
from langgraph_hitl.precedents.similar import Comparable


def familiarity(
    comparables: Sequence[Comparable], *, least: int = 3, within: float = 0.25
) -> float:
    """The share of comparable cases that were approved as they were shown.

    What people refused, changed, sent back, let pass in part or overruled speaks against, so that
    a case never passes because they said no to others like it.

    Args:
        comparables: Past cases; see `similar`.
        least: How many there have to be; from fewer it is 0.
        within: The largest distance of a case that counts.

    Raises `GateError` for a `least` below 1.

    >>> from datetime import UTC, datetime
    >>> from langgraph_hitl.precedents import Precedent
    >>> def case(number, outcome):
    ...     monday = datetime(2026, 1, 5, tzinfo=UTC)
    ...     return Comparable(Precedent(f"rv-{number}", "pay", {}, outcome, "ann", monday), 0.1)
    >>> [familiarity([case(1, end)] * 2, least=2) for end in ("approved", "edited", "rejected")]
    [1.0, 0.0, 0.0]
    >>> familiarity([case(1, "approved")] * 2)
    0.0
    >>> familiarity([case(n, "rejected" if n == 4 else "approved") for n in range(1, 5)])
    0.75
    """
    if least < 1:
        raise GateError(f"familiarity: least must be 1 or more, not {least}")
    ends = [one.precedent.outcome for one in comparables if one.distance <= within]
    if len(ends) < least:
        return 0.0
    return ends.count("approved") / len(ends)
