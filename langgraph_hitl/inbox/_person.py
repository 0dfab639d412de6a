"""`person`: whoever a caller of the inbox names."""

from __future__ import annotations

from langgraph_hitl.errors import GateError, InboxError
from langgraph_hitl.review.reviewer import Reviewer


def person(given: Reviewer | str, what: str) -> Reviewer:
    """A `Reviewer`, or the person of this id without roles; raises `InboxError`."""
    if isinstance(given, Reviewer):
        return given
    try:
        return Reviewer(given)
    except GateError as error:
        raise InboxError(f"{what} takes a Reviewer or an id: {error}") from None
