"""Places that several processes share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inbox.races.place import Place, PlaceKind


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty inbox, and a saver beside it."""
    kind: PlaceKind = request.param
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
        return Place(kind, str(tmp_path), url, request.getfixturevalue("ledger_uri"))
    return Place(
        kind, str(tmp_path), f"sqlite:///{tmp_path}/reviews.db", str(tmp_path / "threads.db")
    )
