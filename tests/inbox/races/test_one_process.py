"""Many runs in one process, on one inbox: nobody waits for somebody who waits for him.

The default executor of an event loop runs the synchronous nodes of every `ainvoke`. It has few
threads, so whoever waits for a lock must leave some of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import Approve, add_review, human_approval
from langgraph_hitl.errors import ThreadBusy
from langgraph_hitl.inbox import Inbox
from tests.apps import State, act, noting
from tests.drivers import App, Builder

MANY = 50
FEW_THREADS = 2
SOON = 60.0
DRAFT = {"draft": "Hello"}
RAN = ["write:Hello", "act:Hello"]


class Desk:
    """A graph whose first node waits for a sign, with an inbox and an asynchronous saver."""

    def __init__(self, inbox: Inbox, saver: Any) -> None:
        self.inbox = inbox
        self.begun, self.sign = asyncio.Event(), asyncio.Event()
        builder: Builder = StateGraph(State)
        wait: Any = self._wait
        builder.add_node("wait", wait)
        builder.add_node("write", noting("write"))
        gate = human_approval("draft", inbox=inbox)
        add_review(builder, "gate", gate, approved="act", rejected="stop")
        builder.add_node("act", act)
        builder.add_node("stop", noting("stop"))
        builder.add_edge(START, "wait")
        builder.add_edge("wait", "write")
        builder.add_edge("write", "gate")
        self.app: App = inbox.register(builder.compile(checkpointer=saver), "desk")

    async def _wait(self, _state: State) -> dict[str, Any]:
        self.begun.set()
        await self.sign.wait()
        return {}


@asynccontextmanager
async def desk_in(folder: Path, **options: Any) -> AsyncIterator[Desk]:
    with Inbox.open(f"sqlite:///{folder / 'reviews.db'}", **options) as inbox:
        async with AsyncSqliteSaver.from_conn_string(str(folder / "threads.db")) as saver:
            yield Desk(inbox, saver)


def config(thread: object) -> RunnableConfig:
    return {"configurable": {"thread_id": str(thread)}}


@pytest.fixture
async def few_threads() -> AsyncIterator[None]:
    """An event loop whose executor has two threads."""
    with ThreadPoolExecutor(FEW_THREADS) as executor:
        asyncio.get_running_loop().set_default_executor(executor)
        yield


@pytest.mark.usefixtures("few_threads")
async def test_fifty_threads_at_once(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk, asyncio.timeout(SOON):
        desk.sign.set()
        await asyncio.gather(*(desk.app.ainvoke(DRAFT, config(n)) for n in range(MANY)))
        waiting = await desk.inbox.apending(limit=100)
        assert len(waiting) == MANY
        await asyncio.gather(
            *(desk.inbox.adecide(review.id, Approve(), by="ann") for review in waiting)
        )
        for n in range(MANY):
            assert (await desk.app.aget_state(config(n))).values["ran"] == RAN
        assert await desk.inbox.averify()


@pytest.mark.usefixtures("few_threads")
async def test_fifty_runs_of_one_thread_wait_for_the_first(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk, asyncio.timeout(SOON):
        first = asyncio.create_task(desk.app.ainvoke(DRAFT, config(1)))
        await desk.begun.wait()
        others = [asyncio.create_task(desk.app.ainvoke(None, config(1))) for _ in range(MANY)]
        await asyncio.sleep(0)
        desk.sign.set()
        await asyncio.gather(first, *others)
        (review,) = await desk.inbox.apending()
        decided = await desk.inbox.adecide(review.id, Approve(), by="ann")
        assert decided.status == "applied"


@pytest.mark.usefixtures("few_threads")
async def test_deciding_while_fifty_runs_wait(tmp_path: Path) -> None:
    """The decision is left to whoever holds the thread, and is followed when all have gone."""
    async with desk_in(tmp_path) as desk, asyncio.timeout(SOON):
        desk.sign.set()
        await desk.app.ainvoke(DRAFT, config(1))
        (review,) = await desk.inbox.apending()
        runs = [desk.app.ainvoke(None, config(1)) for _ in range(MANY)]
        await asyncio.gather(desk.inbox.adecide(review.id, Approve(), by="ann"), *runs)
        assert (await desk.inbox.aget(review.id)).status == "applied"
        assert (await desk.app.aget_state(config(1))).values["ran"] == RAN


async def test_waiting_in_threads_of_the_loop_leaves_some_to_the_nodes(tmp_path: Path) -> None:
    """More `to_thread(invoke)` than there are threads, beside the `ainvoke` that they wait for."""
    async with desk_in(tmp_path) as desk, asyncio.timeout(SOON):
        first = asyncio.create_task(desk.app.ainvoke(DRAFT, config(1)))
        await desk.begun.wait()
        others = [
            asyncio.create_task(asyncio.to_thread(desk.app.invoke, None, config(1)))
            for _ in range(MANY)
        ]
        await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        desk.sign.set()
        results = await asyncio.gather(first, *others, return_exceptions=True)
        kinds = Counter(type(result) for result in results)
        assert set(kinds) == {dict, ThreadBusy}
        assert kinds[dict] >= 2
        (busy, *_) = (result for result in results if isinstance(result, ThreadBusy))
        assert "ainvoke" in str(busy)
        assert not (await desk.inbox.apending())[0].wake
