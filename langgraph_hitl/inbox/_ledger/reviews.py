"""Rows of `hitl_reviews` and `hitl_versions` as `Review`, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.hooks import done_in
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import (
    due_micros,
    due_moment,
    from_json,
    is_storable,
    maybe_micros,
    micros,
    moment,
    name_text,
    to_json,
)
from langgraph_hitl.inbox.review import Filing, Review

NAMES = (
    "id",
    "graph",
    "thread_id",
    "gate",
    "root_checkpoint",
    "kind",
    "action",
    "mode",
    "status",
    "round",
    "digest",
    "queue",
    "rank",
    "due",
    "risk",
    "score",
    "eligible",
    "created_at",
    "updated_at",
    "outcome",
    "decided_by",
    "decided_at",
    "wake",
    "attempts",
    "error",
    "hooks",
    "course",
    "next_at",
    "hidden",
    "requester",
    "assigned",
    "assigned_at",
    "claimed_by",
    "claimed_until",
)
_PLAIN, _ALL = NAMES.index("course"), len(NAMES)
_NOBODYS = (None, None, 0, *(_ALL - _PLAIN - 3) * (None,))
COLUMNS = ", ".join(f"r.{name}" for name in NAMES)
"""The columns of a review, of `hitl_reviews AS r`."""


_WITH_CONTENT = (
    f"SELECT {COLUMNS}, v.request, v.question FROM hitl_reviews AS r"  # noqa: S608  # constants
    " JOIN hitl_versions AS v ON v.review_id = r.id AND v.round = r.round"
)
_GET = Sql(f"{_WITH_CONTENT} WHERE r.id = :id")
# FOR NO KEY UPDATE, because rows that refer to this one take a share lock on its key.
_GET_LOCKED = Sql(f"{_WITH_CONTENT} WHERE r.id = :id", lock=" FOR NO KEY UPDATE OF r")
_INSERT = Sql(
    f"INSERT INTO hitl_reviews ({', '.join(NAMES)})"  # noqa: S608
    f" VALUES ({', '.join(f':{name}' for name in NAMES)}) ON CONFLICT (id) DO NOTHING"
)
_INSERT_VERSION = Sql(
    "INSERT INTO hitl_versions (review_id, round, digest, filed_at, request, question)"
    " VALUES (:review_id, :round, :digest, :filed_at, :request, :question)"
)
_DROP_ELIGIBLE = Sql("DELETE FROM hitl_eligible WHERE review_id = :review_id")
_DROP_CONTENT = Sql(
    "UPDATE hitl_versions SET request = NULL, question = NULL WHERE review_id = :review_id"
)


class Shown(NamedTuple):
    """What a version shows, as it is stored."""

    request: str | None
    question: str | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.request}\n{self.question}".encode()).hexdigest()


_NOTHING = Shown(None, None)


def shown_by(filing: Filing) -> Shown:
    """What a filing brings to be shown."""
    question = filing.question
    return Shown(
        to_json(filing.request, "The request of a review"),
        None if question is None else to_json(question, "The question of a review"),
    )


def get(session: Session, review_id: str, *, lock: bool) -> Review | None:
    """The review of this id, with its content."""
    if not isinstance(review_id, str) or not is_storable(review_id):
        return None
    row = session.row(_GET_LOCKED if lock else _GET, id=review_id)
    return None if row is None else review_of(row, Shown(*row[len(NAMES) :]))


def selected(*, content: bool) -> str:
    """What a list selects of `hitl_reviews AS r`."""
    return f"{COLUMNS}, v.request, v.question" if content else COLUMNS


def joined(*, content: bool) -> str:
    """What a list joins for it. A review without its version would still be listed."""
    if not content:
        return ""
    return " LEFT JOIN hitl_versions AS v ON v.review_id = r.id AND v.round = r.round"


def page(rows: Iterable[Row]) -> list[Review]:
    """The reviews of rows, with their contents where they were selected."""
    width = len(NAMES)
    return [review_of(row, Shown(*row[width:]) if len(row) > width else _NOTHING) for row in rows]


def with_contents(session: Session, found: Sequence[Review]) -> list[Review]:
    """The same reviews with their contents."""
    shown = _shown(session, [(review.id, review.round) for review in found])
    return [
        replace(
            review,
            request=from_json(shown[review.id].request, dict) or {},
            question=from_json(shown[review.id].question, dict),
        )
        for review in found
    ]


def _shown(session: Session, versions: Sequence[tuple[str, int]]) -> dict[str, Shown]:
    """What versions of different reviews show."""
    values: dict[str, Any] = {}
    for number, version in enumerate(versions):
        values[f"i{number}"], values[f"r{number}"] = version
    rows = session.rows(_contents(len(versions)), **values) if versions else []
    return {row[0]: Shown(*row[1:]) for row in rows}


def review_of(row: Row, shown: Shown) -> Review:
    """The review of a row; its content is empty where it was removed."""
    return Review(
        id=row[0],
        graph=row[1],
        thread_id=row[2],
        gate=row[3],
        root_checkpoint=row[4],
        kind=row[5],
        action=row[6],
        mode=row[7],
        status=row[8],
        round=row[9],
        digest=row[10],
        queue=row[11],
        rank=row[12],
        due=due_moment(row[13]),
        risk=row[14],
        score=row[15],
        eligible=_keys_of(row[16]),
        created_at=moment(row[17]),
        updated_at=moment(row[18]),
        outcome=row[19],
        decided_by=row[20],
        decided_at=None if row[21] is None else moment(row[21]),
        wake=bool(row[22]),
        attempts=row[23],
        error=row[24],
        hooks=() if row[25] == "[]" else _hooks_of(row[25], row[9]),
        request=from_json(shown.request, dict) or {},
        question=from_json(shown.question, dict),
        **({} if row[_PLAIN:_ALL] == _NOBODYS else _attended(row)),
    )


def _attended(row: Row) -> dict[str, Any]:
    """What time and people have made of a review; nothing of most, so that lists are quick."""
    course, next_at, hidden, requester, assigned, assigned_at, by, until = row[_PLAIN:_ALL]
    return {
        "course": from_json(course, dict),
        "next_at": _moment(next_at),
        "hidden_until": _moment(hidden or None),
        "requester": requester,
        "assigned": assigned,
        "assigned_at": _moment(assigned_at),
        "claimed_by": by,
        "claimed_until": _moment(until),
    }


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else moment(micros)


@lru_cache(1024)
def _keys_of(text: str) -> tuple[str, ...]:
    return tuple(from_json(text, list))


def _hooks_of(text: str, round: int) -> tuple[str, ...]:
    """The hooks that have run for a version."""
    return tuple(name for ran, name in done_in(text) if ran == round)


@cache
def _contents(number: int) -> Sql:
    pairs = ", ".join(f"(:i{place}, :r{place})" for place in range(number))
    # CROSS JOIN, because SQLite would walk all versions otherwise.
    return Sql(
        f"SELECT v.review_id, v.request, v.question FROM (VALUES {pairs}) AS p"  # noqa: S608  # placeholders
        " CROSS JOIN hitl_versions AS v"
        " WHERE v.review_id = p.column1 AND v.round = p.column2"
    )


def new_row(
    filing: Filing, *, now: datetime, status: str, wake: bool, outcome: str | None, by: str | None
) -> dict[str, Any]:
    """The row of a review that is filed for the first time."""
    filed = micros(now)
    return version_row(filing) | {
        "id": name_text(filing.review_id, "The id of a review"),
        "status": status,
        "created_at": filed,
        "updated_at": filed,
        "outcome": outcome,
        "decided_by": by,
        "decided_at": None if by is None else filed,
        "wake": int(wake),
        "attempts": 0,
        "error": None,
        "hooks": "[]",
        "assigned": None,
        "assigned_at": None,
    }


def version_row(filing: Filing) -> dict[str, Any]:
    """What every version brings anew."""
    if not filing.eligible:
        raise InboxError(f"Review {filing.review_id}: nobody may decide it; name somebody")
    course = filing.course
    return {
        "graph": name_text(filing.graph, "The name of a graph"),
        "thread_id": name_text(filing.thread_id, "The id of a thread"),
        "gate": name_text(filing.gate, "The name of a gate"),
        "root_checkpoint": filing.root_checkpoint
        and name_text(filing.root_checkpoint, "The id of a checkpoint"),
        "kind": name_text(filing.kind, "The kind of a review"),
        "action": name_text(filing.action, "The action of a review"),
        "mode": filing.mode,
        "round": filing.round,
        "digest": name_text(filing.digest, "A digest"),
        "queue": name_text(filing.queue, "The name of a queue"),
        "rank": filing.rank,
        "due": due_micros(filing.due),
        "risk": filing.risk and name_text(filing.risk, "A risk"),
        "score": filing.score,
        "eligible": to_json(_keys(filing.eligible), "Who may decide"),
        "course": None if course is None else to_json(course.to_json(), "The course of a review"),
        "next_at": None if course is None else maybe_micros(course.next_at),
        "hidden": 0,
        "requester": filing.requester and name_text(filing.requester, "The id of a requester"),
        "claimed_by": None,
        "claimed_until": None,
    }


def insert(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a review; False if its id is taken."""
    return session.run(_INSERT, **row) == 1


def insert_version(session: Session, filing: Filing, shown: Shown, *, now: datetime) -> None:
    session.run(
        _INSERT_VERSION,
        review_id=filing.review_id,
        round=filing.round,
        digest=filing.digest,
        filed_at=micros(now),
        request=shown.request,
        question=shown.question,
    )


def add_eligible(
    session: Session,
    review_id: str,
    *,
    keys: Iterable[str],
    rank: int,
    due: datetime | None,
    created: datetime,
    hidden_until: datetime | None = None,
) -> None:
    """Who may decide, for as long as the review is pending."""
    place = {
        "hidden": maybe_micros(hidden_until) or 0,
        "rank": rank,
        "due": due_micros(due),
        "created_at": micros(created),
        "review_id": review_id,
    }
    session.insert("hitl_eligible", [{"key": key, **place} for key in dict.fromkeys(keys)])


def drop_eligible(session: Session, review_id: str) -> None:
    session.run(_DROP_ELIGIBLE, review_id=review_id)


def drop_content(session: Session, review_id: str) -> None:
    session.run(_DROP_CONTENT, review_id=review_id)


def _keys(eligible: Sequence[str]) -> list[str]:
    return [name_text(key, "Who may decide") for key in dict.fromkeys(eligible)]
