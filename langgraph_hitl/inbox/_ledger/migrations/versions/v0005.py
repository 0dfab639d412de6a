"""The fifth schema: since when who supervises a thread, and how far a run of it may go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """From 0004."""
    op.add_column("hitl_runs", sa.Column("supervised_at", sa.BigInteger))
    op.add_column("hitl_runs", sa.Column("recursion_limit", sa.Integer))
