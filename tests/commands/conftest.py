"""A project for every test, and nothing of it left in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.commands.project import Project, flow


@pytest.fixture(scope="session")
def own_postgres(worker_id: str) -> Iterator[str]:
    """A database in which no other test has made an inbox."""
    with postgres.database(f"{worker_id}_commands") as uri:
        yield uri


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A folder without anything, which is the working directory."""
    for name in ("LANGGRAPH_HITL_INBOX", "NO_COLOR", "FORCE_COLOR", "EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    path, modules = list(sys.path), set(sys.modules)
    made = Project(tmp_path)
    yield made
    made.kill()
    for name in set(sys.modules) - modules:
        where = getattr(sys.modules[name], "__file__", None)
        if where is not None and Path(where).is_relative_to(tmp_path):
            module = sys.modules.pop(name)
            made.close_module(module)
    sys.path[:] = path


@pytest.fixture
def project(empty: Project) -> Project:
    """A folder with `flow.py`: a graph `graph`, registered as `posts` with `reviews.db`."""
    empty.write("flow.py", flow())
    return empty
