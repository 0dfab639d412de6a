"""Cursors: how far somebody has read the audit, and the rows that are to be told after that.

Audit rows become visible in the order of their numbers and without gaps, because each follows one
that is committed. So one number says what was read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import from_json, moment
from langgraph_hitl.inbox.notice import TOLD

_BEGIN = Sql(
    "INSERT INTO hitl_cursors (name, seq) SELECT :name, COALESCE(max(seq), 0) FROM hitl_audit"
    " WHERE true ON CONFLICT (name) DO NOTHING"
)
_POSITION = Sql(
    "SELECT (SELECT seq FROM hitl_cursors WHERE name = :name),"
    " (SELECT COALESCE(max(seq), 0) FROM hitl_audit)"
)
_ADVANCE = Sql("UPDATE hitl_cursors SET seq = :to WHERE name = :name AND seq = :was")
_LISTED = ", ".join(f"'{event}'" for event in TOLD)
# The contents of the others are large, perhaps.
_AFTER = Sql(
    "SELECT seq, review_id, event, actor, at, outcome, reason,"  # noqa: S608  # constants
    " CASE WHEN event IN ('assigned', 'reminded', 'escalated', 'overridden') THEN content END"
    f" FROM hitl_audit WHERE seq > :after AND event IN ({_LISTED}) ORDER BY seq LIMIT :limit"
)


_EVENTS = Sql(
    "SELECT seq, review_id FROM hitl_audit WHERE seq > :after"
    " AND event IN (:a, :b, :c, :d) ORDER BY seq LIMIT :limit"
)


class Position(NamedTuple):
    """How far a cursor has come, None if there is no such cursor; and where the audit ends."""

    seq: int | None
    end: int


class Told(NamedTuple):
    """An audit row that is told, with the content of what concerns certain people."""

    seq: int
    review_id: str
    event: str
    actor: str
    at: datetime
    outcome: str | None
    reason: str | None
    content: Any


def begin(session: Session, name: str) -> bool:
    """Let a cursor begin at the end of the audit; False if there is one already."""
    return session.run(_BEGIN, name=name) == 1


def position(session: Session, name: str) -> Position:
    return Position(*(session.row(_POSITION, name=name) or (None, 0)))


def advance(session: Session, name: str, *, was: int, to: int) -> bool:
    """Move a cursor on; False if it is not where it was, so that somebody else moves it."""
    return session.run(_ADVANCE, name=name, was=was, to=to) == 1


def told_after(session: Session, seq: int, *, limit: int) -> list[Told]:
    """The next rows that are told, after the row `seq`; of what is nobody's turn nobody is told."""
    found: list[Told] = []
    while True:
        missing = limit - len(found)
        rows = session.rows(_AFTER, after=seq, limit=missing)
        page = [
            Told._make((*row[:4], moment(row[4]), *row[5:7], from_json(row[7]))) for row in rows
        ]
        found += [told for told in page if not _is_taken_back(told)]
        if len(page) < missing or len(found) == limit:
            return found
        seq = page[-1].seq


def _is_taken_back(told: Told) -> bool:
    content = told.content if told.event == "assigned" else None
    return isinstance(content, dict) and content.get("to", "") is None


def events_after(
    session: Session, events: tuple[str, str, str, str], seq: int, *, limit: int
) -> list[tuple[int, str]]:
    """The next rows of these events, after the row `seq`: their numbers and reviews."""
    named = dict(zip("abcd", events, strict=True))
    rows = session.rows(_EVENTS, after=seq, limit=limit, **named)
    return [(number, review_id) for number, review_id in rows]
