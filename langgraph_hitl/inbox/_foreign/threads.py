"""Which threads of a saver are paused, without decoding all of its checkpoints.

LangGraph has no such query. The savers of LangGraph on SQLite and PostgreSQL are asked by SQL; all
others, and these if their tables are not as expected, checkpoint by checkpoint.
"""

from __future__ import annotations

import logging
from typing import Any

_log = logging.getLogger(__name__)

_PAUSED = (
    "SELECT DISTINCT w.thread_id AS thread_id FROM {writes} AS w WHERE w.checkpoint_ns = ''"
    " AND w.channel = '__interrupt__' AND w.checkpoint_id = (SELECT MAX(c.checkpoint_id)"
    " FROM checkpoints AS c WHERE c.thread_id = w.thread_id AND c.checkpoint_ns = '')"
)
_EVERY = "SELECT DISTINCT thread_id AS thread_id FROM checkpoints WHERE checkpoint_ns = ''"
_INTERRUPT = "__interrupt__"


def threads_of(saver: Any, *, every: bool) -> list[str]:
    """The ids of the threads that are paused at an interrupt, or of `every` thread."""
    try:
        match _kind(saver):
            case "sqlite":
                with saver.cursor(transaction=False) as cursor:
                    return [row[0] for row in cursor.execute(_sql("writes", every)).fetchall()]
            case "postgres":
                with saver._cursor() as cursor:
                    rows = cursor.execute(_sql("checkpoint_writes", every)).fetchall()
                    return [row["thread_id"] for row in rows]
    except Exception:
        _log.info("the threads of %s are listed one by one", type(saver).__name__, exc_info=True)
    newest = _Newest(every)
    for found in saver.list(None):
        newest.see(found)
    return newest.threads


async def athreads_of(saver: Any, *, every: bool) -> list[str]:
    """`threads_of` for an asynchronous saver."""
    try:
        match _kind(saver):
            case "sqlite":
                await saver.setup()
                sql = _sql("writes", every)
                async with saver.lock, saver.conn.execute(sql) as cursor:
                    return [row[0] for row in await cursor.fetchall()]
            case "postgres":
                async with saver._cursor() as cursor:
                    await cursor.execute(_sql("checkpoint_writes", every))
                    return [row["thread_id"] for row in await cursor.fetchall()]
    except Exception:
        _log.info("the threads of %s are listed one by one", type(saver).__name__, exc_info=True)
    newest = _Newest(every)
    async for found in saver.alist(None):
        newest.see(found)
    return newest.threads


def _kind(saver: Any) -> str | None:
    """Told by name, because the packages need not be installed."""
    for kind in type(saver).__mro__:
        if kind.__name__ in ("SqliteSaver", "AsyncSqliteSaver"):
            return "sqlite"
        if kind.__name__ in ("PostgresSaver", "AsyncPostgresSaver"):
            return "postgres"
    return None


def _sql(writes: str, every: bool) -> str:
    return _EVERY if every else _PAUSED.format(writes=writes)


class _Newest:
    """The newest root checkpoint of every thread, and whether it has an interrupt.

    Nothing else is asked of a saver while it lists: some hold a lock meanwhile.
    """

    def __init__(self, every: bool) -> None:
        self._every = every
        self._newest: dict[str, tuple[str, bool]] = {}

    def see(self, found: Any) -> None:
        place = found.config["configurable"]
        if place.get("checkpoint_ns"):
            return
        paused = any(channel == _INTERRUPT for _, channel, _ in found.pending_writes or ())
        seen = (place["checkpoint_id"], paused)
        known = self._newest.get(place["thread_id"])
        if known is None or known[0] < seen[0]:
            self._newest[place["thread_id"]] = seen

    @property
    def threads(self) -> list[str]:
        return [thread for thread, (_, paused) in self._newest.items() if paused or self._every]
