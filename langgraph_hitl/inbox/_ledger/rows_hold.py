"""Where the row of a review, or its place in the queues, says something else than its audit.

What filing puts there stands in the audit as one digest; what is changed later, the event tells
that changed it. So the rows of the audit are replayed, review by review.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._course import DEADLINE
from langgraph_hitl.inbox._ledger.hooks import Done, done_in
from langgraph_hitl.inbox._ledger.place import PLACED, place_digest
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import from_json, micros
from langgraph_hitl.inbox.review import OVERRULED, RECALL, joined_by

UNTOLD: Final = object()
"""What the audit does not tell: its content was removed, or an older release wrote it."""

REDACTED = "redacted"
"""The event of a removal. Where all content went, its digest is that of the review's place."""

_REPLAYED = (
    *("filed", "renewed", "auto_approved", "joined", "deferred", "escalated", "claimed"),
    *("released", "assigned", "hook_ran", "settled", "cancelled", "overridden", "recalled"),
    *("applied", "run_failed", "superseded", "reopened", REDACTED),
)
_TOLD = (
    "filed",
    "renewed",
    "auto_approved",
    "joined",
    "deferred",
    "claimed",
    "assigned",
    "escalated",
)
_ROW = (
    *("id", "status", "created_at", "hidden", "claimed_by", "claimed_until", "assigned", "hooks"),
    *("wake", *PLACED),
)


class _Event(NamedTuple):
    """An audit row, with its content where that tells more."""

    name: str
    actor: str
    at: int
    round: int
    digest: str | None
    content: Any

    def said(self, key: str) -> Any:
        return self.content.get(key, UNTOLD) if isinstance(self.content, dict) else UNTOLD

    def moment(self, key: str) -> Any:
        said = self.said(key)
        return micros(datetime.fromisoformat(said)) if isinstance(said, str) else said


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_EVENTS = Sql(
    f"SELECT {', '.join(f'r.{name}' for name in _ROW)}, a.event, a.actor, a.at, a.round, a.digest,"  # noqa: S608  # constants
    f" CASE WHEN a.event IN ({_listed((*_TOLD, 'hook_ran'))}) THEN a.content END"
    " FROM hitl_reviews AS r JOIN hitl_audit AS a ON a.review_id = r.id"
    f" AND a.event IN ({_listed(_REPLAYED)}) ORDER BY r.id, a.seq"
)
_QUEUED = Sql(
    "SELECT r.id, r.eligible, r.rank, r.due, r.created_at, r.hidden,"
    " e.key, e.rank, e.due, e.created_at, e.hidden FROM hitl_reviews AS r"
    " LEFT JOIN hitl_eligible AS e ON e.review_id = r.id WHERE r.status = 'pending' ORDER BY r.id"
)
_STRAYS = Sql(
    "SELECT e.review_id FROM hitl_eligible AS e LEFT JOIN hitl_reviews AS r ON r.id = e.review_id"
    " AND r.status = 'pending' WHERE r.id IS NULL ORDER BY e.review_id LIMIT 1"
)


@dataclass
class _Expected:
    """What the row of a review says after the events so far."""

    created: Any = UNTOLD
    place: Any = UNTOLD
    hidden: Any = 0
    claim: Any = (None, None)
    assigned: Any = None
    wake: int | None = None
    done: set[Done] = field(default_factory=set)
    hooks_untold: bool = False

    def follow(self, event: _Event) -> None:
        """What one event changes."""
        if event.name == REDACTED:
            self.place = event.digest or self.place
            return
        match event.name:
            case "filed" | "renewed" | "auto_approved":
                self.created = event.at if self.created is UNTOLD else self.created
                self.place = event.said("place")
                self.hooks_untold |= self.place is UNTOLD
                self.hidden, self.claim = 0, (None, None)
            case "joined":
                self._joined(event)
            case "deferred":
                self.hidden = event.moment("hidden")
            case "escalated":
                self._escalated(event)
            case "claimed":
                until = event.moment("until")
                self.claim = UNTOLD if until is UNTOLD else (event.actor, until)
            case "released":
                self.claim = (None, None)
            case "assigned":
                self.assigned = event.said("to")
            case "hook_ran":
                self._did(event.round, event.said("hook"))
            case "recalled":
                self._did(event.round, RECALL)
            case "overridden":
                self._did(event.round, OVERRULED)
            case "settled":
                self._settled(event)
        self.wake = _WAKE_AFTER.get(event.name)

    def _escalated(self, event: _Event) -> None:
        """To others of the same queue, or with a place of its own, where it is nobody's turn."""
        place, to = event.said("place"), event.said("to")
        if to is not UNTOLD or event.content is None:
            self.assigned = UNTOLD if event.content is None else None
        self.hidden, self.claim = 0, (None, None)
        if place is not UNTOLD or event.content is None:
            self.place = place

    def _joined(self, event: _Event) -> None:
        task = event.said("task")
        self.place = event.said("place")
        if task is not UNTOLD:
            self._did(event.round, joined_by(task))
        elif self.place is UNTOLD:
            self.hooks_untold = True

    def _settled(self, event: _Event) -> None:
        """By time, before its row was passed up; or by an override, which the hook hears anew."""
        if event.actor == DEADLINE:
            self.hidden = self.claim = UNTOLD
        if (event.round, OVERRULED) in self.done:
            self.done -= {(event.round, OVERRULED), (event.round, "decided")}

    def _did(self, number: int, name: Any) -> None:
        if name is UNTOLD:
            self.hooks_untold = True
        else:
            self.done.add((number, name))


_WAKE_AFTER = {
    "settled": 1,
    "cancelled": 1,
    "overridden": 1,
    "recalled": 0,
    "applied": 0,
    "run_failed": 0,
    "superseded": 0,
    "auto_approved": 0,
}
"""Whether a graph, or a hook, has to be driven; while a review waits for people it may be either.

A sampled review that was called back is `settled` until it is `applied`, in the same transaction.
"""


def row_problems(session: Session) -> Iterator[str]:
    """Rows of reviews that are not what their events made of them."""
    for _, rows in groupby(session.stream(_EVENTS), key=itemgetter(0)):
        expected, row = _Expected(), {}
        for found in rows:
            row = dict(zip(_ROW, found, strict=False))
            event = _Event._make(found[len(_ROW) :])
            expected.follow(event._replace(content=from_json(event.content)))
        yield from _differences(row, expected)


def _differences(row: dict[str, Any], expected: _Expected) -> Iterator[str]:
    name = f"review {row['id']}"
    if expected.place not in (UNTOLD, place_digest(row)):
        yield f"where {name} waits, for whom, or about what, was changed"
    if expected.created not in (UNTOLD, row["created_at"]):
        yield f"when {name} was filed was changed"
    if expected.hidden not in (UNTOLD, row["hidden"]):
        yield f"until when {name} is put off was changed"
    if expected.claim not in (UNTOLD, (row["claimed_by"], row["claimed_until"])):
        yield f"who looks at {name} was changed"
    if expected.assigned not in (UNTOLD, row["assigned"]):
        yield f"whose turn {name} is was changed"
    if not expected.hooks_untold and not _did(row["hooks"], expected.done):
        yield f"what was called for {name} was changed"
    may_wait = row["mode"] == "submitted" and row["status"] != "pending"
    if expected.wake is not None and not may_wait and row["wake"] != expected.wake:
        yield f"whether {name} has to be followed was changed"


def _did(text: str, expected: set[Done]) -> bool:
    try:
        found = done_in(text)
        return len(found) == len(expected) and set(found) == expected
    except (InboxError, TypeError):
        return False


def queue_problems(session: Session) -> Iterator[str]:
    """Entries of the queues that are not those of a pending review."""
    for review_id, rows in groupby(session.stream(_QUEUED), key=itemgetter(0)):
        if not _is_queued([*rows]):
            yield f"the queue entries of review {review_id} were changed"
    stray = session.row(_STRAYS)
    if stray is not None:
        yield f"the queue entries of review {stray[0]} were changed: nobody decides it"


def _is_queued(rows: list[Row]) -> bool:
    """Whether everybody who may decide finds a review, in its place."""
    _, eligible, *place = rows[0][:6]
    try:
        keys = json.loads(eligible)
        return sorted(keys) == sorted(row[6] for row in rows) and all(
            list(row[7:]) == place for row in rows
        )
    except (ValueError, TypeError):
        return False
