"""Five calls of an agent on an event loop, with savers that live there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from langgraph_hitl import Inbox
from tests.inbox.conftest import empty_postgres, ledger_uri, postgres_url, threads_uri
from tests.tools.agents import told
from tests.tools.worker import KINDS, NAMES, RUN, THREAD, Post, built, decision_on, first, to_of

__all__ = ["empty_postgres", "ledger_uri", "postgres_url", "threads_uri"]


@asynccontextmanager
async def opened(folder: Path, kind: str, threads: str, url: str) -> AsyncIterator[Any]:
    """A fresh graph and its inbox, as a process of its own would have them."""
    saver: Any = AsyncPostgresSaver if url.startswith("postgresql") else AsyncSqliteSaver
    async with saver.from_conn_string(threads) as opened_saver:
        await opened_saver.setup()
        with Inbox.open(url) as desk:
            app = built(kind, Post(folder).mail, opened_saver, {"inbox": desk})
            yield desk.register(app, "agent"), desk


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Where the threads are, and where the inbox is."""
    if request.param == "sqlite":
        return str(tmp_path / "threads.db"), f"sqlite:///{tmp_path / 'reviews.db'}"
    names = ("threads_uri", "postgres_url")
    threads, url = (request.getfixturevalue(name) for name in names)
    return threads, url


@pytest.mark.parametrize("resume", ["now", "worker"])
@pytest.mark.parametrize("kind", KINDS)
async def test_five_calls(kind: str, resume: Any, place: tuple[str, str], tmp_path: Path) -> None:
    async with opened(tmp_path, kind, *place) as (app, desk):
        await app.ainvoke(first(kind), THREAD)
        assert len(await desk.apending()) == len(NAMES)
    for name in reversed(NAMES):
        async with opened(tmp_path, kind, *place) as (app, desk):
            waiting = {to_of(one.request["subject"]): one for one in await desk.apending()}
            decision = decision_on(waiting[name].request["subject"])
            await desk.adecide(waiting[name].id, decision, by="maria", resume=resume)
    async with opened(tmp_path, kind, *place) as (app, desk):
        await desk.awork()
        assert sorted(Post(tmp_path).sent) == RUN
        messages = told((await app.aget_state(THREAD)).values)
        assert "not him" in messages["call-1"].text
        assert messages["call-3"].text.endswith("sent to zoe")
        assert (await desk.adoctor()).healthy
        assert desk.verify()
