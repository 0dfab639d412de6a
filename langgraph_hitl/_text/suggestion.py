"""`suggestion`: what was meant by an unknown word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def suggestion(word: Any, known: Iterable[str]) -> str:
    """What was meant by an unknown word, or what is known.

    >>> suggestion("requierd_context", ["name", "required_context"])
    "; did you mean 'required_context'?"
    >>> suggestion("colour", ["name", "when"])
    '; known: name, when'
    """
    names = list(known)
    return meant(word, names) or f"; known: {', '.join(names)}"


def meant(word: Any, known: Iterable[str], cutoff: float = 0.6) -> str:
    """What was meant by an unknown word, or nothing. `cutoff`: how alike they are, up to 1.

    >>> meant("Q1", ["q1", "q2"]), meant("colour", ["q1"])
    ("; did you mean 'q1'?", '')
    """
    from difflib import get_close_matches

    plain = str(word).strip().lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(plain, list(known), n=1, cutoff=cutoff)
    return f"; did you mean {close[0]!r}?" if close else ""
