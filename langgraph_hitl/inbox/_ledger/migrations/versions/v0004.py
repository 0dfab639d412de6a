"""The fourth schema: threads of graphs that somebody supervises."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_STATES = "'running', 'halted', 'inside', 'waiting', 'finished', 'failed', 'left', 'stopped'"


def upgrade() -> None:
    """From 0003."""
    op.create_table(
        "hitl_runs",
        sa.Column("id", _name(), nullable=False),
        sa.Column("graph", _name(), nullable=False),
        sa.Column("thread_id", _name(), nullable=False),
        sa.Column("state", _name(), nullable=False),
        sa.Column("hold", _name(), nullable=False),
        sa.Column("wake", sa.SmallInteger, nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("held_by", _name()),
        sa.Column("held_at", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("supervisors", sa.Text),
        sa.Column("steers", sa.Text),
        sa.Column("steered_at", _name()),
        sa.PrimaryKeyConstraint("id", name=op.f("hitl_runs_pk")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("hitl_runs_known_state")),
        sa.CheckConstraint("hold IN ('none', 'pause', 'stop')", name=op.f("hitl_runs_known_hold")),
        sa.CheckConstraint("wake IN (0, 1)", name=op.f("hitl_runs_flag_wake")),
    )
    op.create_index(op.f("hitl_runs_thread"), "hitl_runs", ["thread_id"])
    op.create_index(op.f("hitl_runs_recent"), "hitl_runs", ["updated_at", "id"])
    wakeful = sa.text("wake = 1")
    op.create_index(
        op.f("hitl_runs_wake"),
        "hitl_runs",
        ["id"],
        sqlite_where=wakeful,
        postgresql_where=wakeful,
    )


def _name() -> Any:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
