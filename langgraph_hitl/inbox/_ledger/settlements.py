"""Settlements: one per version of a review, and the transition that makes it."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.inbox._ledger import authority, reviews
from langgraph_hitl.inbox._ledger.audit import Entry
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.tables_hold import OVERRIDDEN
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import from_json, micros, moment, name_text, to_json
from langgraph_hitl.inbox.review import Settlement

# Whoever changes the row from pending is the first, and the only one.
CLOSE = (
    "UPDATE hitl_reviews SET status = :status, outcome = :outcome, decided_by = :by,"
    " decided_at = :at, updated_at = :now, wake = CASE WHEN mode = 'submitted' THEN wake ELSE 1 END"
    " WHERE id = :review_id AND round = :round AND status = 'pending'"
)
_COLUMNS = "review_id, round, digest, decision, outcome, decided_by, at, channel, authority"
_VALUES = ":review_id, :round, :digest, :decision, :outcome, :by, :at, :channel, :authority"
_CLOSE_ONLY = Sql(CLOSE)
_INSERT = Sql(f"INSERT INTO hitl_settlements ({_COLUMNS}) VALUES ({_VALUES})")  # noqa: S608  # constants
KEEP = f"INSERT INTO hitl_settlements ({_COLUMNS}) SELECT {_VALUES} FROM closed"  # noqa: S608


def closed(close: str) -> str:
    """The review that `close` closes, as `closed`, of which nobody is eligible to decide more."""
    return (
        f"closed AS ({close} RETURNING id), freed AS"  # noqa: S608  # constants
        " (DELETE FROM hitl_eligible WHERE review_id IN (SELECT id FROM closed))"
    )


# The same in one statement, where each one is a journey to the server.
_SETTLE = Sql(f"WITH {closed(CLOSE)} {KEEP}")
_REPLACE = Sql(
    "UPDATE hitl_reviews SET status = 'settled', outcome = :outcome, decided_by = :by,"
    " decided_at = :at, updated_at = :now, attempts = 0, error = NULL,"
    " wake = CASE WHEN mode = 'submitted' THEN wake ELSE 1 END"
    " WHERE id = :review_id AND round = :round AND (status = 'settled'"
    " OR (status = 'cancelled' AND (wake = 1 OR mode = 'submitted'))"
    " OR (status = 'applied' AND mode = 'submitted'))"
)
_SETTLEMENT = Sql(
    "SELECT digest, decision, outcome, decided_by, at, channel, authority FROM hitl_settlements"
    " WHERE review_id = :review_id AND round = :round"
)
_DROP = Sql("DELETE FROM hitl_settlements WHERE review_id = :review_id AND round = :round")
_DROP_CONTENT = Sql("UPDATE hitl_settlements SET decision = NULL WHERE review_id = :review_id")


def settle(session: Session, settlement: Settlement, *, status: str, now: int) -> bool:
    """Take the review out of the queue and keep its settlement; False if somebody was first."""
    values = values_of(settlement) | {"status": status, "now": now}
    if session.dialect == "postgresql":
        return session.run(_SETTLE, **values) == 1
    if session.run(_CLOSE_ONLY, **values) == 0:
        return False
    session.run(_INSERT, **values)
    reviews.drop_eligible(session, settlement.review_id)
    return True


def replace(session: Session, settlement: Settlement, *, now: int) -> bool:
    """Keep it in place of the one that there is; False if the graph has taken that."""
    values = values_of(settlement)
    if session.run(_REPLACE, **values, now=now) == 0:
        return False
    drop(session, settlement.review_id, settlement.round)
    session.run(_INSERT, **values)
    return True


def insert(session: Session, settlement: Settlement) -> None:
    session.run(_INSERT, **values_of(settlement))


def values_of(settlement: Settlement) -> dict[str, Any]:
    return {
        "review_id": settlement.review_id,
        "round": settlement.round,
        "digest": name_text(settlement.digest, "A digest"),
        "decision": to_json(settlement.decision, "A decision"),
        "outcome": name_text(settlement.outcome, "An outcome"),
        "by": name_text(settlement.by, "An actor"),
        "at": micros(settlement.at),
        "channel": settlement.channel,
        "authority": authority.packed(settlement.authority),
    }


def settlement(session: Session, review_id: str, round: int) -> Settlement | None:
    """What was decided about one version; its decision is empty if it was removed."""
    row = session.row(_SETTLEMENT, review_id=review_id, round=round)
    if row is None:
        return None
    digest, decision, outcome, by, at, channel, packed = row
    return Settlement(
        review_id=review_id,
        round=round,
        digest=digest,
        decision=from_json(decision, dict) or {},
        outcome=outcome,
        by=by,
        at=moment(at),
        channel=channel,
        authority=None if packed is None else authority.unpacked(packed),
    )


def drop(session: Session, review_id: str, round: int) -> None:
    session.run(_DROP, review_id=review_id, round=round)


def drop_content(session: Session, review_id: str) -> None:
    session.run(_DROP_CONTENT, review_id=review_id)


def _told(settlement: Settlement) -> dict[str, Any]:
    found = authority.told(settlement.authority)
    return {"authority": found} if found else {}


def entry(settlement: Settlement, *, event: str, reason: str | None) -> Entry:
    """The audit row of a settlement."""
    return Entry(
        review_id=settlement.review_id,
        event=event,
        actor=settlement.by,
        at=settlement.at,
        channel=settlement.channel,
        round=settlement.round,
        outcome=settlement.outcome,
        digest=settlement.digest,
        reason=reason,
        content={"decision": settlement.decision, **_told(settlement)},
    )


def override_entry(new: Settlement, earlier: Settlement | None, *, reason: str) -> Entry:
    """The audit row that says what was decided over what."""
    before = None
    if earlier is not None:
        before = {
            "decision": earlier.decision,
            "outcome": earlier.outcome,
            "by": earlier.by,
            "at": earlier.at.isoformat(),
            **_told(earlier),
        }
    return Entry(
        review_id=new.review_id,
        event=OVERRIDDEN,
        actor=new.by,
        at=new.at,
        channel=new.channel,
        round=new.round,
        outcome=new.outcome,
        digest=new.digest,
        reason=reason,
        content={"decision": new.decision, **_told(new), "earlier": before},
    )
