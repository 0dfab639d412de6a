"""Texts in which there is nothing to see."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"})
_EMPTY_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # drawn as nothing, but no spaces


def is_blank(text: str) -> bool:
    r"""Whether a text is empty, or is nothing but spaces, controls and invisible characters.

    >>> is_blank(" \u200b"), is_blank("no")
    (True, False)
    """
    return all(char in _EMPTY_LETTERS or unicodedata.category(char) in _UNSEEN for char in text)
