"""The tables. The rules of state stand here too, as CHECKs and partial indexes.

Times are microseconds since 1970 (UTC), JSON is ASCII text. Every index is ascending and no column
that orders is NULL, so that both databases walk an index where a list is asked for.
"""

from __future__ import annotations

from typing import get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from langgraph_hitl.inbox.review import STATUSES, Channel, Mode
from langgraph_hitl.inbox.supervised_run import HOLDS, RUN_STATES

VERSIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every version of the schema, in order; the last one is what this code needs."""

VERSION_TABLE = "hitl_schema"

# Compared byte by byte, as SQLite does, so that pages follow one order everywhere.
_NAME = Text().with_variant(Text(collation="C"), "postgresql")
_SEQ = BigInteger().with_variant(Integer(), "sqlite")  # the row id itself
_PENDING = text("status = 'pending'")
_OPEN = text("status = 'pending' OR wake = 1")
_WAKE = text("wake = 1")
_SUBMITTED = text("mode = 'submitted'")
_TIMED = text("status = 'pending' AND next_at IS NOT NULL")
_ASSIGNED = text("status = 'pending' AND assigned IS NOT NULL")
_DECIDED = text("decided_at IS NOT NULL")
_QUEUED = ("rank", "due", "created_at", "id")


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


def _partial(name: str, *columns: str, where: object) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "ck": "%(table_name)s_%(constraint_name)s",
    }
)


def _review_id(*, primary_key: bool = True) -> Column[str]:
    return Column(
        "review_id", _NAME, ForeignKey("hitl_reviews.id"), primary_key=primary_key, nullable=False
    )


reviews = Table(
    "hitl_reviews",
    metadata,
    Column("id", _NAME, primary_key=True),
    Column("graph", _NAME, nullable=False),
    Column("thread_id", _NAME, nullable=False),
    Column("gate", _NAME, nullable=False),
    Column("root_checkpoint", _NAME),
    Column("kind", _NAME, nullable=False),
    Column("action", _NAME, nullable=False),
    Column("mode", _NAME, nullable=False),
    Column("status", _NAME, nullable=False),
    Column("round", Integer, nullable=False),
    Column("digest", _NAME, nullable=False),
    Column("queue", _NAME, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("risk", _NAME),
    Column("score", Double),
    Column("eligible", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("outcome", _NAME),
    Column("decided_by", _NAME),
    Column("decided_at", BigInteger),
    Column("wake", SmallInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("hooks", Text, nullable=False),
    Column("course", Text),
    Column("next_at", BigInteger),
    Column("hidden", BigInteger, nullable=False, server_default=text("0")),
    Column("requester", _NAME),
    Column("assigned", _NAME),
    Column("assigned_at", BigInteger),
    Column("claimed_by", _NAME),
    Column("claimed_until", BigInteger),
    _one_of("status", STATUSES),
    _one_of("mode", get_args(Mode)),
    CheckConstraint("wake IN (0, 1)", name="flag_wake"),
    CheckConstraint("round >= 0", name="counted_round"),
    CheckConstraint(
        "status NOT IN ('pending', 'superseded') OR outcome IS NULL", name="undecided_has_none"
    ),
    CheckConstraint(
        "status NOT IN ('settled', 'applied', 'cancelled') OR outcome IS NOT NULL",
        name="decided_has_outcome",
    ),
    _partial("hitl_reviews_queue", *_QUEUED, where=_PENDING),
    _partial("hitl_reviews_named_queue", "queue", *_QUEUED, where=_PENDING),
    _partial("hitl_reviews_thread", "thread_id", "graph", where=_OPEN),
    _partial("hitl_reviews_wake", "id", where=_WAKE),
    _partial("hitl_reviews_submitted", "thread_id", "graph", where=_SUBMITTED),
    Index("hitl_reviews_age", "status", "created_at", "id"),
    _partial("hitl_reviews_next", "next_at", where=_TIMED),
    _partial("hitl_reviews_assigned", "assigned", *_QUEUED, "assigned_at", where=_ASSIGNED),
    _partial("hitl_reviews_decided", "action", "decided_at", where=_DECIDED),
)

versions = Table(
    "hitl_versions",
    metadata,
    _review_id(),
    Column("round", Integer, primary_key=True),
    Column("digest", _NAME, nullable=False),
    Column("filed_at", BigInteger, nullable=False),
    Column("request", Text),
    Column("question", Text),
)

votes = Table(
    "hitl_votes",
    metadata,
    _review_id(),
    Column("round", Integer, primary_key=True),
    Column("voter", _NAME, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("roles", Text, nullable=False),
    Column("decision", Text),
    Column("at", BigInteger, nullable=False),
    Column("channel", _NAME, nullable=False),
    Column("authority", Text),
    _one_of("channel", get_args(Channel)),
    Index("hitl_votes_by", "voter", "at"),
)

settlements = Table(
    "hitl_settlements",
    metadata,
    _review_id(),
    Column("round", Integer, primary_key=True),
    Column("digest", _NAME, nullable=False),
    Column("decision", Text),
    Column("outcome", _NAME, nullable=False),
    Column("decided_by", _NAME, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("channel", _NAME, nullable=False),
    Column("authority", Text),
    _one_of("channel", get_args(Channel)),
    Index("hitl_settlements_by", "decided_by", "at"),
)

eligible = Table(
    "hitl_eligible",
    metadata,
    Column("key", _NAME, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("due", BigInteger, primary_key=True),
    Column("created_at", BigInteger, primary_key=True),
    _review_id(),
    Column("hidden", BigInteger, nullable=False, server_default=text("0")),
    Index("hitl_eligible_review", "review_id"),
    sqlite_with_rowid=False,
)

cursors = Table(
    "hitl_cursors",
    metadata,
    Column("name", _NAME, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

runs = Table(
    "hitl_runs",
    metadata,
    Column("id", _NAME, primary_key=True),
    Column("graph", _NAME, nullable=False),
    Column("thread_id", _NAME, nullable=False),
    Column("state", _NAME, nullable=False),
    Column("hold", _NAME, nullable=False),
    Column("wake", SmallInteger, nullable=False),
    Column("steps", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("held_by", _NAME),
    Column("held_at", BigInteger),
    Column("reason", Text),
    Column("error", Text),
    Column("keys", Text, nullable=False),
    Column("supervisors", Text),
    Column("steers", Text),
    Column("steered_at", _NAME),
    Column("supervised_at", BigInteger),
    Column("recursion_limit", Integer),
    _one_of("state", RUN_STATES),
    _one_of("hold", HOLDS),
    CheckConstraint("wake IN (0, 1)", name="flag_wake"),
    Index("hitl_runs_thread", "thread_id"),
    Index("hitl_runs_recent", "updated_at", "id"),
    _partial("hitl_runs_wake", "id", where=_WAKE),
)

audit = Table(
    "hitl_audit",
    metadata,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),
    Column("review_id", _NAME, nullable=False),
    Column("event", _NAME, nullable=False),
    Column("actor", _NAME, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("channel", _NAME, nullable=False),
    Column("round", Integer),
    Column("outcome", _NAME),
    Column("digest", _NAME),
    Column("reason", Text),
    Column("content", Text),
    Column("salt", String(64)),
    Column("content_digest", String(64), nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    _one_of("channel", get_args(Channel)),
    Index("hitl_audit_review", "review_id", "seq"),
)
