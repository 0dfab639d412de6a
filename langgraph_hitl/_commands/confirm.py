"""Asking a person at the terminal. An empty line, or the end of the input, means no."""

from __future__ import annotations

import sys

from langgraph_hitl._terminal.keyboard import forget_what_was_typed_ahead
from langgraph_hitl._terminal.sanitise import one_line


def can_ask() -> bool:
    """Whether a person types the input and reads the messages."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def agreed(question: str) -> bool:
    """Whether the person typed yes."""
    try:
        forget_what_was_typed_ahead()
        print(f"{one_line(question)} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except UnicodeDecodeError:
        return False
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return False
