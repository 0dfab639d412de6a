"""Rows of `hitl_reviews` and `hitl_versions` as `Review`, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import (
    due_micros,
    due_moment,
    from_json,
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
)
COLUMNS = ", ".join(f"r.{name}" for name in NAMES)
"""The columns of a review, of `hitl_reviews AS r`."""

_WIDTH = len(NAMES)

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


def shown_by(filing: Filing) -> Shown:
    """What a filing brings to be shown."""
    question = filing.question
    return Shown(
        to_json(filing.request, "The request of a review"),
        None if question is None else to_json(question, "The question of a review"),
    )


def get(session: Session, review_id: str, *, lock: bool) -> Review | None:
    """The review of this id, with its content."""
    if not isinstance(review_id, str) or "\x00" in review_id:
        return None
    row = session.row(_GET_LOCKED if lock else _GET, id=review_id)
    return None if row is None else with_content(review_of(row), *row[_WIDTH:])


def review_of(row: Row) -> Review:
    """The review of a row, still without its content."""
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
        eligible=tuple(json.loads(row[16])),
        created_at=moment(row[17]),
        updated_at=moment(row[18]),
        outcome=row[19],
        decided_by=row[20],
        decided_at=None if row[21] is None else moment(row[21]),
        wake=bool(row[22]),
        attempts=row[23],
        error=row[24],
        hooks=tuple(name for ran, name in json.loads(row[25]) if ran == row[9]),
        request={},
    )


def with_content(review: Review, request: str | None, question: str | None) -> Review:
    """The review with what the person is shown; empty where it was removed."""
    return replace(review, request=from_json(request) or {}, question=from_json(question))


def with_contents(session: Session, reviews: Sequence[Review]) -> list[Review]:
    """A page of reviews with their contents."""
    if not reviews:
        return []
    values: dict[str, Any] = {}
    for number, review in enumerate(reviews):
        values |= {f"i{number}": review.id, f"r{number}": review.round}
    rows = session.rows(_contents(len(reviews)), **values)
    found = {review_id: (request, question) for review_id, request, question in rows}
    return [with_content(review, *found[review.id]) for review in reviews]


@cache
def _contents(number: int) -> Sql:
    pairs = ", ".join(f"(:i{place}, :r{place})" for place in range(number))
    return Sql(
        "SELECT review_id, request, question FROM hitl_versions"  # noqa: S608  # placeholders
        f" WHERE (review_id, round) IN (VALUES {pairs})"
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
    }


def version_row(filing: Filing) -> dict[str, Any]:
    """What every version brings anew."""
    if not filing.eligible:
        raise InboxError(f"Review {filing.review_id}: nobody may decide it; name somebody")
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
    session: Session, review_id: str, *, keys: Iterable[str], rank: int, due: datetime | None
) -> None:
    """Who may decide, for as long as the review is pending."""
    until = due_micros(due)
    session.insert(
        "hitl_eligible",
        [
            {"key": key, "rank": rank, "due": until, "review_id": review_id}
            for key in dict.fromkeys(keys)
        ],
    )


def drop_eligible(session: Session, review_id: str) -> None:
    session.run(_DROP_ELIGIBLE, review_id=review_id)


def drop_content(session: Session, review_id: str) -> None:
    session.run(_DROP_CONTENT, review_id=review_id)


def _keys(eligible: Sequence[str]) -> list[str]:
    return [name_text(key, "Who may decide") for key in dict.fromkeys(eligible)]
