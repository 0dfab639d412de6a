"""Which characters of a text a reader sees."""

from __future__ import annotations

import unicodedata

_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing, beside the categories that do not."""


def visible(sign: str) -> bool:
    r"""Whether a character shows something by itself: no space, control, format or combining mark.

    >>> visible("a"), visible("\u200b"), visible("\u034f"), visible(" ")
    (True, False, False, False)
    """
    return unicodedata.category(sign)[0] not in "CMZ" and sign not in _FILLERS
