"""The second schema: what time and people make of a review while it is pending."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_PENDING = "status = 'pending'"


def upgrade() -> None:
    """From 0001."""
    _extend_reviews()
    for table in ("hitl_votes", "hitl_settlements"):
        op.add_column(table, sa.Column("authority", sa.Text))
    op.add_column(
        "hitl_eligible",
        sa.Column("hidden", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "hitl_cursors",
        sa.Column("name", _name(), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("hitl_cursors_pk")),
    )
    op.create_index(op.f("hitl_settlements_by"), "hitl_settlements", ["decided_by", "at"])
    op.create_index(op.f("hitl_votes_by"), "hitl_votes", ["voter", "at"])


def _extend_reviews() -> None:
    for column in (
        sa.Column("course", sa.Text),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("hidden", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("requester", _name()),
        sa.Column("assigned", _name()),
        sa.Column("assigned_at", sa.BigInteger),
        sa.Column("claimed_by", _name()),
        sa.Column("claimed_until", sa.BigInteger),
    ):
        op.add_column("hitl_reviews", column)
    _partial("next", ["next_at"], f"{_PENDING} AND next_at IS NOT NULL")
    _partial("assigned", ["assigned"], f"{_PENDING} AND assigned IS NOT NULL")
    _partial("decided", ["action", "decided_at"], "decided_at IS NOT NULL")


def _name() -> Any:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        op.f(f"hitl_reviews_{name}"),
        "hitl_reviews",
        columns,
        sqlite_where=condition,
        postgresql_where=condition,
    )
