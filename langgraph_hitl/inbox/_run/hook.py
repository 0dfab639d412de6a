"""Calling what belongs to the user."""

from __future__ import annotations

import logging
from collections.abc import Callable

from langgraph.errors import GraphBubbleUp

from langgraph_hitl.inbox._office import MAX_ERROR, Office

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


def call_once(
    office: Office, review_id: str, round_: int, hook: str, call: Callable[[], None]
) -> None:
    """Call a hook of the user unless it has been called for this version.

    It is noted afterwards: a process killed between the two calls it again.
    """
    with office.ledger.reading() as rx:
        review = rx.get(review_id)
    if review is not None and review.round == round_ and hook not in review.hooks:
        call_noted(office, review_id, round_, hook, call)


def call_noted(
    office: Office, review_id: str, round_: int, hook: str, call: Callable[[], None]
) -> None:
    """Call a hook of the user, and note that it ran, or how it failed."""
    error = call_hook(hook, call)
    office.point("telling")
    with office.ledger.transaction() as tx:
        tx.hook_ran(review_id, round_, hook)
        if error is not None:
            tx.note(
                review_id,
                "hook_failed",
                actor="system:graph",
                channel="graph",
                reason=error[:MAX_ERROR],
            )
