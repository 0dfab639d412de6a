"""Places that several processes share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inbox.conftest import empty_tables
from tests.inbox.races.place import Place, sqlite_place


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty inbox, and a saver beside it that knows no thread."""
    if request.param == "sqlite":
        return sqlite_place(tmp_path)
    url, threads = request.getfixturevalue("postgres_url"), request.getfixturevalue("ledger_uri")
    empty_tables(threads, ("checkpoints", "checkpoint_blobs", "checkpoint_writes"))
    return Place("postgresql", str(tmp_path), url, threads)
