"""Places that several processes share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inbox.races.place import Place, sqlite_place

collect_ignore = ["commanded.py"]
"""What a command imports, in a place that it is told."""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty inbox, and a saver beside it."""
    if request.param == "sqlite":
        return sqlite_place(tmp_path)
    url = request.getfixturevalue("postgres_url")
    return Place("postgresql", str(tmp_path), url, request.getfixturevalue("ledger_uri"))
