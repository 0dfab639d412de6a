"""Bringing a database to the schema of this code, and refusing what cannot be brought there.

All that is missing, and the record of it, is one transaction: whoever is killed in it has done
nothing. Of several processes that start at once, one works and the others wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, Engine, column, select, table
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from langgraph_hitl.errors import InboxError, InboxTooNew, InboxUnavailable
from langgraph_hitl.inbox._ledger.engine import WRITES, Database
from langgraph_hitl.inbox._ledger.schema import VERSION_TABLE, VERSIONS, metadata
from langgraph_hitl.inbox._ledger.transaction import told_clearly

MIGRATE_LOCK = 0x6869746C_6D696772
"""PostgreSQL's advisory lock of whoever migrates; held until the commit."""

_HEAD = VERSIONS[-1]
_PATIENCE = 60.0
_PAUSE = 0.05


def migrate(database: Database, *, point: Callable[[str], None]) -> None:
    """Create or migrate the tables; returns at once where they are as this code needs them."""
    with told_clearly(database.engine):
        if database.path is not None:
            _use_wal(database.engine)
        with database.engine.connect() as connection, connection.begin():
            version = _version(connection)
        if version != _HEAD:
            _migrate_alone(database, point)
        with database.engine.connect() as connection, connection.begin():
            _check_columns(connection)


def _migrate_alone(database: Database, point: Callable[[str], None]) -> None:
    """In one transaction that excludes everybody else's."""
    engine = database.engine.execution_options(**{WRITES: True})
    until = time.monotonic() + _PATIENCE
    while True:
        with engine.connect() as connection, connection.begin():
            if database.dialect == "sqlite" or _try_lock(connection):
                _upgrade(connection, point)
                return
        if time.monotonic() > until:
            raise InboxUnavailable("Another process is migrating the inbox for too long; try again")
        time.sleep(_PAUSE)


def _upgrade(connection: Connection, point: Callable[[str], None]) -> None:
    version = _version(connection)
    if version == _HEAD:
        return
    # Only here, because Alembic is slow to import and seldom needed.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(str(files(__package__))) / "migrations"))
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    steps = list(scripts.iterate_revisions("head", version or "base"))
    for step in reversed(steps):
        with Operations.context(context):
            step.module.upgrade()
        point("migrating")
        context.stamp(scripts, step.revision)


def _version(connection: Connection) -> str | None:
    """The version of the tables that are there; None if there are none."""
    found = _tables(connection)
    version = _recorded(connection) if VERSION_TABLE in found else None
    if version is None:
        ours = sorted(found & set(metadata.tables))
        if ours:
            raise InboxError(
                f"This database has a table {ours[0]} that this package did not make; "
                "give the inbox a database of its own"
            )
        return None
    if version not in VERSIONS:
        raise InboxTooNew(
            f"The inbox was written by a newer release (its schema is {version}, this release "
            f'knows {_HEAD}): pip install --upgrade "langgraph-hitl[inbox]"'
        )
    return version


def _recorded(connection: Connection) -> str | None:
    try:
        return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    except DatabaseError as error:
        raise InboxError(
            f"This database has a table {VERSION_TABLE} that this package did not make; "
            "give the inbox a database of its own"
        ) from error


def _tables(connection: Connection) -> set[str]:
    """Those of the tables of the inbox that are there."""
    names = [VERSION_TABLE, *metadata.tables]
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(
            "SELECT n FROM unnest(%(names)s::text[]) AS n WHERE to_regclass(n) IS NOT NULL",
            {"names": names},
        )
    else:
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in found} & set(names)


def _check_columns(connection: Connection) -> None:
    for known in metadata.sorted_tables:
        try:
            connection.execute(select(known).where(known.c[0].is_(None)).limit(0)).all()
        except SQLAlchemyError as error:
            if isinstance(error, OperationalError) and "no such" not in str(error.orig):
                raise
            raise InboxError(
                f"The table {known.name} of the inbox has other columns than this package made; "
                "restore the database, or give the inbox one of its own"
            ) from error


def _try_lock(connection: Connection) -> bool:
    found = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({MIGRATE_LOCK})")
    return bool(found.scalar())


def _use_wal(engine: Engine) -> None:
    """Readers do not wait for the writer then. The file remembers it."""
    until = time.monotonic() + _PATIENCE
    while True:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            if cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
        except Exception as error:  # the busy timeout does not cover this change
            if "locked" not in str(error):
                raise
        finally:
            connection.close()
        if time.monotonic() > until:
            raise InboxUnavailable("The file of the inbox is locked by another program; try again")
        time.sleep(_PAUSE)
