"""`open_existing`: an inbox that is there. Looking for one must not make one."""

from __future__ import annotations

import os

from sqlalchemy import URL, inspect, make_url

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.engine import Database, open_database
from langgraph_hitl.inbox._ledger.schema import VERSION_TABLE
from langgraph_hitl.inbox._ledger.seal import AuditKey
from langgraph_hitl.inbox._ledger.transaction import told_clearly
from langgraph_hitl.inbox.inbox import Inbox
from langgraph_hitl.people import Directory

_PORT = 5432


def open_existing(
    url: str, *, audit_key: AuditKey = None, people: Directory | None = None
) -> Inbox:
    """`Inbox.open`, but a place without an inbox is an `InboxError`, and stays as it is."""
    check_exists(url)
    return Inbox.open(url, audit_key=audit_key, people=people)


def check_exists(url: str) -> None:
    """Raises `InboxError` where there is no inbox."""
    database = open_database(url)
    try:
        _check(database, url)
    finally:
        database.engine.dispose()


def is_at(inbox: Inbox, url: str) -> bool:
    """Whether an inbox is the one of a URL; user and password do not tell."""
    database = open_database(url)
    database.engine.dispose()
    ledger = inbox._office.ledger
    if "sqlite" in (database.dialect, ledger.dialect):
        return database.dialect == ledger.dialect and database.path == ledger.path is not None
    return _place(make_url(ledger.url)) == _place(make_url(url))


def _check(database: Database, url: str) -> None:
    if database.memory:
        raise InboxError("An inbox in memory is seen by its own process only; name a database")
    if database.path is not None and not os.path.exists(database.path):
        raise InboxError(f"There is no inbox at {database.path}; {_MADE_BY}")
    with told_clearly(database.engine), database.engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            where = database.path or make_url(url).render_as_string(hide_password=True)
            raise InboxError(f"The database {where} holds no inbox; {_MADE_BY}")


_MADE_BY = "Inbox.open makes one, in the program that runs the graphs"


def _place(url: URL) -> tuple[object, ...]:
    host = url.host or url.query.get("host") or "localhost"
    return host, url.port or url.query.get("port") or _PORT, url.database or url.username
