"""Threads of a graph, on every kind of database and by both faces."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import place_of
from tests.inbox.nonblocking.calls import ROWS, TWO_ROWS, Build, Job, Shop
from tests.savers import Row

Open = Callable[[Build], Shop]


def _opener(row: Row, folder: Path, request: pytest.FixtureRequest) -> Open:
    place = place_of(row.saver, folder, request)

    def opened(build: Build) -> Shop:
        # The databases of several tests are one, so that names and threads are their own.
        name, thread = uuid.uuid4().hex, uuid.uuid4().hex
        return Shop(Job(row, place, str(folder / name), build, name, thread))

    return opened


@pytest.fixture(params=ROWS, ids=lambda row: row.id)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """A new thread of a new graph: `shop(build)`."""
    return _opener(request.param, tmp_path, request)


@pytest.fixture(params=TWO_ROWS, ids=lambda row: row.id)
def small_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """`shop` on a file by the synchronous and on a server by the asynchronous face."""
    return _opener(request.param, tmp_path, request)
