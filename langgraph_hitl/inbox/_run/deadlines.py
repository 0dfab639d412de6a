"""`fire`: write what time has done to reviews that nobody has touched since."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from langgraph_hitl.errors import HitlError, InboxUnavailable
from langgraph_hitl.inbox._office import Cast, Office
from langgraph_hitl.inbox._run.steps import Call, Steps

_log = logging.getLogger(__name__)

_PAGE = 100


def fire(
    office: Office, failed: dict[str, str], *, stop: Callable[[], bool]
) -> Steps[list[tuple[str, tuple[str, ...]]]]:
    """Remind, pass up and end what is due; the ids of the reviews, and what was done to each.

    What ends is settled, and its graph still has to be driven. `failed` gets the errors by id.
    """
    done: list[tuple[str, tuple[str, ...]]] = []
    skipped: set[str] = set()
    while True:
        page: list[str] = yield Call(partial(_due, office, _PAGE + len(skipped)))
        left = [review_id for review_id in page if review_id not in skipped]
        if not left:
            return done
        for review_id in left:
            if stop():
                return done
            try:
                cast: Cast | None = yield Call(partial(office.expire, review_id))
            except InboxUnavailable:
                raise
            except HitlError as error:
                _log.exception("review %s", review_id)
                failed[review_id] = str(error)
                skipped.add(review_id)
                continue
            if cast is None:  # somebody was first
                skipped.add(review_id)
            else:
                done.append((review_id, cast.events))


def _due(office: Office, limit: int) -> list[str]:
    with office.ledger.looking() as rx:
        return rx.timed(office.clock(), limit=limit)
