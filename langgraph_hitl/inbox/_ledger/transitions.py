"""What happens to a review after it was filed, except that it is decided."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.inbox._ledger import hooks
from langgraph_hitl.inbox._ledger.place import PLACED, place_digest
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox.review import OVERRULED, RECALL

_REOPEN = Sql(
    "UPDATE hitl_reviews SET status = 'pending', outcome = NULL, decided_by = NULL,"
    " decided_at = NULL, updated_at = :now"
    " WHERE id = :review_id AND round = :round AND status = 'settled'"
)
_PARK = Sql(
    "UPDATE hitl_reviews SET wake = 0, attempts = 0, error = NULL"
    " WHERE id = :review_id AND round = :round AND status = 'pending' AND wake = 1"
)
_ROUSE = Sql(
    "UPDATE hitl_reviews SET wake = 1 WHERE id = :review_id AND round = :round"
    " AND status = 'pending' AND mode = 'blocking'"
)
_OVERRULED = f"""hooks LIKE '%[' || round || ',"{OVERRULED}"]%'"""
_CALLED_BACK = f"""hooks LIKE '%[' || round || ',"{RECALL}"]%'"""
# A run that takes a version once more must not make a recall forgotten that is still open.
APPLY = (
    "UPDATE hitl_reviews SET wake = 0, outcome = :outcome, error = :error, updated_at = :now,"  # noqa: S608  # constants
    " status = CASE WHEN status = 'settled' THEN 'applied' ELSE status END"
    " WHERE id = :review_id AND round = :round AND (status = 'settled'"
    " OR (status IN ('cancelled', 'applied') AND wake = 1"
    f" AND NOT ({_OVERRULED} AND NOT {_CALLED_BACK})))"
)
_APPLY = Sql(f"{APPLY} RETURNING digest")
_SUPERSEDE = Sql(
    "UPDATE hitl_reviews SET status = 'superseded', wake = 0, outcome = NULL, decided_by = NULL,"
    " decided_at = NULL, updated_at = :now"
    " WHERE id = :review_id AND round = :round AND status IN ('pending', 'settled')"
)
_JOINED = f"RETURNING round, {', '.join(PLACED)}"
_JOIN = Sql(
    "UPDATE hitl_reviews SET mode = 'blocking', wake = 1, updated_at = :now,"  # noqa: S608  # constants
    " gate = COALESCE(:gate, gate), root_checkpoint = COALESCE(:root, root_checkpoint)"
    " WHERE id = :review_id AND mode = 'submitted' AND status IN"
    f" ('pending', 'settled', 'cancelled') {_JOINED}"
)
_JOIN_PASSED = Sql(
    "UPDATE hitl_reviews SET mode = 'blocking', wake = 1, updated_at = :now,"  # noqa: S608  # constants
    " gate = COALESCE(:gate, gate), root_checkpoint = COALESCE(:root, root_checkpoint)"
    f" WHERE id = :review_id AND mode = 'submitted' AND status = 'applied' {_JOINED}"
)
_REST = Sql(
    "UPDATE hitl_reviews SET wake = 0 WHERE id = :review_id AND round = :round AND wake = 1"
    " AND (mode = 'submitted' OR (mode = 'sampled' AND status = 'pending'))"
)
_FAILED = Sql(
    "UPDATE hitl_reviews SET attempts = attempts + 1, error = :error, updated_at = :now"
    " WHERE id = :review_id RETURNING attempts, round"
)
_HOOKS = Sql("SELECT hooks FROM hitl_reviews WHERE id = :review_id", lock=" FOR NO KEY UPDATE")
_SET_HOOKS = Sql("UPDATE hitl_reviews SET hooks = :hooks WHERE id = :review_id")
_WAKE = Sql(
    "UPDATE hitl_reviews SET wake = :wake, attempts = 0, error = NULL, updated_at = :now"
    " WHERE id = :review_id AND round = :round"
)
_FORGET_ERROR = Sql("UPDATE hitl_reviews SET error = NULL WHERE id = :review_id")


def reopen(session: Session, review_id: str, round: int, *, now: int) -> bool:
    return session.run(_REOPEN, review_id=review_id, round=round, now=now) == 1


def park(session: Session, review_id: str, round: int) -> int:
    return session.run(_PARK, review_id=review_id, round=round)


def rouse(session: Session, review_id: str, round: int) -> int:
    return session.run(_ROUSE, review_id=review_id, round=round)


def apply(
    session: Session, review_id: str, round: int, *, outcome: str, error: str | None, now: int
) -> Row | None:
    """Its digest; None if there was nothing to apply."""
    return session.row(
        _APPLY, review_id=review_id, round=round, outcome=outcome, error=error, now=now
    )


def supersede(session: Session, review_id: str, round: int, *, now: int) -> bool:
    """False if it is over."""
    return session.run(_SUPERSEDE, review_id=review_id, round=round, now=now) == 1


def join(session: Session, review_id: str, **where: Any) -> tuple[int, str] | None:
    """Its round and the digest of its new place; None if there is nothing to join."""
    return _joined(session.row(_JOIN, review_id=review_id, **where))


def join_passed(session: Session, review_id: str, **where: Any) -> tuple[int, str] | None:
    """`join`, for what was submitted and needed nobody."""
    return _joined(session.row(_JOIN_PASSED, review_id=review_id, **where))


def _joined(row: Row | None) -> tuple[int, str] | None:
    if row is None:
        return None
    return row[0], place_digest(dict(zip(PLACED, row[1:], strict=True)))


def rest(session: Session, review_id: str, round: int) -> int:
    return session.run(_REST, review_id=review_id, round=round)


def failed(session: Session, review_id: str, *, error: str | None, now: int) -> Row | None:
    """How often it failed, and its round; None if there is no such review."""
    return session.row(_FAILED, review_id=review_id, error=error, now=now)


def hook_ran(session: Session, review_id: str, round: int, name: str) -> bool:
    """Remember that a hook runs; False if it is remembered already, or there is no review."""
    row = session.row(_HOOKS, review_id=review_id)
    if row is None:
        return False
    ran = hooks.done_in(row[0])
    if (round, name) in ran:
        return False
    text = hooks.to_text([*ran, (round, name)])
    return session.run(_SET_HOOKS, review_id=review_id, hooks=text) == 1


def forget_hook(session: Session, review_id: str, round: int, name: str) -> None:
    """Let a hook run once more for this version."""
    row = session.row(_HOOKS, review_id=review_id)
    ran = [] if row is None else hooks.done_in(row[0])
    if (round, name) in ran:
        ran.remove((round, name))
        session.run(_SET_HOOKS, review_id=review_id, hooks=hooks.to_text(ran))


def wake(session: Session, review_id: str, round: int, *, wake: bool, now: int) -> None:
    """Say whether something has still to be done for a version, with no failures so far."""
    session.run(_WAKE, review_id=review_id, round=round, wake=int(wake), now=now)


def forget_error(session: Session, review_id: str) -> None:
    session.run(_FORGET_ERROR, review_id=review_id)
