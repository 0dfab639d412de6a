"""The first schema: reviews, versions, votes, settlements, who is eligible, and the audit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_PENDING = "status = 'pending'"
_CHANNELS = "channel IN ('inbox', 'direct', 'cli', 'worker', 'graph')"


def upgrade() -> None:
    """From nothing."""
    _create_reviews()
    _create_versions()
    _create_votes()
    _create_settlements()
    _create_eligible()
    _create_audit()


def _create_reviews() -> None:
    op.create_table(
        "hitl_reviews",
        sa.Column("id", _name(), nullable=False),
        sa.Column("graph", _name(), nullable=False),
        sa.Column("thread_id", _name(), nullable=False),
        sa.Column("gate", _name(), nullable=False),
        sa.Column("root_checkpoint", _name()),
        sa.Column("kind", _name(), nullable=False),
        sa.Column("action", _name(), nullable=False),
        sa.Column("mode", _name(), nullable=False),
        sa.Column("status", _name(), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("digest", _name(), nullable=False),
        sa.Column("queue", _name(), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("risk", _name()),
        sa.Column("score", sa.Double),
        sa.Column("eligible", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", _name()),
        sa.Column("decided_by", _name()),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("wake", sa.SmallInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("hooks", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("hitl_reviews_pk")),
        _check(
            "hitl_reviews_known_status",
            "status IN ('pending', 'settled', 'applied', 'superseded', 'cancelled')",
        ),
        _check("hitl_reviews_known_mode", "mode IN ('blocking', 'submitted', 'sampled')"),
        _check("hitl_reviews_flag_wake", "wake IN (0, 1)"),
        _check("hitl_reviews_counted_round", "round >= 0"),
        _check(
            "hitl_reviews_undecided_has_none",
            "status NOT IN ('pending', 'superseded') OR outcome IS NULL",
        ),
        _check(
            "hitl_reviews_decided_has_outcome",
            "status NOT IN ('settled', 'applied', 'cancelled') OR outcome IS NOT NULL",
        ),
    )
    _index("hitl_reviews", "queue", ["rank", "due", "created_at", "id"], where=_PENDING)
    _index(
        "hitl_reviews", "named_queue", ["queue", "rank", "due", "created_at", "id"], where=_PENDING
    )
    _index("hitl_reviews", "thread", ["thread_id", "graph"], where=f"{_PENDING} OR wake = 1")
    _index("hitl_reviews", "wake", ["id"], where="wake = 1")
    _index("hitl_reviews", "submitted", ["thread_id", "graph"], where="mode = 'submitted'")
    _index("hitl_reviews", "age", ["status", "created_at", "id"])


def _create_versions() -> None:
    op.create_table(
        "hitl_versions",
        sa.Column("review_id", _name(), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("digest", _name(), nullable=False),
        sa.Column("filed_at", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text),
        sa.Column("question", sa.Text),
        sa.PrimaryKeyConstraint("review_id", "round", name=op.f("hitl_versions_pk")),
        _of_a_review("hitl_versions"),
    )


def _create_votes() -> None:
    op.create_table(
        "hitl_votes",
        sa.Column("review_id", _name(), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("voter", _name(), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("channel", _name(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "round", "voter", name=op.f("hitl_votes_pk")),
        _check("hitl_votes_known_channel", _CHANNELS),
        _of_a_review("hitl_votes"),
    )


def _create_settlements() -> None:
    op.create_table(
        "hitl_settlements",
        sa.Column("review_id", _name(), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("digest", _name(), nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("outcome", _name(), nullable=False),
        sa.Column("decided_by", _name(), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("channel", _name(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "round", name=op.f("hitl_settlements_pk")),
        _check("hitl_settlements_known_channel", _CHANNELS),
        _of_a_review("hitl_settlements"),
    )


def _create_eligible() -> None:
    op.create_table(
        "hitl_eligible",
        sa.Column("key", _name(), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("review_id", _name(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("key", "rank", "due", "created_at", "review_id"), name=op.f("hitl_eligible_pk")
        ),
        _of_a_review("hitl_eligible"),
        sqlite_with_rowid=False,
    )
    _index("hitl_eligible", "review", ["review_id"])


def _create_audit() -> None:
    op.create_table(
        "hitl_audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("review_id", _name(), nullable=False),
        sa.Column("event", _name(), nullable=False),
        sa.Column("actor", _name(), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("channel", _name(), nullable=False),
        sa.Column("round", sa.Integer),
        sa.Column("outcome", _name()),
        sa.Column("digest", _name()),
        sa.Column("reason", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("salt", sa.String(64)),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("hitl_audit_pk")),
        _check("hitl_audit_known_channel", _CHANNELS),
    )
    _index("hitl_audit", "review", ["review_id", "seq"])


def _name() -> Any:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def _of_a_review(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["review_id"], ["hitl_reviews.id"], name=op.f(f"{table}_review_id_fk")
    )


def _index(table: str, name: str, columns: list[str], *, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        op.f(f"{table}_{name}"),
        table,
        columns,
        sqlite_where=condition,
        postgresql_where=condition,
    )
