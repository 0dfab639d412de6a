"""Intervals for a share."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from langgraph_hitl.errors import GateError


def wilson(hits: int, of: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a share, for display: `hits` of `of`.

    (0, 1) where nothing was counted. Raises `GateError` for numbers that cannot be. Source: Wilson
    (1927), Probable inference, the law of succession, and statistical inference.

    >>> low, high = wilson(15, 148)
    >>> round(low, 4), round(high, 4)
    (0.0624, 0.1605)
    """
    if not (isinstance(hits, int) and isinstance(of, int) and 0 <= hits <= of):
        raise GateError(f"a share is of whole numbers, not {hits!r:.40} of {of!r:.40}")
    if not 0 < confidence < 1:
        raise GateError(f"confidence must be between 0 and 1, not {confidence!r:.40}")
    if of == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = hits / of, z * z / of
    centre = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / of + weight / (4 * of)) / (1 + weight)
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    return low, 1.0 if hits == of else min(1.0, centre + half)
