"""Options and fixtures of the whole suite."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from langgraph.checkpoint.memory import InMemorySaver

from tests import postgres, working
from tests.drivers import Driver
from tests.savers import DURABLE_ROWS, INBOX_ROWS, ROWS, SAMPLE_ROWS, Row, SaverName

_TYPE_LOGGER = logging.getLogger("langgraph.checkpoint.serde.jsonplus")

settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run everything at full size")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full"):
        os.environ["HITL_FULL"] = "1"
    postgres.begin_run()


def pytest_unconfigure() -> None:
    postgres.end_run()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where `CI` is set, a test that was skipped is a failure; `-ra` says which and why."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and os.environ.get("CI") and reporter.stats.get("skipped"):
        session.exitstatus = max(exitstatus, pytest.ExitCode.TESTS_FAILED)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that the table of capabilities names has to prove what it is named for."""
    for item in items:
        if _capability_of(item) is not None:
            item.add_marker(pytest.mark.usefixtures("proves_a_capability"))


@pytest.fixture
def proves_a_capability(request: pytest.FixtureRequest) -> Iterator[None]:
    capability = _capability_of(request.node)
    assert capability is not None
    with working.watched() as seen:
        yield
    assert capability.proven(seen), "nothing that was paused went on with a fresh graph or process"


def _capability_of(item: Any) -> working.Capability | None:
    named = working.listed()
    return named.get(item.nodeid.partition("[")[0]) or named.get(item.nodeid)


class _UnregisteredTypes(logging.Handler):
    """What LangGraph says about types in a checkpoint that it will refuse to read one day."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture(autouse=True)
def only_registered_types() -> Iterator[None]:
    """Nothing that is not plain JSON, or a message, gets into a checkpoint."""
    handler = _UnregisteredTypes()
    _TYPE_LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _TYPE_LOGGER.removeHandler(handler)
    assert not handler.messages


@pytest.fixture(scope="session")
def postgres_uri(worker_id: str) -> Iterator[str]:
    """A database for this worker."""
    with postgres.database(worker_id) as uri:
        yield uri


def place_of(saver: SaverName, folder: Path, request: pytest.FixtureRequest) -> Any:
    """Where a saver of this test keeps its threads."""
    match saver:
        case "memory":
            return InMemorySaver()
        case "sqlite" | "aiosqlite":
            return str(folder / "threads.sqlite")
        case "postgres" | "aiopostgres":
            return request.getfixturevalue("postgres_uri")


@pytest.fixture(params=[*ROWS, *INBOX_ROWS], ids=lambda row: row.id)
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """Every saver, synchronous and asynchronous, at every durability."""
    row: Row = request.param
    with Driver(row, place_of(row.saver, tmp_path, request)) as made:
        yield made


@pytest.fixture(params=ROWS, ids=lambda row: row.id)
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """Every row without an inbox."""
    row: Row = request.param
    with Driver(row, place_of(row.saver, tmp_path, request)) as made:
        yield made


@pytest.fixture(params=SAMPLE_ROWS, ids=lambda row: row.id)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """Every saver's kind, face and durability once; for tests over many values."""
    row: Row = request.param
    with Driver(row, place_of(row.saver, tmp_path, request)) as made:
        yield made


@pytest.fixture(params=DURABLE_ROWS, ids=lambda row: row.id)
def durable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """Every row whose threads outlive a process."""
    row: Row = request.param
    with Driver(row, place_of(row.saver, tmp_path, request)) as made:
        yield made
