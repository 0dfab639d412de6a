"""The third schema: whose turn it is can be counted, and walked, along an index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NAME = "hitl_reviews_assigned"
_COLUMNS = ["assigned", "rank", "due", "created_at", "id", "assigned_at"]


def upgrade() -> None:
    """From 0002."""
    condition = sa.text("status = 'pending' AND assigned IS NOT NULL")
    op.drop_index(op.f(_NAME), "hitl_reviews")
    op.create_index(
        op.f(_NAME),
        "hitl_reviews",
        _COLUMNS,
        sqlite_where=condition,
        postgresql_where=condition,
    )
