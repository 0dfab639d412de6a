"""`call_hook`: calling what belongs to the user."""

from __future__ import annotations

import logging
from collections.abc import Callable

from langgraph.errors import GraphBubbleUp

_log = logging.getLogger(__name__)


def call_hook(name: str, call: Callable[[], None]) -> str | None:
    """Call a hook of the user; its error is told and kept, and never stops a review."""
    try:
        call()
    except GraphBubbleUp:
        raise
    except Exception as error:
        _log.exception("the hook on_%s failed", name)
        return f"on_{name}: {type(error).__name__}: {error}"
    return None
