"""Rows of `hitl_runs`: how far supervised threads have come, and what supervisors want of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import (
    canonical,
    from_json,
    is_storable,
    micros,
    moment,
    name_text,
    note_text,
    to_json,
)
from langgraph_hitl.inbox.supervised_run import (
    STEPS,
    Hold,
    RunState,
    Step,
    SupervisedRun,
    run_id_of,
)

_COLUMNS = (
    "id, graph, thread_id, state, hold, wake, steps, started_at, updated_at, held_by, held_at,"
    " reason, error, keys, supervisors, steers, steered_at, supervised_at, recursion_limit"
)
# A thread that is held does not begin: no row is changed then.
_BEGIN = Sql(
    "INSERT INTO hitl_runs (id, graph, thread_id, state, hold, wake, steps, started_at, updated_at,"
    " keys, supervisors, supervised_at, recursion_limit) VALUES (:id, :graph, :thread_id,"
    " 'running', 'none', 0, '[]', :now, :now, :keys, :supervisors, :supervised_at,"
    " :recursion_limit) ON CONFLICT (id) DO UPDATE SET"
    " state = 'running', started_at = :now, updated_at = :now, keys = :keys, error = NULL,"
    " supervisors = :supervisors, supervised_at = :supervised_at,"
    " recursion_limit = :recursion_limit"
    " WHERE hitl_runs.hold = 'none'"
)
_TELL = Sql("UPDATE hitl_runs SET steps = :steps, updated_at = :now WHERE id = :id")
_END = Sql(
    "UPDATE hitl_runs SET state = :state, error = :error, updated_at = :now,"
    " wake = CASE WHEN hold = 'stop' OR (hold = 'none' AND :resumes = 1) THEN 1 ELSE 0 END,"
    " steers = CASE WHEN steered_at <> :checkpoint THEN NULL ELSE steers END,"
    " steered_at = CASE WHEN steered_at <> :checkpoint THEN NULL ELSE steered_at END"
    " WHERE id = :id AND state <> 'stopped'"
)
_HOLD = Sql(
    "UPDATE hitl_runs SET hold = :hold, held_by = :by, held_at = :now, reason = :reason,"
    " wake = CASE WHEN :hold = 'none'"
    " AND state NOT IN ('running', 'halted', 'inside', 'waiting') THEN 0"
    " WHEN :hold = 'pause' AND state <> 'running' THEN 0 ELSE 1 END WHERE id = :id"
)
_REST = Sql("UPDATE hitl_runs SET wake = 0 WHERE id = :id AND hold <> 'stop'")
_OVER = Sql(
    "UPDATE hitl_runs SET state = 'stopped', wake = 0, steers = NULL, steered_at = NULL,"
    " updated_at = :now WHERE id = :id AND hold = 'stop' AND state <> 'stopped'"
)
_STEER = Sql("UPDATE hitl_runs SET steers = :steers WHERE id = :id")
_STEERED_AT = Sql("UPDATE hitl_runs SET steered_at = :checkpoint WHERE id = :id")
_STEERED = Sql("UPDATE hitl_runs SET steers = NULL, steered_at = NULL WHERE id = :id")
_FORGET = Sql("UPDATE hitl_runs SET reason = :reason, error = :error WHERE id = :id")
_ONE = f"SELECT {_COLUMNS} FROM hitl_runs WHERE id = :id"  # noqa: S608  # constants
_GET, _LOCK = Sql(_ONE), Sql(_ONE, lock=" FOR UPDATE")
_HELD = Sql("SELECT hold FROM hitl_runs WHERE thread_id = :thread_id AND hold <> 'none' LIMIT 1")
_ON = Sql(f"SELECT {_COLUMNS} FROM hitl_runs WHERE thread_id = :thread_id ORDER BY graph")  # noqa: S608
_WAKEFUL = Sql(
    f"SELECT {_COLUMNS} FROM hitl_runs WHERE wake = 1 AND id > :after ORDER BY id LIMIT :limit"  # noqa: S608
)
_LISTED = Sql(
    f"SELECT {_COLUMNS} FROM hitl_runs WHERE (:graph IS NULL OR graph = :graph)"  # noqa: S608
    " ORDER BY updated_at DESC, id DESC LIMIT :limit",
    postgresql=f"SELECT {_COLUMNS} FROM hitl_runs"  # noqa: S608
    " WHERE (CAST(:graph AS text) IS NULL OR graph = :graph)"
    " ORDER BY updated_at DESC, id DESC LIMIT :limit",
)


def get(session: Session, run_id: str, *, lock: bool) -> SupervisedRun | None:
    if not isinstance(run_id, str) or not is_storable(run_id):
        return None
    row = session.row(_LOCK if lock else _GET, id=run_id)
    return None if row is None else _run(row)


def hold_of(session: Session, thread_id: str) -> Hold:
    """A hold of a thread, by whichever of its graphs; `none` where there is none."""
    if not is_storable(thread_id):
        return "none"
    row = session.row(_HELD, thread_id=thread_id)
    return "none" if row is None else row[0]


def on_thread(session: Session, thread_id: str) -> list[SupervisedRun]:
    """The threads of this id, one for each graph."""
    if not isinstance(thread_id, str) or not is_storable(thread_id):
        return []
    return [_run(row) for row in session.rows(_ON, thread_id=thread_id)]


def wakeful(session: Session, *, after: str, limit: int) -> list[SupervisedRun]:
    """The next ones with which somebody has to do something, by id."""
    return [_run(row) for row in session.rows(_WAKEFUL, after=after, limit=limit)]


def listed(session: Session, *, graph: str | None, limit: int) -> list[SupervisedRun]:
    """Those that have moved last, first."""
    return [_run(row) for row in session.rows(_LISTED, graph=graph, limit=limit)]


def begin(
    session: Session,
    graph: str,
    thread_id: str,
    *,
    keys: Sequence[str],
    supervisors: Mapping[str, Any] | None,
    supervised_at: int | None,
    recursion_limit: int | None,
    now: int,
) -> bool:
    """Note that a run begins; False where the thread is held, so that it must not."""
    values = {
        "id": run_id_of(graph, thread_id),
        "graph": name_text(graph, "The name of a graph"),
        "thread_id": name_text(thread_id, "The id of a thread"),
        "keys": to_json([*keys], "The keys of a graph"),
        "supervisors": None if supervisors is None else to_json(supervisors, "supervisors="),
        "supervised_at": supervised_at,
        "recursion_limit": recursion_limit,
        "now": now,
    }
    return session.run(_BEGIN, **values) == 1


def supervisors_digest(supervisors: Mapping[str, Any] | None) -> str:
    """The digest of who supervises a run; of None where that is anybody."""
    return hashlib.sha256(canonical(supervisors)).hexdigest()


def tell(session: Session, run_id: str, steps: Sequence[Step], *, now: int) -> None:
    """Keep how far a run has come."""
    kept = [[step.number, [*step.nodes], micros(step.at)] for step in steps[-STEPS:]]
    session.run(_TELL, id=run_id, steps=to_json(kept, "Steps"), now=now)


def end(
    session: Session,
    run_id: str,
    state: RunState,
    *,
    error: str | None,
    checkpoint: str | None,
    resumes: bool,
    now: int,
) -> None:
    """A run is over.

    Args:
        checkpoint: The newest one; what was to be changed at an earlier one was changed.
        resumes: Somebody has to go on with it, unless it is held.
    """
    more = {"error": note_text(error), "checkpoint": checkpoint, "resumes": int(resumes)}
    session.run(_END, id=run_id, state=state, now=now, **more)


def hold(
    session: Session, run_id: str, wanted: Hold, *, by: str, reason: str | None, now: int
) -> None:
    """Keep what a supervisor wants; somebody has to look at it where a run has to follow."""
    who = name_text(by, "An actor")
    session.run(_HOLD, id=run_id, hold=wanted, by=who, reason=note_text(reason), now=now)


def rest(session: Session, run_id: str) -> None:
    """Nothing is left to do, but for an end that somebody wants."""
    session.run(_REST, id=run_id)


def over(session: Session, run_id: str, *, now: int) -> bool:
    """A thread was stopped, and cleaned up after."""
    return session.run(_OVER, id=run_id, now=now) == 1


def steer(session: Session, run: SupervisedRun, update: Mapping[str, Any]) -> None:
    """Keep a change of the state until the thread goes on."""
    session.run(_STEER, id=run.id, steers=to_json([*run.steers, dict(update)], "The update"))


def steered_at(session: Session, run_id: str, checkpoint: str) -> None:
    """The changes are handed over at a checkpoint, where they are made once."""
    session.run(_STEERED_AT, id=run_id, checkpoint=checkpoint)


def steered(session: Session, run_id: str) -> None:
    """The changes were made."""
    session.run(_STEERED, id=run_id)


def forget(session: Session, run: SupervisedRun, *, reason: str | None, error: str | None) -> None:
    """Leave this of what people and errors have said of a run."""
    session.run(_FORGET, id=run.id, reason=reason, error=error)


def _run(row: Row) -> SupervisedRun:
    return SupervisedRun(
        id=row[0],
        graph=row[1],
        thread_id=row[2],
        state=row[3],
        hold=row[4],
        wake=bool(row[5]),
        steps=tuple(
            Step(number, tuple(nodes), moment(at)) for number, nodes, at in from_json(row[6], list)
        ),
        started_at=moment(row[7]),
        updated_at=moment(row[8]),
        by=row[9],
        at=None if row[10] is None else moment(row[10]),
        reason=row[11],
        error=row[12],
        keys=tuple(from_json(row[13], list)),
        supervisors=from_json(row[14], dict),
        steers=tuple(from_json(row[15], list) or ()),
        steered_at=row[16],
        supervised_at=None if row[17] is None else moment(row[17]),
        recursion_limit=row[18],
    )
