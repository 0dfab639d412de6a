"""The savers of LangGraph that a gate has to work on, opened on a place of their own."""

from __future__ import annotations

import os
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    nullcontext,
)
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

Saver: TypeAlias = BaseCheckpointSaver[Any]
SaverName = Literal["memory", "sqlite", "aiosqlite", "postgres", "aiopostgres"]
Durability = Literal["sync", "async", "exit"]

DURABILITIES: tuple[Durability, ...] = ("sync", "async", "exit")


@dataclass(frozen=True)
class Row:
    """One way to run a graph: a saver, its synchronous or asynchronous face, a durability.

    With `inbox` every gate files with an inbox in a database of the same kind, the graph is
    registered with it, and `decide` decides there.
    """

    saver: SaverName
    asynchronous: bool
    durability: Durability
    inbox: bool = False

    @property
    def id(self) -> str:
        face = ("-sync", "-async")[self.asynchronous] if self.saver == "memory" else ""
        return f"{self.saver}{face}-{self.durability}{'-inbox' * self.inbox}"


FACES: tuple[tuple[SaverName, bool], ...] = (
    ("memory", False),
    ("memory", True),
    ("sqlite", False),
    ("aiosqlite", True),
    ("postgres", False),
    ("aiopostgres", True),
)
SAMPLE_ROWS = (
    Row("memory", asynchronous=False, durability="sync"),
    Row("aiosqlite", asynchronous=True, durability="exit"),
    Row("postgres", asynchronous=False, durability="async"),
)
BARE_ROWS = tuple(
    Row(saver, asynchronous, durability)
    for saver, asynchronous in FACES
    for durability in DURABILITIES
)
INBOX_ROWS = (
    Row("memory", asynchronous=True, durability="sync", inbox=True),
    Row("sqlite", asynchronous=False, durability="sync", inbox=True),
    Row("aiopostgres", asynchronous=True, durability="sync", inbox=True),
)
"""A registered graph always runs with this durability."""

ROWS = SAMPLE_ROWS if os.environ.get("HITL_SAMPLE_ROWS") == "1" else BARE_ROWS
"""All of them. A run on another Python may ask for the sample: a saver does the same there."""

DURABLE_ROWS = tuple(row for row in ROWS if row.saver != "memory")


def opened(name: SaverName, place: Any) -> AbstractContextManager[Saver]:
    """The saver on `place`: a file, a connection string, or for `memory` the saver itself."""
    match name:
        case "memory":
            assert isinstance(place, InMemorySaver)
            return nullcontext(place)
        case "sqlite":
            return SqliteSaver.from_conn_string(place)
        case "postgres":
            return PostgresSaver.from_conn_string(place)
        case _:
            raise ValueError(f"{name} has no synchronous face")


def aopened(name: SaverName, place: Any) -> AbstractAsyncContextManager[Saver]:
    """`opened`, for the asynchronous face; to be entered inside the loop that uses it."""
    match name:
        case "memory":
            assert isinstance(place, InMemorySaver)
            return nullcontext(place)
        case "aiosqlite":
            return AsyncSqliteSaver.from_conn_string(place)
        case "aiopostgres":
            return AsyncPostgresSaver.from_conn_string(place)
        case _:
            raise ValueError(f"{name} has no asynchronous face")
