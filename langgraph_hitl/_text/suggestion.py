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
    from difflib import get_close_matches

    names = list(known)
    plain = str(word).strip().lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(plain, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"
