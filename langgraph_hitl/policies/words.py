"""Names and versions: short texts that sentences and records carry."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.source import checked_text

_LONGEST = 120


def checked_word(given: Any, what: str) -> str:
    """A text in one line, not blank and not long.

    >>> checked_word(" small refund ", "the name of a template")
    'small refund'
    """
    text = checked_text(given, what).strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise GateError(
            f"{what} must be one line of at most {_LONGEST} characters, not {quoted(text)}"
        )
    return text


def checked_version(given: Any) -> str:
    """A version: a text, or a whole number.

    >>> checked_version(3), checked_version("2026-11")
    ('3', '2026-11')
    """
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise GateError(f"version must be a text or a whole number, not {quoted(given)}")
    return checked_word(given if isinstance(given, str) else f"{given:d}"[:200], "version")
