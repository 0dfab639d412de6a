"""`Place`: the databases and the journal that all processes of a test share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiosqlite
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from tests.inbox.races.journal import Journal
from tests.savers import Saver, aopened, opened

PlaceKind = Literal["sqlite", "postgresql"]
_BUSY_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """`url` is the inbox; `threads` the saver's: a file, or a connection string."""

    kind: PlaceKind
    folder: str
    url: str
    threads: str

    @property
    def journal(self) -> Journal:
        return Journal(str(Path(self.folder) / "journal"))

    @contextmanager
    def saver(self) -> Iterator[Saver]:
        if self.kind == "postgresql":
            with opened("postgres", self.threads) as saver:
                yield saver
        else:
            with SqliteSaver.from_conn_string(self.threads) as saver:
                # Eight processes write to one file, on machines that may have two cores.
                saver.conn.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
                yield saver

    @asynccontextmanager
    async def asaver(self) -> AsyncIterator[Saver]:
        if self.kind == "postgresql":
            async with aopened("aiopostgres", self.threads) as saver:
                yield saver
        else:
            async with aiosqlite.connect(self.threads, timeout=_BUSY_SECONDS) as connection:
                yield AsyncSqliteSaver(connection)


def sqlite_place(folder: Path) -> Place:
    """Both databases in files of a folder."""
    inbox, threads = folder / "reviews.db", folder / "threads.db"
    return Place("sqlite", str(folder), f"sqlite:///{inbox}", str(threads))
